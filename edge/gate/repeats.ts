/** Tells a source that hangs from a scene in which nothing happens. */
import type { EpochMs } from "../../protocol/index.ts";

/**
 * Different pictures remembered. An encoder that is fed one and the same picture gives the same few
 * again in every period of its keyframes; ten seconds of 25 frames are enough for all but the rarest.
 */
const MEMORY = 256;
/**
 * Nothing but repeats for so long is a frozen source, ms: longer than the longest interval between
 * keyframes that cameras offer in their usual modes (10 s), and than most of their saving ones.
 */
const FROZEN_MS = 60_000;

export class Repeats {
  private readonly seen = new Int32Array(MEMORY);
  private count = 0;
  private next = 0;
  private last = 0;
  private since: EpochMs | undefined;

  /**
   * @param hash of the whole picture.
   * @param canTell false where the picture has no edges: one black is like another.
   * @param isStill nothing moves, so that a picture from a while ago is no clip that is shown again.
   * @returns since when the source has been frozen, or undefined.
   */
  note(hash: number, canTell: boolean, isStill: boolean, at: EpochMs): EpochMs | undefined {
    const isLast = this.count > 0 && hash === this.last;
    this.last = hash;
    if (!canTell || !(isStill || isLast)) {
      this.count = 0;
      this.next = 0;
      this.since = undefined;
    }
    if (!canTell) {
      return undefined;
    }
    const where = this.seen.indexOf(hash);
    if (where >= 0 && where < this.count) {
      this.since ??= at;
    } else {
      this.since = undefined;
      this.seen[this.next] = hash;
      this.next = (this.next + 1) % MEMORY;
      this.count = Math.min(MEMORY, this.count + 1);
    }
    return this.since !== undefined && at - this.since >= FROZEN_MS ? this.since : undefined;
  }
}
