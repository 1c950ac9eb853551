/** What one of a case's three clocks says at a moment. */
import type { ClockView } from "../../protocol/index.ts";

/** How much of the limit is used: under half, 50 %, 80 %, or past it. */
export type ClockLevel = "calm" | "half" | "most" | "over";

export type ClockReading =
  | { readonly kind: "waiting"; readonly limitMs: number }
  | {
      readonly kind: "running" | "stopped";
      readonly limitMs: number;
      /** From the start until now, or until it stopped; never negative. */
      readonly elapsedMs: number;
      /** Negative once the limit has passed. */
      readonly remainingMs: number;
      /** Elapsed share of the limit, 0 and up; over 1 is late. */
      readonly fraction: number;
      readonly level: ClockLevel;
    };

/** `nowMs` is the brain's time. The limit is what the case carries, not the policy of today. */
export function readClock(clock: ClockView, nowMs: number): ClockReading {
  if (clock.startedAt === null) {
    return { kind: "waiting", limitMs: clock.limitMs };
  }
  const startMs = Date.parse(clock.startedAt);
  const dueMs = clock.dueAt === null ? startMs + clock.limitMs : Date.parse(clock.dueAt);
  const limitMs = Math.max(1, dueMs - startMs);
  const endMs = clock.stoppedAt === null ? nowMs : Date.parse(clock.stoppedAt);
  const elapsedMs = Math.max(0, endMs - startMs);
  const fraction = elapsedMs / limitMs;
  return {
    kind: clock.stoppedAt === null ? "running" : "stopped",
    limitMs,
    elapsedMs,
    remainingMs: limitMs - elapsedMs,
    fraction,
    level: levelOf(fraction),
  };
}

export function levelOf(fraction: number): ClockLevel {
  if (fraction >= 1) {
    return "over";
  }
  if (fraction >= 0.8) {
    return "most";
  }
  return fraction >= 0.5 ? "half" : "calm";
}

/** `0.42 s`, `12.3 s` below a minute; then `4:05`; then `1:02:33`. */
export function formatDuration(durationMs: number): string {
  const absMs = Math.abs(durationMs);
  if (absMs < 59_950) {
    return `${(absMs / 1000).toFixed(absMs < 995 ? 2 : 1)} s`;
  }
  return formatCountdown(absMs);
}

/** Whole seconds as `0:07`, `4:05` or `1:02:33`: fixed places, so that it does not dance. */
export function formatCountdown(durationMs: number): string {
  const seconds = Math.floor(Math.abs(durationMs) / 1000);
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  const tail = String(seconds % 60).padStart(2, "0");
  return hours === 0
    ? `${minutes}:${tail}`
    : `${hours}:${String(minutes).padStart(2, "0")}:${tail}`;
}

export type Age = { readonly unit: "now" | "s" | "min" | "h" | "d"; readonly count: number };

/** Rounded down to the largest unit; under 5 s is "now". */
export function ageOf(fromMs: number, nowMs: number): Age {
  const seconds = Math.max(0, Math.floor((nowMs - fromMs) / 1000));
  if (seconds < 5) {
    return { unit: "now", count: 0 };
  }
  if (seconds < 60) {
    return { unit: "s", count: seconds };
  }
  if (seconds < 3600) {
    return { unit: "min", count: Math.floor(seconds / 60) };
  }
  return seconds < 86_400
    ? { unit: "h", count: Math.floor(seconds / 3600) }
    : { unit: "d", count: Math.floor(seconds / 86_400) };
}
