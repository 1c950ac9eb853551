import type { Failure } from "./failure.ts";

const FIRST_MS = 100;
const LONGEST_MS = 5_000;
/** Somebody must act before it can succeed: no use in asking often. */
const SLOW_MS = 10_000;

/**
 * How long to wait after each failure in a row: 0.1 s doubling to 5 s, of which a random half is
 * taken, so that many nodes do not come back at once after an outage of the brain.
 */
export class RetryPace {
  readonly #random: () => number;
  #failures = 0;

  constructor(random: () => number) {
    this.#random = random;
  }

  succeeded(): void {
    this.#failures = 0;
  }

  afterMs(failure: Failure): number {
    const pauseMs = failure.pace === "slow" ? SLOW_MS : this.#backoffMs();
    return Math.max(pauseMs, failure.retryAfterMs ?? 0);
  }

  #backoffMs(): number {
    const fullMs = Math.min(LONGEST_MS, FIRST_MS * 2 ** this.#failures);
    // Counting stops where the delay does, so that the power stays a number.
    this.#failures += fullMs < LONGEST_MS ? 1 : 0;
    return fullMs * (0.5 + 0.5 * this.#random());
  }
}
