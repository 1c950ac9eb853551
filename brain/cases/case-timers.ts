/** Which moments a case waits for, and what happens at them. Timers follow from the record alone. */
import type { EpochMs, ServiceClock } from "../../protocol/index.ts";
import type { WorkTime } from "./calendar.ts";
import { type CaseEffect, type CaseOutcome, enter, note } from "./case-outcome.ts";
import { type CaseRecord, SYSTEM_ACTOR } from "./case-record.ts";
import { oneUp, raise, resume } from "./overlay.ts";
import { HUB_DEPARTMENT } from "./routing.ts";
import { clockSpans, type ClockSpan, dueAt } from "./service-clocks.ts";
import type { Stage } from "./service-policy.ts";

export type CaseTimerKind = ServiceClock | "alarm" | "suspension" | "review";

export interface CaseTimer {
  readonly kind: CaseTimerKind;
  readonly dueAt: EpochMs;
}

/** The next moment of each kind, at most one of a kind. */
export function caseTimers(record: CaseRecord, work: WorkTime): CaseTimer[] {
  const timers: CaseTimer[] = clockSpans(record).flatMap((span) => {
    const stage = record.policy.stages[stagesFired(record, span)];
    const due = stage === undefined ? null : dueAt(work, span, stage.percent);
    return due === null ? [] : [{ kind: span.clock, dueAt: due }];
  });
  const others: readonly (readonly [CaseTimerKind, EpochMs | null])[] = [
    ["alarm", alarmDueAt(record)],
    ["suspension", record.state === "SUSPENDED" ? (record.suspension?.until ?? null) : null],
    ["review", reviewDueAt(record)],
  ];
  for (const [kind, due] of others) {
    if (due !== null) {
      timers.push({ kind, dueAt: due });
    }
  }
  return timers;
}

function stagesFired(record: CaseRecord, span: ClockSpan): number {
  const fired = record.fired[span.clock];
  return fired?.startedAt === span.startedAt ? fired.stages : 0;
}

function alarmDueAt(record: CaseRecord): EpochMs | null {
  const { sentAt } = record.round;
  if (sentAt === null || record.alarmedFor === sentAt) {
    return null;
  }
  const { afterMs, until } = record.policy.parallelAlarm;
  const waiting = ["FILED", "RETURNED", "REOPENED"];
  const isWaiting = [...waiting, ...(until === "accepted" ? ["DISPATCHED"] : [])].includes(
    record.state,
  );
  return isWaiting ? sentAt + afterMs : null;
}

function reviewDueAt(record: CaseRecord): EpochMs | null {
  const { closedAt } = record.round;
  const isClosed = ["CLOSED", "EVALUATED", "CANCELLED"].includes(record.state);
  // Reopening is allowed up to the last millisecond of the review.
  return isClosed && closedAt !== null ? closedAt + record.policy.reviewMs + 1 : null;
}

export interface FireContext {
  readonly work: WorkTime;
  readonly now: EpochMs;
  /** Other departments of the event type, for the parallel alarm. */
  readonly coDepartments: readonly string[];
}

/** A timer that the record does not wait for, or not yet, changes nothing. */
export function fireCaseTimer(
  record: CaseRecord,
  kind: CaseTimerKind,
  context: FireContext,
): CaseOutcome {
  const timer = caseTimers(record, context.work).find((one) => one.kind === kind);
  if (timer === undefined || timer.dueAt > context.now) {
    return { record, effects: [] };
  }
  switch (kind) {
    case "alarm":
      return alarmOthers(record, context.coDepartments);
    case "suspension":
      return resume(
        record,
        { kind: "resume", note: "the pause is over" },
        { actor: SYSTEM_ACTOR, now: context.now },
      );
    case "review":
      return archive(record);
    default:
      return fireStage(record, kind, timer.dueAt);
  }
}

function fireStage(record: CaseRecord, clock: ServiceClock, due: EpochMs): CaseOutcome {
  const span = clockSpans(record).find((one) => one.clock === clock);
  const stages = span === undefined ? 0 : stagesFired(record, span);
  const stage = record.policy.stages[stages];
  if (span === undefined || stage === undefined) {
    return { record, effects: [] };
  }
  const fired = {
    ...record.fired,
    [clock]: { startedAt: span.startedAt, stages: stages + 1 },
  };
  const facts = { clock, percent: stage.percent, due: new Date(due).toISOString() };
  const lit = { ...record, fired, light: brighter(record.light, stage.light) };
  const noted = note(stage.percent < 100 ? "warned" : "breached", facts);
  if (!stage.escalates) {
    return { record: lit, effects: [noted] };
  }
  const raised = raise(lit, oneUp(lit.level), `${clock} ${stage.percent} %`);
  return { record: raised.record, effects: [noted, ...raised.effects] };
}

const BRIGHTNESS = { none: 0, yellow: 1, red: 2 } as const;

function brighter(a: Stage["light"], b: Stage["light"]): Stage["light"] {
  return BRIGHTNESS[b] > BRIGHTNESS[a] ? b : a;
}

/** Nothing has come back: the hub and the other departments hear of it beside the lead. */
function alarmOthers(record: CaseRecord, coDepartments: readonly string[]): CaseOutcome {
  const others = [...new Set([HUB_DEPARTMENT, ...coDepartments])].filter(
    (department) => department !== record.lead,
  );
  const send: CaseEffect = {
    kind: "send",
    shares: others.map((department) => ({ department, role: "co" as const })),
  };
  return {
    record: { ...record, alarmedFor: record.round.sentAt },
    effects: [
      note("alarmed", { lead: record.lead, others: others.join(", ") }),
      ...(others.length === 0 ? [] : [send]),
    ],
  };
}

/** Nobody rated or reopened in time: the case is rated without the reporter, then put away. */
function archive(record: CaseRecord): CaseOutcome {
  const rated: CaseOutcome =
    record.state === "CLOSED"
      ? {
          record: {
            ...enter(record, "EVALUATED"),
            rating: { by: "system", responded: null, solved: null, satisfaction: null },
          },
          effects: [note("evaluated", { by: "default" })],
        }
      : { record, effects: [] };
  return {
    record: enter(rated.record, "ARCHIVED"),
    effects: [...rated.effects, note("archived")],
  };
}
