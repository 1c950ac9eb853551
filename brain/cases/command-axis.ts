/** Command: the dispatcher sends, the department accepts or returns, handles and reports. */
import type { Actor, CaseCommand, EpochMs } from "../../protocol/index.ts";
import {
  type CaseEffect,
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
import type { CaseRecord } from "./case-record.ts";
import { HUB_DEPARTMENT } from "./routing.ts";

type Command<Kind extends CaseCommand["kind"]> = Extract<CaseCommand, { kind: Kind }>;

/** Nobody has the case: it can be sent to somebody. */
const SENDABLE = ["FILED", "RETURNED", "REOPENED"] as const;

export function dispatch(
  record: CaseRecord,
  command: Command<"dispatch">,
  { actor, now }: CommandContext,
): CaseOutcome {
  requireRole(actor, ["dispatcher", "system"], "dispatch a case");
  requireState(record, SENDABLE, "be dispatched");
  if (record.returns.length >= record.policy.maxReturns && !record.ruled) {
    refuse(
      "The case has been returned too often",
      "a ruling of the hub",
      `${record.returns.length} returns`,
    );
  }
  if (record.ruled && command.lead !== undefined && command.lead !== record.lead) {
    refuse("The hub has ruled who leads this case", record.lead, command.lead);
  }
  const lead = command.lead ?? record.lead;
  const co = [...new Set(command.co)].filter((department) => department !== lead);
  const sent = sendTo(record, lead, co, now);
  if (command.means === "system") {
    return sent;
  }
  // No system will confirm it: the word of the dispatcher does.
  const told = markToldTo(sent.record, now);
  return {
    record: told,
    effects: [
      ...sent.effects,
      { kind: "told", department: lead },
      note("dispatched", { department: lead, means: command.means, note: command.note ?? null }),
    ],
  };
}

/** The hub's word ends the going to and fro; the clocks have been running all the time. */
export function rule(
  record: CaseRecord,
  command: Command<"rule">,
  { actor, now }: CommandContext,
): CaseOutcome {
  const isHub = actor.role === "department" && actor.department === HUB_DEPARTMENT;
  if (!isHub) {
    requireRole(actor, ["hub"], "rule who leads a case");
  }
  requireState(record, ["RETURNED", "FILED"], "be ruled upon");
  if (record.returns.length === 0) {
    refuse("Nobody has returned this case", "a case that was returned");
  }
  const sent = sendTo(record, command.lead, [], now);
  return {
    record: { ...sent.record, ruled: true },
    effects: [note("ruled", { lead: command.lead, reason: command.reason }), ...sent.effects],
  };
}

function sendTo(
  record: CaseRecord,
  lead: string,
  co: readonly string[],
  now: EpochMs,
): CaseOutcome {
  const before: CaseEffect[] =
    record.round.sentAt !== null && record.lead !== lead
      ? [
          {
            ...withdrawAll("reassigned", `sent to ${lead} instead`),
            department: record.lead,
          },
        ]
      : [];
  const shares = [
    { department: lead, role: "lead" as const },
    ...co.map((department) => ({ department, role: "co" as const })),
  ];
  return {
    record: {
      ...record,
      lead,
      round: { ...record.round, sentAt: now, deliveredAt: null, acceptedAt: null },
    },
    effects: [
      ...before,
      note("sent", { lead, co: co.join(", ") || null, returns: record.returns.length }),
      { kind: "send", shares },
    ],
  };
}

function markToldTo(record: CaseRecord, now: EpochMs): CaseRecord {
  return {
    ...enter(record, "DISPATCHED"),
    round: {
      ...record.round,
      deliveredAt: now,
      dispatchedAt: record.round.dispatchedAt ?? now,
      returnedAt: null,
    },
  };
}

/**
 * The lead's system has the task. Anything else stays, because a delivery may be recorded after
 * the acknowledgement that it caused, and other departments' deliveries move nothing.
 */
export function delivered(record: CaseRecord, department: string, now: EpochMs): CaseOutcome {
  const isAwaited =
    (SENDABLE as readonly string[]).includes(record.state) && record.round.sentAt !== null;
  if (!isAwaited || department !== record.lead) {
    return { record, effects: [] };
  }
  return { record: markToldTo(record, now), effects: [note("dispatched", { department })] };
}

export function accept(
  record: CaseRecord,
  command: Command<"accept">,
  { actor, now }: CommandContext,
): CaseOutcome {
  requireDepartment(record, actor, "accept this case");
  const before = delivered(record, record.lead, now);
  return {
    record: {
      ...withHandler(enter(before.record, "ACCEPTED"), actor),
      round: { ...before.record.round, acceptedAt: now },
    },
    effects: [
      ...before.effects,
      { kind: "settle", department: record.lead, state: "ACCEPTED", reason: null },
      note("accepted", { department: record.lead, unit: actor.id, note: command.note ?? null }),
    ],
  };
}

export function returnCase(
  record: CaseRecord,
  command: Command<"return">,
  { actor, now }: CommandContext,
): CaseOutcome {
  requireDepartment(record, actor, "return this case");
  const before = delivered(record, record.lead, now);
  const next = enter(before.record, "RETURNED");
  if (record.ruled) {
    refuse("The hub has ruled that this department acts", "no return after a ruling");
  }
  if (record.returns.some(({ department }) => department === record.lead)) {
    refuse("The department has returned this case before", "a ruling of the hub", record.lead);
  }
  const returns = [...record.returns, { department: record.lead, reason: command.reason, at: now }];
  return {
    record: {
      ...next,
      returns,
      round: { ...next.round, sentAt: null, deliveredAt: null, returnedAt: now },
    },
    effects: [
      ...before.effects,
      { kind: "settle", department: record.lead, state: "RETURNED", reason: command.reason },
      note("returned", {
        department: record.lead,
        reason: command.reason,
        unit: actor.id,
        returns: returns.length,
        needsRuling: returns.length >= record.policy.maxReturns,
      }),
    ],
  };
}

/** After acceptance, after a failed check, or to go on with what is contained. */
export function start(
  record: CaseRecord,
  command: Command<"start">,
  { actor }: CommandContext,
): CaseOutcome {
  requireDepartment(record, actor, "handle this case");
  requireState(record, ["ACCEPTED", "REWORK", "CONTAINED"], "be handled");
  return {
    record: withHandler(enter(record, "HANDLING"), actor),
    effects: [note("handling", { unit: actor.id, note: command.note ?? null })],
  };
}

/** The hazard is held. While a whistle is under way this is noted without leaving it. */
export function contain(
  record: CaseRecord,
  command: Command<"contain">,
  { actor, now }: CommandContext,
): CaseOutcome {
  requireDepartment(record, actor, "contain this case");
  requireState(record, ["HANDLING", "WHISTLED"], "be contained");
  if (record.round.containedAt !== null) {
    refuse("The case has been contained before", "one containment in a round");
  }
  const next = record.state === "WHISTLED" ? record : enter(record, "CONTAINED");
  return {
    record: withHandler({ ...next, round: { ...next.round, containedAt: now } }, actor),
    effects: [note("contained", { unit: actor.id, note: command.note ?? null })],
  };
}

/** What is handled is contained too. */
export function handle(
  record: CaseRecord,
  command: Command<"handle">,
  { actor, now }: CommandContext,
): CaseOutcome {
  requireDepartment(record, actor, "report this case as handled");
  requireState(record, ["HANDLING", "CONTAINED"], "be reported as handled");
  if (command.evidence.length === 0 && command.note === undefined) {
    refuse("Nothing shows what was done", "after-pictures or a note");
  }
  const next = enter(record, "HANDLED");
  return {
    record: withHandler(
      {
        ...next,
        afterEvidence: { pictures: command.evidence, note: command.note ?? null },
        check: null,
        suspension: null,
        round: {
          ...next.round,
          handledAt: now,
          containedAt: next.round.containedAt ?? now,
        },
      },
      actor,
    ),
    effects: [
      note("handled", {
        unit: actor.id,
        pictures: command.evidence.length,
        note: command.note ?? null,
      }),
    ],
  };
}

function requireDepartment(record: CaseRecord, actor: Actor, what: string): void {
  requireRole(actor, ["department"], what);
  requireLead(record, actor, what);
}
