/**
 * What a case has gone through by now, told by the product's own machines: opened, sent, answered,
 * and every timer fired that has been due. One life serves many cases, each a little older.
 */
import {
  caseTimers,
  type CaseRecord,
  type CaseTimer,
  fireCaseTimer,
  openRecord,
  policyOf,
  routeCase,
  type WorkTime,
} from "../../brain/cases/index.ts";
import type {
  CaseState,
  EpochMs,
  EventType,
  TaskRole,
  TaskState,
  TimelineItem,
  TimelineKind,
} from "../../protocol/index.ts";

/** Where open cases stand, and how many of a hundred. */
export const OPEN_STATES: readonly (readonly [CaseState, number])[] = [
  ["REPORTED", 6],
  ["VERIFYING", 3],
  ["FILED", 2],
  ["DISPATCHED", 20],
  ["ACCEPTED", 14],
  ["HANDLING", 38],
  ["CONTAINED", 12],
  ["HANDLED", 5],
];

export interface LifeNote {
  readonly at: EpochMs;
  readonly kind: TimelineKind;
  readonly actor: string;
  readonly facts: TimelineItem["facts"];
}

export interface LifeTask {
  readonly department: string;
  readonly role: TaskRole;
  readonly state: TaskState;
  readonly createdAt: EpochMs;
  readonly deliveredAt: EpochMs | null;
  readonly acceptedAt: EpochMs | null;
}

export interface Life {
  readonly type: EventType;
  readonly record: CaseRecord;
  readonly dispatchedAt: EpochMs | null;
  readonly acceptedAt: EpochMs | null;
  readonly containedAt: EpochMs | null;
  readonly notes: readonly LifeNote[];
  readonly tasks: readonly LifeTask[];
  readonly timers: readonly CaseTimer[];
}

export interface LifeInput {
  readonly type: EventType;
  readonly state: CaseState;
  readonly reportedAt: EpochMs;
  /** Every timer due until then has fired. */
  readonly until: EpochMs;
  readonly work: WorkTime;
}

/** Steps after the report; a case that is younger takes its steps sooner. */
const STEPS = {
  filed: { afterMs: 2_000, share: 0.1 },
  dispatched: { afterMs: 3_000, share: 0.15 },
  accepted: { afterMs: 4 * 60_000, share: 0.3 },
  handling: { afterMs: 12 * 60_000, share: 0.4 },
  contained: { afterMs: 70 * 60_000, share: 0.6 },
  handled: { afterMs: 5 * 3_600_000, share: 0.8 },
} as const;
/** Which steps a case in this state has behind it. */
const REACHED: Readonly<Partial<Record<CaseState, number>>> = {
  FILED: 1,
  DISPATCHED: 2,
  ACCEPTED: 3,
  HANDLING: 4,
  CONTAINED: 5,
  HANDLED: 6,
};

export function liveCase(input: LifeInput): Life {
  const { type, state, reportedAt, until } = input;
  const reached = REACHED[state] ?? 0;
  const times = Object.values(STEPS).map(({ afterMs, share }, index) =>
    index < reached ? reportedAt + Math.min(afterMs, (until - reportedAt) * share) : null,
  );
  const [
    filedAt = null,
    dispatchedAt = null,
    acceptedAt = null,
    ,
    containedAt = null,
    handledAt = null,
  ] = times.map((at) => (at === null ? null : Math.round(at)));
  const opened = openRecord(
    {
      ...{ state, serviceLevel: type.sla, lead: type.lead, onset: reportedAt - 20_000, reportedAt },
      ...{ filedAt, dispatchedAt, acceptedAt, containedAt },
    },
    policyOf(type.sla),
  );
  const handlers = acceptedAt === null ? [] : [`person:${type.lead}-1`, `department:${type.lead}`];
  const started = { ...opened, handlers, round: { ...opened.round, handledAt } };
  const { record, notes: fired, called } = fireDue(started, input);
  const steps = notesOf(type, times);
  const notes = [...steps, ...fired].sort((a, b) => a.at - b.at);
  const tasks =
    filedAt === null ? [] : tasksOf(type, called, { filedAt, dispatchedAt, acceptedAt });
  const timers = caseTimers(record, input.work);
  return { type, record, dispatchedAt, acceptedAt, containedAt, notes, tasks, timers };
}

