/**
 * Time everywhere is epoch milliseconds, UTC. On the wire it is RFC 3339 in UTC with milliseconds.
 */
import { z } from "zod";

export type EpochMs = number;

/** The only source of time below a composition root, so that a test can move it. */
export interface Clock {
  /** Wall time, epoch ms. */
  now(): EpochMs;
  /** Resolves after `delayMs`; rejects with the signal's reason when it is aborted. */
  wait(delayMs: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  wait: (delayMs, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason as Error);
        return;
      }
      const onAbort = (): void => {
        clearTimeout(timer);
        reject(signal?.reason as Error);
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener("abort", onAbort);
        resolve();
      }, delayMs);
      signal?.addEventListener("abort", onAbort, { once: true });
    }),
};

/** RFC 3339 date-time with an offset; `parseTime` gives epoch ms. */
export const timestampSchema = z.iso.datetime({ offset: true });

export function formatTime(at: EpochMs): string {
  return new Date(at).toISOString();
}

export function parseTime(text: string): EpochMs {
  return Date.parse(text);
}
