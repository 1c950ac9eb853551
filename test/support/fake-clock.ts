import type { Clock, EpochMs } from "../../protocol/index.ts";

interface Sleeper {
  readonly due: EpochMs;
  readonly resolve: () => void;
}

/** A clock that moves only when it is told to; waits that fall due are released in order. */
export class FakeClock implements Clock {
  #now: EpochMs;
  #sleepers: Sleeper[] = [];

  constructor(now: EpochMs = 1_700_000_000_000) {
    this.#now = now;
  }

  now(): EpochMs {
    return this.#now;
  }

  wait(delayMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason as Error);
        return;
      }
      const onAbort = (): void => {
        this.#sleepers = this.#sleepers.filter((one) => one !== sleeper);
        reject(signal?.reason as Error);
      };
      const sleeper = {
        due: this.#now + delayMs,
        resolve: () => {
          signal?.removeEventListener("abort", onAbort);
          resolve();
        },
      };
      this.#sleepers.push(sleeper);
      signal?.addEventListener("abort", onAbort, { once: true });
    });
  }

  /** How many waits are under way. */
  get sleepers(): number {
    return this.#sleepers.length;
  }

  /** Moves time forward, releases what falls due on the way, and lets its followers run. */
  async advance(byMs: number): Promise<void> {
    const end = this.#now + byMs;
    await settle();
    for (;;) {
      const next = this.#sleepers.filter((one) => one.due <= end).sort((a, b) => a.due - b.due)[0];
      if (next === undefined) {
        break;
      }
      this.#now = Math.max(this.#now, next.due);
      this.#sleepers = this.#sleepers.filter((one) => one !== next);
      next.resolve();
      await settle();
    }
    this.#now = end;
  }
}

/** Lets everything run that is ready to. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}