function fireDue(
  opened: CaseRecord,
  { type, until, work }: LifeInput,
): {
  readonly record: CaseRecord;
  readonly notes: readonly LifeNote[];
  /** Departments alarmed beside the lead. */
  readonly called: readonly string[];
} {
  let record = opened;
  const notes: LifeNote[] = [];
  const called: string[] = [];
  for (;;) {
    const due = caseTimers(record, work)
      .filter(({ dueAt }) => dueAt <= until)
      .sort((a, b) => a.dueAt - b.dueAt)[0];
    if (due === undefined) {
      return { record, notes, called };
    }
    const fired = fireCaseTimer(record, due.kind, {
      work,
      now: due.dueAt,
      coDepartments: type.co,
    });
    record = fired.record;
    for (const effect of fired.effects) {
      if (effect.kind === "note") {
        notes.push({ at: due.dueAt, kind: effect.entry, actor: "system", facts: effect.facts });
      } else if (effect.kind === "send") {
        called.push(...effect.shares.map(({ department }) => department));
      }
    }
  }
}

function notesOf({ lead }: EventType, times: readonly (number | null)[]): LifeNote[] {
  const note = (
    step: number,
    kind: TimelineKind,
    actor: string,
    facts: LifeNote["facts"],
  ): LifeNote[] => {
    const at = times[step] ?? null;
    return at === null ? [] : [{ at: Math.round(at), kind, actor, facts }];
  };
  const department = `department:${lead}`;
  return [
    ...note(0, "filed", "system", { automatic: true, lead }),
    ...note(1, "delivered", "system", { department: lead, status: 204, attempt: 1 }),
    ...note(1, "dispatched", "system", { department: lead }),
    ...note(2, "accepted", department, { department: lead, unit: `${lead}-1` }),
    ...note(3, "handling", department, { unit: `${lead}-1`, note: null }),
    ...note(4, "contained", department, { unit: `${lead}-1`, note: null }),
    ...note(5, "handled", department, { unit: `${lead}-1`, pictures: 0, note: "done" }),
  ];
}

function tasksOf(
  type: EventType,
  called: readonly string[],
  at: {
    readonly filedAt: EpochMs;
    readonly dispatchedAt: EpochMs | null;
    readonly acceptedAt: EpochMs | null;
  },
): LifeTask[] {
  const shares = routeCase(type, () => undefined).map(({ department, role }) => ({
    department: String(department),
    role: role === "informed" && called.includes(department) ? ("co" as const) : role,
  }));
  const others = called.filter((code) => !shares.some(({ department }) => department === code));
  return [...shares, ...others.map((department) => ({ department, role: "co" as const }))].map(
    ({ department, role }): LifeTask => {
      const isLead = role === "lead";
      const deliveredAt = isLead ? at.dispatchedAt : role === "co" ? at.filedAt + 1_000 : null;
      const acceptedAt = isLead ? at.acceptedAt : null;
      const state =
        acceptedAt !== null ? "ACCEPTED" : deliveredAt !== null ? "DELIVERED" : "PENDING";
      return { department, role, state, createdAt: at.filedAt, deliveredAt, acceptedAt };
    },
  );
}

/** The same life, so much earlier: every time in it is moved. */
export function earlier<T>(value: T, byMs: number): T {
  return move(value, byMs) as T;
}

/** Larger numbers in a life are times. */
const FIRST_TIME = 1e12;

function move(value: unknown, byMs: number): unknown {
  if (typeof value === "number") {
    return value > FIRST_TIME ? value - byMs : value;
  }
  if (Array.isArray(value)) {
    return value.map((one) => move(one, byMs));
  }
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, move(one, byMs)]));
  }
  return value;
}
