import type { Clock } from "../../../protocol/index.ts";

interface Waiter {
  readonly delayMs: number;
  readonly wake: () => void;
}

/** Time stands still; a test sees each wait and ends it by hand. */
export class FakeClock implements Clock {
  #now: number;
  readonly #waiters = new Set<Waiter>();
  readonly #watchers = new Set<() => void>();

  constructor(now = Date.UTC(2026, 0, 2, 3, 4, 5)) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  set(now: number): void {
    this.#now = now;
  }

  wait(delayMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = (finish: () => void): void => {
        this.#waiters.delete(waiter);
        signal?.removeEventListener("abort", onAbort);
        finish();
      };
      const onAbort = (): void => end(() => reject(signal?.reason));
      const waiter = { delayMs, wake: () => end(resolve) };
      if (signal?.aborted === true) {
        reject(signal.reason);
        return;
      }
      signal?.addEventListener("abort", onAbort, { once: true });
      this.#waiters.add(waiter);
      for (const watcher of this.#watchers) {
        watcher();
      }
    });
  }

  /** Resolves once somebody waits for such a time, moves there and wakes them; gives the time. */
  async pass(matches: (delayMs: number) => boolean): Promise<number> {
    const waiter = await this.#find(matches);
    this.#now += waiter.delayMs;
    waiter.wake();
    return waiter.delayMs;
  }

  /** Resolves once somebody waits for such a time. */
  async until(matches: (delayMs: number) => boolean): Promise<void> {
    await this.#find(matches);
  }

  #find(matches: (delayMs: number) => boolean): Promise<Waiter> {
    return new Promise((resolve) => {
      const look = (): void => {
        const found = [...this.#waiters].find((one) => matches(one.delayMs));
        if (found !== undefined) {
          this.#watchers.delete(look);
          resolve(found);
        }
      };
      this.#watchers.add(look);
      look();
    });
  }
}
