/** The three clocks of a case: found→reported, reported→dispatched, dispatched→contained. */
import { type ClockName, type ClockPolicy, type EpochMs } from "../../protocol/index.ts";

export interface ClockTimes {
  readonly onset: EpochMs;
  readonly reportedAt: EpochMs;
  readonly dispatchedAt: EpochMs | null;
  readonly containedAt: EpochMs | null;
}

export interface ClockReading {
  readonly startedAt: EpochMs | null;
  readonly dueAt: EpochMs | null;
  readonly stoppedAt: EpochMs | null;
  readonly limitMs: number;
}

/** `limits` are the case's own copy of the policy, as it was when the case opened. */
export function readClocks(
  limits: ClockPolicy,
  times: ClockTimes,
): Readonly<Record<ClockName, ClockReading>> {
  const clock = (startedAt: EpochMs | null, stoppedAt: EpochMs | null, limitMs: number) => ({
    startedAt,
    dueAt: startedAt === null ? null : startedAt + limitMs,
    stoppedAt,
    limitMs,
  });
  return {
    report: clock(times.onset, times.reportedAt, limits.report),
    dispatch: clock(times.reportedAt, times.dispatchedAt, limits.dispatch),
    contain: clock(times.dispatchedAt, times.containedAt, limits.contain),
  };
}
