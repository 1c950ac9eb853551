/**
 * Lets sources start a few at a time. A decoder that starts probes its stream at full speed; when a
 * switch comes back and every camera of a node reconnects at once, they would starve the cameras
 * that are live already, and each other, for tens of seconds.
 */
import type { Clock } from "../../protocol/index.ts";

export interface StartTurnsOptions {
  readonly clock: Clock;
  /** Sources that may be starting at the same time. */
  readonly limit: number;
  /** A turn ends by itself after this, so that a dead camera does not keep others waiting, ms. */
  readonly holdMs?: number;
}

/** A decoder on a busy machine shows its first picture within about this time. */
const HOLD_MS = 1_500;

export class StartTurns {
  readonly #clock: Clock;
  readonly #holdMs: number;
  readonly #waiting: (() => void)[] = [];
  #free: number;

  constructor({ clock, limit, holdMs = HOLD_MS }: StartTurnsOptions) {
    this.#clock = clock;
    this.#free = limit;
    this.#holdMs = holdMs;
  }

  /**
   * Waits for a turn, first come first served.
   * @returns ends the turn; calling it again does nothing.
   * @throws the signal's reason.
   */
  async take(signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    if (this.#free > 0) {
      this.#free--;
    } else {
      await this.#queue(signal);
    }
    const held = new AbortController();
    let isOver = false;
    const end = (): void => {
      if (!isOver) {
        isOver = true;
        held.abort();
        this.#pass();
      }
    };
    void this.#clock.wait(this.#holdMs, held.signal).then(end, () => undefined);
    return end;
  }

  #queue(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const onTurn = (): void => {
        signal.removeEventListener("abort", onAbort);
        resolve();
      };
      const onAbort = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(onTurn), 1);
        reject(signal.reason);
      };
      signal.addEventListener("abort", onAbort, { once: true });
      this.#waiting.push(onTurn);
    });
  }

  #pass(): void {
    const next = this.#waiting.shift();
    if (next === undefined) {
      this.#free++;
    } else {
      next();
    }
  }
}
