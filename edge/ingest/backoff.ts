/** Spread over half of the delay, so that cameras lost together do not return together. */
const JITTER = 0.5;

export interface BackoffOptions {
  readonly firstMs: number;
  readonly maxMs: number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

/** Delays that double from `firstMs` to `maxMs`, each shortened by up to half at random. */
export class Backoff {
  readonly #options: BackoffOptions;
  #attempt = 0;

  constructor(options: BackoffOptions) {
    this.#options = options;
  }

  next(): number {
    const { firstMs, maxMs, random } = this.#options;
    const fullMs = Math.min(maxMs, firstMs * 2 ** this.#attempt);
    // Beyond the largest delay more attempts change nothing; stopping here avoids overflow.
    if (fullMs < maxMs) {
      this.#attempt++;
    }
    return fullMs * (1 - JITTER * random());
  }

  reset(): void {
    this.#attempt = 0;
  }
}
