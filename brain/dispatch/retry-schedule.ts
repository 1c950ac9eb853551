/**
 * When a failed delivery is tried again. Up to the dispatch deadline retries are fast, because
 * minutes count; after it they go on slowly for three days, then the delivery is dead.
 */
import type { EpochMs } from "../../protocol/index.ts";

/** Seconds before attempt 1, 2, 3 …; the last one repeats until the deadline. */
const FAST_S = [0, 1, 2, 4, 8, 15, 30] as const;
/** Minutes before each attempt after the deadline; the last one repeats. */
const SLOW_MIN = [2, 10, 30] as const;
/** Up to this share is added, so that many deliveries do not come back in one moment. */
const JITTER = 0.2;
/** A department may not postpone beyond this. */
const MAX_RETRY_AFTER_MS = 2 * 3_600_000;

export interface FailedAttempt {
  /** Attempts made so far, this one included. */
  readonly attempts: number;
  /** Slow retries granted so far. */
  readonly slowAttempts: number;
  readonly now: EpochMs;
  readonly fastUntil: EpochMs;
  readonly giveUpAt: EpochMs;
  /** `config`: the endpoint itself must be corrected, so asking often helps nobody. */
  readonly failure: "transient" | "config";
  readonly retryAfterMs: number | null;
  /** 0 ≤ random() < 1. */
  readonly random: () => number;
}

export type NextAttempt =
  | { readonly kind: "retry"; readonly at: EpochMs; readonly slow: boolean }
  | { readonly kind: "dead" };

export function nextAttempt(failed: FailedAttempt): NextAttempt {
  const { now, fastUntil, giveUpAt } = failed;
  if (now >= giveUpAt) {
    return { kind: "dead" };
  }
  const slow = failed.failure === "config" || now >= fastUntil;
  const baseMs = slow
    ? pick(SLOW_MIN, failed.slowAttempts) * 60_000
    : pick(FAST_S, failed.attempts) * 1000;
  const delayMs = baseMs * (1 + JITTER * failed.random());
  const longestMs = slow ? MAX_RETRY_AFTER_MS : fastUntil - now;
  const asked = Math.min(failed.retryAfterMs ?? 0, longestMs);
  const at = Math.round(now + Math.max(delayMs, asked));
  return { kind: "retry", at: Math.min(at, giveUpAt), slow };
}

function pick(steps: readonly number[], index: number): number {
  return steps[Math.min(index, steps.length - 1)] ?? 0;
}

/** Statuses that say: come again. Every other 3xx and 4xx asks for a correction by people. */
const TRANSIENT_STATUSES: ReadonlySet<number> = new Set([408, 425, 429]);

export function failureOf(status: number | null): FailedAttempt["failure"] {
  const isConfig =
    status !== null && status >= 300 && status < 500 && !TRANSIENT_STATUSES.has(status);
  return isConfig ? "config" : "transient";
}

/** `Retry-After` in ms: seconds or an HTTP date; null for anything else. */
export function parseRetryAfter(text: string | undefined, now: EpochMs): number | null {
  if (text === undefined) {
    return null;
  }
  if (/^\d{1,9}$/.test(text)) {
    return Number(text) * 1000;
  }
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : Math.max(0, at - now);
}
