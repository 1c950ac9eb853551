/**
 * SORT (Bewley et al., "Simple online and realtime tracking", ICIP 2016) with the parameters of its
 * authors: a track lives through one frame unseen and is shown from its third match in a row on, or
 * at once in the first three frames. Written from the paper and checked against its published row
 * of TUD-Campus. It knows frames, not time.
 */
import type { BoxPx, TrackedDetection } from "../../../edge/track/index.ts";
import { iou } from "../../../protocol/index.ts";
import { assignLargest, type ResultBox } from "../metrics/index.ts";
import { AxisFilter } from "./axis-filter.ts";

const MAX_AGE = 1;
const MIN_HITS = 3;
const MIN_IOU = 0.3;
/** Variances of position and velocity in the beginning. */
const START = [10, 10_000] as const;
const CENTRE_NOISE = [1, 0.01] as const;
const AREA_NOISE = [1, 0.0001] as const;
const CENTRE_VARIANCE = 1;
const SHAPE_VARIANCE = 10;

class SortTrack {
  readonly id: number;
  readonly #x: AxisFilter;
  readonly #y: AxisFilter;
  readonly #area: AxisFilter;
  /** Width ÷ height; has no velocity. */
  readonly #aspect: AxisFilter;
  unseen = 0;
  streak = 0;

  constructor(id: number, { left, top, width, height }: BoxPx) {
    this.id = id;
    this.#x = new AxisFilter(left + width / 2, ...START);
    this.#y = new AxisFilter(top + height / 2, ...START);
    this.#area = new AxisFilter(width * height, ...START);
    this.#aspect = new AxisFilter(width / height, START[0], 0);
  }

  predict(): void {
    if (this.#area.position + this.#area.velocity <= 0) {
      this.#area.velocity = 0;
    }
    this.#x.predict(...CENTRE_NOISE);
    this.#y.predict(...CENTRE_NOISE);
    this.#area.predict(...AREA_NOISE);
    this.#aspect.predict(1, 0);
    if (this.unseen > 0) {
      this.streak = 0;
    }
    this.unseen += 1;
  }

  see({ left, top, width, height }: BoxPx): void {
    this.#x.correct(left + width / 2, CENTRE_VARIANCE);
    this.#y.correct(top + height / 2, CENTRE_VARIANCE);
    this.#area.correct(width * height, SHAPE_VARIANCE);
    this.#aspect.correct(width / height, SHAPE_VARIANCE);
    this.unseen = 0;
    this.streak += 1;
  }

  /** NaN where the area or the aspect has become negative. */
  get box(): BoxPx {
    const width = Math.sqrt(this.#area.position * this.#aspect.position);
    const height = this.#area.position / width;
    const [left, top] = [this.#x.position - width / 2, this.#y.position - height / 2];
    return { left, top, width, height };
  }
}

export class Sort {
  readonly #minScore: number;
  #tracks: SortTrack[] = [];
  #frames = 0;
  #nextId = 1;

  /** @param minScore detections below are not given to it; the paper gives it all of its own. */
  constructor(minScore = 0) {
    this.#minScore = minScore;
  }

  update(_atMs: number, all: readonly TrackedDetection[]): readonly ResultBox[] {
    this.#frames += 1;
    const boxes = all.filter(({ score }) => score >= this.#minScore).map(({ box }) => box);
    for (const track of this.#tracks) {
      track.predict();
    }
    this.#tracks = this.#tracks.filter(({ box }) => box.width > 0);
    const rows = this.#associate(boxes);
    boxes.forEach((box, row) => {
      const track = this.#tracks[rows[row] as number];
      if (track === undefined) {
        this.#tracks.push(new SortTrack(this.#nextId++, box));
      } else {
        track.see(box);
      }
    });
    this.#tracks = this.#tracks.filter(({ unseen }) => unseen <= MAX_AGE);
    return this.#tracks
      .filter(({ unseen, streak }) => {
        return unseen === 0 && (streak >= MIN_HITS || this.#frames <= MIN_HITS);
      })
      .map(({ id, box }) => ({ id, box }));
  }

  /** @returns for each box its track's index, or −1. */
  #associate(boxes: readonly BoxPx[]): Int32Array {
    const tracks = this.#tracks.map(({ box }) => box);
    const scores = new Float64Array(boxes.length * tracks.length);
    boxes.forEach((box, row) => {
      tracks.forEach((track, column) => {
        scores[row * tracks.length + column] = iou(box, track);
      });
    });
    const found = onlyWay(scores, boxes.length, tracks.length);
    const matched = found ?? assignLargest(scores, boxes.length, tracks.length);
    // After the assignment, as the authors do: overlaps too small to count still compete.
    return matched.map((column, row) =>
      column >= 0 && (scores[row * tracks.length + column] as number) >= MIN_IOU ? column : -1,
    );
  }
}

/** The pairs above the limit, if no row and no column has two. */
function onlyWay(scores: Float64Array, rows: number, columns: number): Int32Array | undefined {
  const result = new Int32Array(rows).fill(-1);
  const taken = new Uint8Array(columns);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      if ((scores[row * columns + column] as number) > MIN_IOU) {
        if (result[row] !== -1 || taken[column] === 1) {
          return undefined;
        }
        result[row] = column;
        taken[column] = 1;
      }
    }
  }
  return result;
}
