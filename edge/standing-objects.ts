/**
 * Objects that stand where nothing moves. They are held without a look; when a look at the whole
 * picture does not find one again, it gets a second one before it is given up, since a detector
 * misses the same still object now and then while an object that left would have moved.
 */
import { iou, sharedArea, type BoxNorm } from "../protocol/index.ts";
import type { Track, TrackedDetection } from "./track/index.ts";

/** Looks without finding it after which a standing object is believed to be gone. */
const MISSES = 2;
/**
 * Share of a box that has to lie in a looked-at region for its absence to mean something: an object
 * that the region's border cuts is not told as a detection.
 */
const LOOKED_SHARE = 0.98;
/** A detection that overlaps this much shows that the object is still there. */
const SAME_OVERLAP = 0.3;

export class StandingObjects {
  /** Track id → looks in a row that did not find it. */
  readonly #misses = new Map<number, number>();

  /** Some object was missed and not given up yet. */
  get isDoubtful(): boolean {
    return [...this.#misses.values()].some((misses) => misses > 0);
  }

  has(trackId: number): boolean {
    return this.#misses.has(trackId);
  }

  /** Nothing moved in a frame: whatever is followed stands. */
  noteStill(tracks: readonly Track[]): void {
    const living = new Set(tracks.map((track) => track.id));
    for (const id of this.#misses.keys()) {
      if (!living.has(id)) {
        this.#misses.delete(id);
      }
    }
    for (const track of tracks) {
      if (track.state === "confirmed" && !this.#misses.has(track.id)) {
        this.#misses.set(track.id, 0);
      }
    }
  }

  /**
   * Which tracks a look leaves as they were.
   * @param looked in the tracks' unit; the whole picture when left out.
   */
  whatToHold(
    tracks: readonly Track[],
    found: readonly TrackedDetection[],
    looked: readonly BoxNorm[] | undefined,
  ): (track: Track) => boolean {
    const held = new Set(
      tracks.filter((track) =>
        looked === undefined ? this.#isExcused(track, found) : !this.#isLookedAt(track, looked),
      ),
    );
    return (track) => held.has(track);
  }

  /** Where something moves, nothing stands any more; its next sight or absence counts at once. */
  #isLookedAt(track: Track, looked: readonly BoxNorm[]): boolean {
    const isLookedAt = looked.some((region) => shareInside(track.box, region) >= LOOKED_SHARE);
    if (isLookedAt) {
      this.#misses.delete(track.id);
    }
    return isLookedAt;
  }

  #isExcused(track: Track, found: readonly TrackedDetection[]): boolean {
    const misses = this.#misses.get(track.id);
    if (misses === undefined) {
      return false;
    }
    if (isFound(track, found)) {
      this.#misses.set(track.id, 0);
      return false;
    }
    if (misses + 1 >= MISSES) {
      this.#misses.delete(track.id);
      return false;
    }
    this.#misses.set(track.id, misses + 1);
    return true;
  }
}

function isFound(track: Track, found: readonly TrackedDetection[]): boolean {
  return found.some((one) => one.label === track.label && iou(one.box, track.box) > SAME_OVERLAP);
}

function shareInside(box: BoxNorm, region: BoxNorm): number {
  return sharedArea(box, region) / (box.width * box.height);
}
