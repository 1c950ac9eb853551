/** A clock for mounts: waiting takes no time, and the run ends at a given moment. */
import type { Clock } from "../../../protocol/index.ts";

export class FastClock implements Clock {
  readonly #ended = new AbortController();
  readonly #endMs: number;
  readonly #hooks: { readonly atMs: number; readonly act: () => void }[] = [];
  nowMs: number;

  constructor(startMs: number, endMs: number) {
    this.nowMs = startMs;
    this.#endMs = endMs;
  }

  get signal(): AbortSignal {
    return this.#ended.signal;
  }

  /** Does something in the first wait that reaches `atMs`. */
  at(atMs: number, act: () => void): void {
    this.#hooks.push({ atMs, act });
  }

  now(): number {
    return this.nowMs;
  }

  wait(delayMs: number): Promise<void> {
    this.nowMs += delayMs;
    for (const hook of this.#hooks.filter(({ atMs }) => atMs <= this.nowMs)) {
      this.#hooks.splice(this.#hooks.indexOf(hook), 1);
      hook.act();
    }
    if (this.nowMs >= this.#endMs) {
      this.#ended.abort();
    }
    return Promise.resolve();
  }
}
