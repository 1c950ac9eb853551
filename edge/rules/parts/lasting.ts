/**
 * Whether something has lasted. A dip costs twice its own time instead of all that was reached, so
 * that a missed detection delays and a level that is there only now and then never lasts.
 */
import type { EpochMs } from "../../../protocol/index.ts";

const DIP_COST = 2;
/** Of a longer gap between two frames only this much counts: nobody knows what was there. */
const LONGEST_STEP_MS = 2000;

export class Lasting {
  readonly #holdMs: number;
  #reachedMs = 0;
  #since: EpochMs | undefined;
  #last: { readonly at: EpochMs; readonly isThere: boolean } | undefined;

  constructor(holdMs: number) {
    this.#holdMs = holdMs;
  }

  /**
   * @param from since when it is there, if that is told later.
   * @returns the first frame of what is there now and has lasted long enough.
   */
  observe(isThere: boolean, at: EpochMs, from = at): EpochMs | undefined {
    const stepMs = Math.min(LONGEST_STEP_MS, Math.max(0, at - (this.#last?.at ?? at)));
    const change = this.#last?.isThere === true ? stepMs : -DIP_COST * stepMs;
    const isNew = isThere && this.#since === undefined;
    const reachedMs = isNew ? at - from : this.#reachedMs + change;
    this.#reachedMs = Math.min(this.#holdMs, Math.max(0, reachedMs));
    this.#last = { at, isThere };
    if (isThere) {
      this.#since ??= from;
    } else if (this.#reachedMs === 0) {
      this.#since = undefined;
    }
    return isThere && this.#reachedMs >= this.#holdMs ? this.#since : undefined;
  }

  /** What was reached does not count any more. */
  reset(): void {
    this.#reachedMs = 0;
    this.#since = undefined;
    this.#last = undefined;
  }
}
