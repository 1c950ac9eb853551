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

  /** @returns the first frame of what is there now and has lasted long enough. */
  observe(isThere: boolean, at: EpochMs): EpochMs | undefined {
    const stepMs = Math.min(LONGEST_STEP_MS, Math.max(0, at - (this.#last?.at ?? at)));
    const change = this.#last?.isThere === true ? stepMs : -DIP_COST * stepMs;
    this.#reachedMs = Math.min(this.#holdMs, Math.max(0, this.#reachedMs + change));
    this.#last = { at, isThere };
    if (isThere) {
      this.#since ??= at;
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
