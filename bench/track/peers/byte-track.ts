/**
 * ByteTrack (Zhang et al., "ByteTrack: Multi-object tracking by associating every detection box",
 * ECCV 2022) with the parameters that its authors use on MOT17, written after the paper and the
 * published behaviour of its reference implementation. It knows frames, not time.
 */
import type { BoxPx, TrackedDetection } from "../../../edge/track/index.ts";
import { assignLargest, type ResultBox } from "../metrics/index.ts";
import { ByteMotion } from "./byte-motion.ts";

export interface ByteTrackOptions {
  /** Detections at or above are sure. */
  readonly sureScore: number;
  /** Frames that a lost track is kept: one second in the authors' evaluation. */
  readonly bufferFrames: number;
}

const UNSURE_SCORE = 0.1;
/** By how much a new track's detection has to be surer. */
const START_MARGIN = 0.1;
/** Largest cost of a pair: 1 − overlap × score, and 1 − overlap with unsure detections. */
const SURE_LIMIT = 0.9;
const UNSURE_LIMIT = 0.5;
const UNCONFIRMED_LIMIT = 0.7;
/** Two tracks that overlap by more are one; the older stays. */
const DUPLICATE_IOU = 0.85;
/** The authors write no boxes that are small or lie down: pixels, width ÷ height. */
const MIN_AREA = 100;
const MAX_ASPECT = 1.6;

type State = "tracked" | "lost" | "removed";

interface ByteTracked {
  readonly id: number;
  readonly motion: ByteMotion;
  state: State;
  isConfirmed: boolean;
  readonly firstFrame: number;
  lastFrame: number;
}

export class ByteTrack {
  readonly #options: ByteTrackOptions;
  #tracked: ByteTracked[] = [];
  #lost: ByteTracked[] = [];
  /** A track once given up is never kept again when it is lost a second time. */
  readonly #removed = new WeakSet<ByteTracked>();
  #frame = 0;
  #nextId = 1;

  constructor(options: ByteTrackOptions) {
    this.#options = options;
  }

  update(_atMs: number, detections: readonly TrackedDetection[]): readonly ResultBox[] {
    this.#frame += 1;
    const { sureScore } = this.#options;
    // Scores come in hundredths: one at the limit is sure, where the reference takes it for neither.
    const sure = detections.filter(({ score }) => score >= sureScore);
    const unsure = detections.filter(({ score }) => score > UNSURE_SCORE && score < sureScore);
    const unconfirmed = this.#tracked.filter(({ isConfirmed }) => !isConfirmed);
    const confirmed = this.#tracked.filter(({ isConfirmed }) => isConfirmed);
    const pool = [...confirmed, ...this.#lost];
    for (const { motion, state } of pool) {
      motion.predict(state !== "tracked");
    }
    const first = match(pool, sure, SURE_LIMIT, true);
    const left = first.tracks.filter(({ state }) => state === "tracked");
    const second = match(left, unsure, UNSURE_LIMIT, false);
    const third = match(unconfirmed, first.detections, UNCONFIRMED_LIMIT, true);
    for (const [track, { box }] of [...first.pairs, ...second.pairs, ...third.pairs]) {
      this.#see(track, box);
    }
    for (const track of second.tracks) {
      track.state = "lost";
    }
    for (const track of third.tracks) {
      track.state = "removed";
    }
    const isNew = ({ score }: TrackedDetection): boolean => score >= sureScore + START_MARGIN;
    const started = third.detections.filter(isNew).map(({ box }) => this.#start(box));
    this.#settle([...pool, ...unconfirmed, ...started], second.tracks);
    return this.#tracked
      .filter(({ isConfirmed }) => isConfirmed)
      .map(({ id, motion }) => ({ id, box: motion.box }))
      .filter(({ box }) => isWritten(box));
  }

  #see(track: ByteTracked, box: BoxPx): void {
    track.motion.correct(box);
    track.state = "tracked";
    track.isConfirmed = true;
    track.lastFrame = this.#frame;
  }

  #start(box: BoxPx): ByteTracked {
    return {
      id: this.#nextId++,
      motion: new ByteMotion(box),
      state: "tracked",
      isConfirmed: this.#frame === 1,
      firstFrame: this.#frame,
      lastFrame: this.#frame,
    };
  }

  /** What is tracked and what is lost after this frame. */
  #settle(all: readonly ByteTracked[], newlyLost: readonly ByteTracked[]): void {
    const stillLost = this.#lost.filter(({ state }) => state !== "tracked");
    const tooOld = this.#lost.filter(
      ({ lastFrame }) => this.#frame - lastFrame > this.#options.bufferFrames,
    );
    this.#tracked = all.filter(({ state }) => state === "tracked");
    // What grows too old in this frame goes in the next one.
    this.#lost = [...stillLost, ...newlyLost].filter((track) => !this.#removed.has(track));
    for (const track of tooOld) {
      this.#removed.add(track);
    }
    this.#dropDuplicates();
  }

  #dropDuplicates(): void {
    const dropped = new Set<ByteTracked>();
    for (const track of this.#tracked) {
      for (const lost of this.#lost) {
        if (overlapOf(track.motion.box, lost.motion.box) > DUPLICATE_IOU) {
          const isOlder = track.lastFrame - track.firstFrame > lost.lastFrame - lost.firstFrame;
          dropped.add(isOlder ? lost : track);
        }
      }
    }
    this.#tracked = this.#tracked.filter((track) => !dropped.has(track));
    this.#lost = this.#lost.filter((track) => !dropped.has(track));
  }
}

interface Matching {
  readonly pairs: readonly (readonly [ByteTracked, TrackedDetection])[];
  /** Left alone. */
  readonly tracks: readonly ByteTracked[];
  readonly detections: readonly TrackedDetection[];
}

function match(
  tracks: readonly ByteTracked[],
  detections: readonly TrackedDetection[],
  limit: number,
  isWeighed: boolean,
): Matching {
  const scores = new Float64Array(tracks.length * detections.length);
  tracks.forEach(({ motion }, row) => {
    const { box } = motion;
    detections.forEach((detection, column) => {
      const likeness = overlapOf(box, detection.box) * (isWeighed ? detection.score : 1);
      // A pair is worth what it stays below the price of leaving both alone.
      scores[row * detections.length + column] = Math.max(0, limit - (1 - likeness));
    });
  });
  const columns = assignLargest(scores, tracks.length, detections.length);
  const taken = new Set(columns);
  return {
    pairs: tracks.flatMap((track, row) => {
      const detection = detections[columns[row] as number];
      return detection === undefined ? [] : [[track, detection] as const];
    }),
    tracks: tracks.filter((_, row) => columns[row] === -1),
    detections: detections.filter((_, column) => !taken.has(column)),
  };
}

/** IoU of boxes whose last pixel belongs to them, as the reference counts. */
function overlapOf(a: BoxPx, b: BoxPx): number {
  const width = Math.min(a.left + a.width, b.left + b.width) - Math.max(a.left, b.left) + 1;
  const height = Math.min(a.top + a.height, b.top + b.height) - Math.max(a.top, b.top) + 1;
  if (width <= 0 || height <= 0) {
    return 0;
  }
  const shared = width * height;
  return shared / ((a.width + 1) * (a.height + 1) + (b.width + 1) * (b.height + 1) - shared);
}

function isWritten({ width, height }: BoxPx): boolean {
  return width * height > MIN_AREA && width / height <= MAX_ASPECT;
}
