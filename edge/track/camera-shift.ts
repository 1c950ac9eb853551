/**
 * A camera that shakes or pans moves everything at once: what several tracks that know their
 * detection beyond doubt have missed in common is the camera's, and is added to all expectations,
 * those of unseen tracks included.
 */
import type { Followed } from "./followed.ts";
import type { TrackedDetection } from "./track.ts";
import { grownOverlap } from "./similarity.ts";

/** Tracks that have to agree, and sights that one needs for knowing its velocity. */
const WITNESSES = 4;
const SIGHTS = 3;
/** How much boxes grow in the search of a witness, and what counts as found. */
const GROWTH = 0.5;
const FOUND = 0.3;
/** The second best detection has to be worse than this share of the best. */
const DISTINCT = 0.6;
/** Of its height, a witness's detection may differ by this factor. */
const SAME_HEIGHT = 1.15;
/** The median has to stand out from its standard error by this factor. */
const SIGNIFICANT = 2;
/** Standard error of a median from the median deviation: 1.4826 × √(π/2). */
const ERROR_PER_DEVIATION = 1.858;

export class CameraShift {
  readonly #dx: number[] = [];
  readonly #dy: number[] = [];
  #x = 0;
  #y = 0;

  /** Finds the shift of this frame, px; both are 0 where nothing is certain. */
  measure(tracks: readonly Followed[], sure: readonly TrackedDetection[]): void {
    this.#x = 0;
    this.#y = 0;
    if (tracks.length < WITNESSES || sure.length < WITNESSES) {
      return;
    }
    this.#dx.length = 0;
    this.#dy.length = 0;
    for (const track of tracks) {
      if (track.state === "confirmed" && track.hits >= SIGHTS) {
        this.#hear(track, sure);
      }
    }
    if (this.#dx.length >= WITNESSES) {
      this.#x = significantMedian(this.#dx);
      this.#y = significantMedian(this.#dy);
    }
  }

  get x(): number {
    return this.#x;
  }

  get y(): number {
    return this.#y;
  }

  #hear(track: Followed, sure: readonly TrackedDetection[]): void {
    let best = 0;
    let second = 0;
    let found: TrackedDetection | undefined;
    for (const detection of sure) {
      if (detection.label !== track.label) {
        continue;
      }
      const overlap = grownOverlap(track.expected, detection.box, GROWTH);
      if (overlap > best) {
        second = best;
        best = overlap;
        found = detection;
      } else if (overlap > second) {
        second = overlap;
      }
    }
    if (found === undefined || best <= FOUND || second >= best * DISTINCT) {
      return;
    }
    const { left, top, width, height } = found.box;
    const ratio = height / track.expected.height;
    if (ratio < SAME_HEIGHT && ratio > 1 / SAME_HEIGHT) {
      this.#dx.push(left + width / 2 - track.motion.x.position);
      this.#dy.push(top + height / 2 - track.motion.y.position);
    }
  }
}

/** The median, or 0 where it may be chance. Sorts and changes the values. */
function significantMedian(values: number[]): number {
  const middle = median(values);
  for (let index = 0; index < values.length; index++) {
    values[index] = Math.abs((values[index] as number) - middle);
  }
  const error = (ERROR_PER_DEVIATION * median(values)) / Math.sqrt(values.length);
  return Math.abs(middle) > SIGNIFICANT * error ? middle : 0;
}

function median(values: number[]): number {
  return values.sort(ascending)[values.length >> 1] as number;
}

function ascending(a: number, b: number): number {
  return a - b;
}
