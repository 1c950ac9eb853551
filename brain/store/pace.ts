/** Keeps the starts of transactions apart, so that what comes together is written together. */
import type { Clock } from "../../protocol/index.ts";

/** Resolves when the next may start: at once where the last started `gapMs` ago or more. */
export type Pace = (signal?: AbortSignal) => Promise<void>;

/** For one caller at a time. */
export function createPace(clock: Clock, gapMs: number): Pace {
  let startedAtMs = Number.NEGATIVE_INFINITY;
  return async (signal) => {
    const leftMs = startedAtMs + gapMs - performance.now();
    if (leftMs >= 1) {
      await clock.wait(leftMs, signal).catch(() => undefined);
    }
    startedAtMs = performance.now();
  };
}
