/** The time to report in: warnings on the way, and what silence at its end means. */
import type { EpochMs, EscalationLevel } from "../../protocol/index.ts";
import type { WorkTime } from "./calendar.ts";
import { type CaseEffect, note } from "./case-outcome.ts";
import {
  callOf,
  isOver,
  type Party,
  REPORT_IN,
  type Summons,
  type WhistleRecord,
} from "./whistle-record.ts";

export interface WhistleTimer {
  readonly kind: "report-in";
  readonly dueAt: EpochMs;
}

const PERCENTS = [50, 80, 100] as const;
/** Silence at the deadline is a matter for the district. */
const SILENCE_LEVEL: EscalationLevel = 4;

/** The next moment of all that were called, whenever they were. */
export function whistleTimers(whistle: WhistleRecord, work: WorkTime): WhistleTimer[] {
  if (isOver(whistle)) {
    return [];
  }
  const moments = callsOf(whistle).flatMap((call) => momentOf(whistle, call, work) ?? []);
  return moments.length === 0 ? [] : [{ kind: "report-in", dueAt: Math.min(...moments) }];
}

/** First those whom the whistle was blown for, then those who were called later. */
function callsOf({ blownAt, dueAt, fired, summons = [] }: WhistleRecord): readonly Summons[] {
  return [{ at: blownAt, dueAt, fired }, ...summons];
}

function momentOf({ kind }: WhistleRecord, call: Summons, work: WorkTime): EpochMs | null {
  const percent = PERCENTS[call.fired];
  if (percent === undefined) {
    return null;
  }
  const { base, limitMs } = REPORT_IN[kind];
  return percent === 100
    ? call.dueAt
    : Math.ceil(work.add(base, call.at, (limitMs * percent) / 100));
}

export interface WhistleFired {
  readonly record: WhistleRecord;
  readonly effects: readonly CaseEffect[];
  /** Level that the case must reach; null where nobody was silent. */
  readonly escalateTo: EscalationLevel | null;
}

/** A timer that is not due changes nothing; a call that is due takes one step. */
export function fireWhistleTimer(
  whistle: WhistleRecord,
  work: WorkTime,
  now: EpochMs,
): WhistleFired {
  let fired: WhistleFired = { record: whistle, effects: [], escalateTo: null };
  if (isOver(whistle)) {
    return fired;
  }
  for (const [index, call] of callsOf(whistle).entries()) {
    const due = momentOf(whistle, call, work);
    if (due !== null && due <= now) {
      const next = fireCall(fired.record, call, index);
      fired = {
        record: next.record,
        effects: [...fired.effects, ...next.effects],
        escalateTo: next.escalateTo ?? fired.escalateTo,
      };
    }
  }
  return fired;
}

function fireCall(whistle: WhistleRecord, call: Summons, index: number): WhistleFired {
  const percent = PERCENTS[call.fired] ?? 100;
  const isCalled = (party: Party): boolean => callOf(whistle, party).at === call.at;
  const missing = whistle.parties.filter((party) => isCalled(party) && isMissing(party));
  const fired = withFired(whistle, call, index);
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
    missing.includes(party) ? { ...party, late: true } : party,
  );
  return {
    record: { ...fired, parties },
    effects: missing.length === 0 ? [] : [note("whistle-late", { missing: names })],
    escalateTo: missing.some((party) => party.required) ? SILENCE_LEVEL : null,
  };
}

function withFired(whistle: WhistleRecord, { fired }: Summons, index: number): WhistleRecord {
  if (index === 0) {
    return { ...whistle, fired: fired + 1 };
  }
  const summons = (whistle.summons ?? []).map((one, at) =>
    at === index - 1 ? { ...one, fired: one.fired + 1 } : one,
  );
  return { ...whistle, summons };
}

function isMissing(party: Party): boolean {
  return party.checkIn === null && party.waived === null;
}
