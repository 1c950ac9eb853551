/** The clocks of a case: where they started and stopped, how much has passed, what is due. */
import { type EpochMs, type ServiceClock, serviceClockSchema } from "../../protocol/index.ts";
import type { WorkTime } from "./calendar.ts";
import type { CaseRecord, Pause } from "./case-record.ts";
import type { ClockLimit } from "./service-policy.ts";

/** One run of a clock. Pauses lie within it; the last one may be running. */
export interface ClockSpan {
  readonly clock: ServiceClock;
  readonly limit: ClockLimit;
  readonly startedAt: EpochMs;
  /** Null while it runs. */
  readonly stoppedAt: EpochMs | null;
  readonly pauses: readonly Pause[];
}

const OVER: ReadonlySet<string> = new Set(["REJECTED", "MERGED", "CANCELLED", "ARCHIVED"]);

/** Clocks that have started, in the order of their names. A case at its end has none running. */
export function clockSpans(record: CaseRecord): ClockSpan[] {
  return serviceClockSchema.options.flatMap((clock) => {
    const limit = record.policy.clocks[clock];
    const run = limit === null ? null : runOf(record, clock);
    if (limit === null || run === null || (run.stoppedAt === null && OVER.has(record.state))) {
      return [];
    }
    return [{ clock, limit, ...run }];
  });
}

type Run = Pick<ClockSpan, "startedAt" | "stoppedAt" | "pauses">;

function runOf({ round, pauses }: CaseRecord, clock: ServiceClock): Run | null {
  const run = (
    startedAt: EpochMs | null,
    stoppedAt: EpochMs | null,
    within: readonly Pause[] = [],
  ): Run | null => (startedAt === null ? null : { startedAt, stoppedAt, pauses: within });
  switch (clock) {
    case "dispatch":
      return run(round.startedAt, round.dispatchedAt);
    case "redispatch":
      // Ends with the next delivery, which forgets the return.
      return run(round.returnedAt, null);
    case "accept":
      return run(round.deliveredAt, round.acceptedAt);
    case "contain":
      return run(round.dispatchedAt, round.containedAt, pauses);
    case "close":
      return run(round.dispatchedAt, round.closedAt, pauses);
  }
}

/** Counted time of the span up to `now`, ms. It never falls as `now` rises. */
export function elapsedMs(work: WorkTime, span: ClockSpan, now: EpochMs): number {
  const { base } = span.limit;
  const end = Math.min(now, span.stoppedAt ?? now);
  const paused = span.pauses.reduce(
    (sum, pause) =>
      sum +
      work.between(base, Math.max(pause.from, span.startedAt), Math.min(pause.to ?? end, end)),
    0,
  );
  return work.between(base, span.startedAt, end) - paused;
}

/** When `percent` of the limit will have passed; null while the span stands or has stopped. */
export function dueAt(work: WorkTime, span: ClockSpan, percent: number): EpochMs | null {
  if (span.stoppedAt !== null || isPaused(span)) {
    return null;
  }
  const { base, limitMs } = span.limit;
  const amountMs = (limitMs * percent) / 100;
  // Count from the end of the last pause with what had passed by then.
  const from = Math.max(span.startedAt, ...span.pauses.map((pause) => pause.to ?? 0));
  const passedMs = elapsedMs(work, { ...span, stoppedAt: from }, from);
  return Math.ceil(work.add(base, from, amountMs - passedMs));
}

export function isPaused(span: ClockSpan): boolean {
  return span.pauses.some((pause) => pause.to === null);
}
