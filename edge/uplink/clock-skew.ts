import type { EpochMs } from "../../protocol/index.ts";

/** Samples among which the one with the shortest way is believed, as NTP's clock filter does. */
const WINDOW = 8;

export interface SkewSample {
  /** The brain's clock minus the node's: positive when the brain is ahead. */
  readonly skewMs: number;
  /** Time on the wire, both ways; the skew is right to half of it. */
  readonly roundTripMs: number;
}

/** Four timestamps of one exchange (RFC 5905 §8): two of the node's clock, two of the brain's. */
export interface Exchange {
  readonly sentAt: EpochMs;
  readonly receivedAt: EpochMs;
  readonly answeredAt: EpochMs;
  readonly returnedAt: EpochMs;
}

export class ClockSkew {
  #samples: SkewSample[] = [];

  /** undefined until the first exchange. */
  get best(): SkewSample | undefined {
    return this.#samples.reduce<SkewSample | undefined>(
      (best, one) => (best === undefined || one.roundTripMs < best.roundTripMs ? one : best),
      undefined,
    );
  }

  add({ sentAt, receivedAt, answeredAt, returnedAt }: Exchange): void {
    const roundTripMs = returnedAt - sentAt - (answeredAt - receivedAt);
    // Below zero: one of the clocks was set meanwhile, and older samples are wrong as well.
    if (roundTripMs < 0) {
      this.#samples = [];
      return;
    }
    const skewMs = (receivedAt - sentAt + (answeredAt - returnedAt)) / 2;
    this.#samples = [...this.#samples.slice(1 - WINDOW), { skewMs, roundTripMs }];
  }
}
