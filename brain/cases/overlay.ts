/** What lies over the two axes: pauses, cancelling, escalation, supervision, whistles. */
import {
  type CaseCommand,
  type EpochMs,
  type EscalationLevel,
  MAX_SUSPENSION_MS,
  parseTime,
  formatTime,
} from "../../protocol/index.ts";
import {
  type CaseOutcome,
  type CommandContext,
  enter,
  note,
  refuse,
  requireLead,
  requireRole,
  requireState,
  withdrawAll,
  withHandler,
} from "./case-outcome.ts";
import { type CaseRecord, personOf } from "./case-record.ts";

type Command<Kind extends CaseCommand["kind"]> = Extract<CaseCommand, { kind: Kind }>;

export function suspend(
  record: CaseRecord,
  command: Command<"suspend">,
  { actor, now }: CommandContext,
): CaseOutcome {
  requireRole(actor, ["department"], "ask for a pause");
  requireLead(record, actor, "ask for a pause");
  requireState(record, ["HANDLING"], "be suspended");
  if (!record.policy.mayBeSuspended) {
    refuse("This level knows no pause", "a case of S2, S3 or S4", record.serviceLevel);
  }
  if (record.suspension !== null) {
    refuse("A pause has been asked for already", "one request at a time");
  }
  const until = parseTime(command.until);
  if (!(until > now && until <= now + MAX_SUSPENSION_MS)) {
    refuse("The pause has no fitting end", "an end within 90 days from now", command.until);
  }
  return {
    record: withHandler(
      { ...record, suspension: { askedBy: personOf(actor), reason: command.reason, until } },
      actor,
    ),
    effects: [note("suspension-asked", { reason: command.reason, until: formatTime(until) })],
  };
}

/** Only from now on do the clocks stand: asking alone stops nothing. */
export function approveSuspension(
  record: CaseRecord,
  command: Command<"approve-suspension">,
  { actor, now }: CommandContext,
): CaseOutcome {
  requireRole(actor, ["supervisor"], "approve a pause");
  requireState(record, ["HANDLING"], "be suspended");
  const asked = record.suspension;
  if (asked === null) {
    refuse("Nobody has asked for a pause", "a request of the department");
  }
  if (asked.askedBy === personOf(actor)) {
    refuse("A pause is approved by somebody else", "another person than asked for it");
  }
  if (asked.until <= now) {
    refuse("The pause would be over already", "an end in the future", formatTime(asked.until));
  }
  return {
    record: {
      ...enter(record, "SUSPENDED"),
      pauses: [...record.pauses, { from: now, to: null }],
    },
    effects: [
      note("suspended", {
        reason: asked.reason,
        until: formatTime(asked.until),
        note: command.note ?? null,
      }),
    ],
  };
}

export function refuseSuspension(
  record: CaseRecord,
  command: Command<"refuse-suspension">,
  { actor }: CommandContext,
): CaseOutcome {
  requireRole(actor, ["supervisor"], "refuse a pause");
  requireState(record, ["HANDLING"], "be refused a pause");
  if (record.suspension === null) {
    refuse("Nobody has asked for a pause", "a request of the department");
  }
  return {
    record: { ...record, suspension: null },
    effects: [note("suspension-refused", { reason: command.reason })],
  };
}

export function resume(
  record: CaseRecord,
  command: Command<"resume">,
  { actor, now }: CommandContext,
): CaseOutcome {
  requireRole(actor, ["department", "supervisor", "system"], "end a pause");
  requireLead(record, actor, "end a pause");
  requireState(record, ["SUSPENDED"], "be resumed");
  return {
    record: {
      ...enter(record, "HANDLING"),
      suspension: null,
      pauses: endPause(record, now),
    },
    effects: [note("resumed", { note: command.note ?? null })],
  };
}

function endPause(record: CaseRecord, now: EpochMs): CaseRecord["pauses"] {
  return record.pauses.map((pause) => (pause.to === null ? { ...pause, to: now } : pause));
}

/** The first asks, another person of another role does it. */
export function cancel(
  record: CaseRecord,
  command: Command<"cancel">,
  { actor, now }: CommandContext,
): CaseOutcome {
  requireRole(actor, ["officer", "dispatcher", "supervisor", "hub"], "cancel a case");
  const cancelled = enter(record, "CANCELLED");
  const asked = record.cancelAsked;
  if (asked === null) {
    return {
      record: {
        ...record,
        cancelAsked: { by: personOf(actor), role: actor.role, reason: command.reason },
      },
      effects: [note("void-asked", { reason: command.reason })],
    };
  }
  if (asked.role === actor.role || asked.by === personOf(actor)) {
    refuse("Cancelling takes two", `another person of another role than ${asked.role}`, actor.role);
  }
  return {
    record: {
      ...cancelled,
      suspension: null,
      pauses: endPause(record, now),
      round: { ...record.round, closedAt: now },
    },
    effects: [
      withdrawAll("case-cancelled", "the case was cancelled"),
      { kind: "call-off-whistles", reason: "the case was cancelled" },
      note("voided", { reason: command.reason, asked: asked.reason }),
    ],
  };
}

/** After the end of its way a case has nobody above it any more. */
const UNSUPERVISED = ["REJECTED", "MERGED", "CANCELLED", "ARCHIVED"] as const;

export function escalate(
  record: CaseRecord,
  command: Command<"escalate">,
  { actor }: CommandContext,
): CaseOutcome {
  requireRole(
    actor,
    ["supervisor", "hub", "dispatcher", "department", "officer"],
    "escalate a case",
  );
  requireSupervised(record);
  if (record.level === 4) {
    refuse("The case has reached the highest level", "a level below L4", "L4");
  }
  return raise(record, oneUp(record.level), command.reason);
}

export function supervise(
  record: CaseRecord,
  command: Command<"supervise">,
  { actor }: CommandContext,
): CaseOutcome {
  requireRole(actor, ["supervisor"], "set the supervision light");
  requireSupervised(record);
  return {
    record: { ...record, light: command.light },
    effects: [note("supervised", { light: command.light, reason: command.reason })],
  };
}

function requireSupervised(record: CaseRecord): void {
  if ((UNSUPERVISED as readonly string[]).includes(record.state)) {
    requireState(record, [], "be supervised");
  }
}

export function oneUp(level: EscalationLevel): EscalationLevel {
  return Math.min(4, level + 1) as EscalationLevel;
}

/** Levels only rise. */
export function raise(record: CaseRecord, to: EscalationLevel, reason: string): CaseOutcome {
  if (to <= record.level) {
    return { record, effects: [] };
  }
  return {
    record: { ...record, level: to },
    effects: [note("escalated", { from: record.level, to, reason })],
  };
}

export function blowWhistle(record: CaseRecord, { actor }: CommandContext): CaseOutcome {
  requireRole(actor, ["dispatcher", "hub", "supervisor"], "blow a whistle");
  if (record.whistles.some((whistle) => whistle.open)) {
    refuse("A whistle of this case is under way", "one whistle at a time");
  }
  return { record: enter(record, "WHISTLED"), effects: [] };
}

/** The whistle is done or called off: its own machine said so. */
export function endWhistle(record: CaseRecord): CaseOutcome {
  return record.state === "WHISTLED"
    ? { record: enter(record, "HANDLING"), effects: [note("handling", { after: "whistle" })] }
    : { record, effects: [] };
}
