/** The time to report in: warnings on the way, and what silence at its end means. */
import type { EpochMs, EscalationLevel } from "../../protocol/index.ts";
import type { WorkTime } from "./calendar.ts";
import { type CaseEffect, note } from "./case-outcome.ts";
import { isOver, type Party, REPORT_IN, type WhistleRecord } from "./whistle-record.ts";

export interface WhistleTimer {
  readonly kind: "report-in";
  readonly dueAt: EpochMs;
}

const PERCENTS = [50, 80, 100] as const;
/** Silence at the deadline is a matter for the district. */
const SILENCE_LEVEL: EscalationLevel = 4;

export function whistleTimers(whistle: WhistleRecord, work: WorkTime): WhistleTimer[] {
  const percent = PERCENTS[whistle.fired];
  if (percent === undefined || isOver(whistle)) {
    return [];
  }
  const { base, limitMs } = REPORT_IN[whistle.kind];
  const due =
    percent === 100
      ? whistle.dueAt
      : Math.ceil(work.add(base, whistle.blownAt, (limitMs * percent) / 100));
  return [{ kind: "report-in", dueAt: due }];
}

export interface WhistleFired {
  readonly record: WhistleRecord;
  readonly effects: readonly CaseEffect[];
  /** Level that the case must reach; null where nobody was silent. */
  readonly escalateTo: EscalationLevel | null;
}

/** A timer that is not due changes nothing. */
export function fireWhistleTimer(
  whistle: WhistleRecord,
  work: WorkTime,
  now: EpochMs,
): WhistleFired {
  const timer = whistleTimers(whistle, work)[0];
  if (timer === undefined || timer.dueAt > now) {
    return { record: whistle, effects: [], escalateTo: null };
  }
  const percent = PERCENTS[whistle.fired] ?? 100;
  const missing = whistle.parties.filter(isMissing);
  const fired = { ...whistle, fired: whistle.fired + 1 };
  const names = missing.map((party) => party.department).join(", ");
  if (percent < 100) {
    const warned = note("warned", { clock: "report-in", percent, missing: names });
    return {
      record: fired,
      effects: missing.some((party) => party.required) ? [warned] : [],
      escalateTo: null,
    };
  }
  const parties = whistle.parties.map((party) =>
    isMissing(party) ? { ...party, late: true } : party,
  );
  return {
    record: { ...fired, parties },
    effects: missing.length === 0 ? [] : [note("whistle-late", { missing: names })],
    escalateTo: missing.some((party) => party.required) ? SILENCE_LEVEL : null,
  };
}

function isMissing(party: Party): boolean {
  return party.checkIn === null && party.waived === null;
}
