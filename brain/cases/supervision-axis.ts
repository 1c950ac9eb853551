/** Supervision: takes in, files, checks, closes, rates, reopens. Never by those who handled. */
import type { CaseCommand } from "../../protocol/index.ts";
import {
  type CaseOutcome,
  type CommandContext,
  enter,
  note,
  refuse,
  requireRole,
  requireState,
  requireStranger,
  withdrawAll,
} from "./case-outcome.ts";
import { type CaseRecord, personOf } from "./case-record.ts";

type Command<Kind extends CaseCommand["kind"]> = Extract<CaseCommand, { kind: Kind }>;

export function verify(
  record: CaseRecord,
  _command: Command<"verify">,
  { actor }: CommandContext,
): CaseOutcome {
  requireRole(actor, ["officer"], "verify a report");
  return { record: enter(record, "VERIFYING"), effects: [note("verifying")] };
}

export function reject(
  record: CaseRecord,
  command: Command<"reject">,
  { actor }: CommandContext,
): CaseOutcome {
  requireRole(actor, ["officer"], "reject a report");
  return {
    record: enter(record, "REJECTED"),
    effects: [
      withdrawAll("case-rejected", `the report was rejected: ${command.code}`),
      note("rejected", { code: command.code, note: command.note ?? null }),
    ],
  };
}

/**
 * A report is merged by an officer. What was sent and nobody has taken ends too where its incident
 * turns out to be one with another: only the brain says so, which sees both cases and lets the
 * departments go on under the other.
 */
export function merge(
  record: CaseRecord,
  command: Command<"merge">,
  { actor }: CommandContext,
): CaseOutcome {
  requireRole(actor, ["officer", "system"], "merge a report");
  if (record.state === "FILED" || record.state === "DISPATCHED") {
    requireRole(actor, ["system"], "merge a case that was sent; merge its incident");
  }
  return {
    record: { ...enter(record, "MERGED"), mergedInto: command.into },
    effects: [
      withdrawAll("case-merged", "the case was merged into another"),
      note("merged", { into: command.into, note: command.note ?? null }),
    ],
  };
}

/** A returned case may be filed anew under another standard; its clocks keep running. */
export function file(
  record: CaseRecord,
  command: Command<"file">,
  { actor, now }: CommandContext,
): CaseOutcome {
  requireRole(actor, ["officer", "system"], "file a case");
  return {
    record: {
      ...enter(record, "FILED"),
      filedAt: record.filedAt ?? now,
      standard: command.standard,
    },
    effects: [note("filed", { standard: command.standard, note: command.note ?? null })],
  };
}

export function check(
  record: CaseRecord,
  command: Command<"check">,
  { actor }: CommandContext,
): CaseOutcome {
  requireRole(actor, ["checker"], "check a case");
  requireState(record, ["HANDLED"], "be checked");
  requireStranger(record, actor, "check");
  return {
    record: { ...enter(record, "CHECKING"), check: { by: personOf(actor), passedAt: null } },
    effects: [note("checking", { note: command.note ?? null })],
  };
}

export function pass(
  record: CaseRecord,
  command: Command<"pass">,
  { actor, now }: CommandContext,
): CaseOutcome {
  requireRole(actor, ["checker"], "pass a case");
  requireState(record, ["CHECKING"], "pass its check");
  requireStranger(record, actor, "check");
  if (record.check !== null && record.check.passedAt !== null) {
    refuse("The check has been passed before", "a check without a result");
  }
  return {
    record: { ...record, check: { by: personOf(actor), passedAt: now } },
    effects: [
      note("check-passed", { pictures: command.evidence.length, note: command.note ?? null }),
    ],
  };
}

/** Work that must be done again counts against the department's first-pass rate. */
export function fail(
  record: CaseRecord,
  command: Command<"fail">,
  { actor }: CommandContext,
): CaseOutcome {
  requireRole(actor, ["checker"], "fail a case");
  requireState(record, ["CHECKING"], "fail its check");
  requireStranger(record, actor, "check");
  return {
    record: {
      ...enter(record, "REWORK"),
      check: null,
      afterEvidence: null,
      reworks: record.reworks + 1,
      round: { ...record.round, handledAt: null },
    },
    effects: [note("rework", { reason: command.reason, reworks: record.reworks + 1 })],
  };
}

export function close(
  record: CaseRecord,
  command: Command<"close">,
  { actor, now }: CommandContext,
): CaseOutcome {
  requireRole(actor, ["officer"], "close a case");
  requireState(record, ["CHECKING"], "be closed");
  requireStranger(record, actor, "close");
  requireClosable(record);
  return {
    record: { ...enter(record, "CLOSED"), round: { ...record.round, closedAt: now } },
    effects: [
      // What nobody has answered is not wanted any more; what was accepted has been done.
      { ...withdrawAll("case-closed", "the case was closed"), scope: "unanswered" },
      note("closed", { note: command.note ?? null, round: record.rounds }),
    ],
  };
}

/** What must stand before any case is closed. */
function requireClosable(record: CaseRecord): void {
  if (record.afterEvidence === null) {
    refuse("The case has no after-evidence", "pictures or a note of what was done");
  }
  if (record.check === null || record.check.passedAt === null) {
    refuse("The case has not been checked", "a check that somebody else has passed");
  }
  if (record.handlers.includes(record.check.by)) {
    refuse("The case was checked by one who handled it", "a check by somebody else");
  }
  const unmet = record.whistles.flatMap((whistle) => whistle.unmet);
  if (unmet.length > 0 || record.whistles.some((whistle) => whistle.open)) {
    refuse(
      "A whistle of this case is not done",
      "feedback of every required party, or a waiver with its reason",
      unmet.join(", "),
    );
  }
}

export function evaluate(
  record: CaseRecord,
  command: Command<"evaluate">,
  { actor, now }: CommandContext,
): CaseOutcome {
  requireRole(actor, ["reporter", "officer"], "rate the handling");
  requireState(record, ["CLOSED"], "be rated");
  if (actor.role === "officer") {
    requireStranger(record, actor, "rate");
  }
  requireReviewTime(record, now, "rated");
  const { responded, solved, satisfaction } = command;
  return {
    record: {
      ...enter(record, "EVALUATED"),
      rating: { by: actor.role, responded, solved, satisfaction },
    },
    effects: [note("evaluated", { responded, solved, satisfaction, note: command.note ?? null })],
  };
}

/** A new round: dispatched anew, with clocks of its own; a past round's evidence does not count. */
export function reopen(
  record: CaseRecord,
  command: Command<"reopen">,
  { actor, now }: CommandContext,
): CaseOutcome {
  requireRole(actor, ["reporter", "supervisor"], "reopen a case");
  requireState(record, ["CLOSED", "EVALUATED"], "be reopened");
  requireReviewTime(record, now, "reopened");
  return {
    record: {
      ...enter(record, "REOPENED"),
      rounds: record.rounds + 1,
      round: {
        startedAt: now,
        sentAt: null,
        dispatchedAt: null,
        deliveredAt: null,
        acceptedAt: null,
        returnedAt: null,
        containedAt: null,
        handledAt: null,
        closedAt: null,
      },
      returns: [],
      ruled: false,
      suspension: null,
      pauses: [],
      afterEvidence: null,
      check: null,
      rating: null,
      cancelAsked: null,
    },
    effects: [note("reopened", { reason: command.reason, round: record.rounds + 1 })],
  };
}

function requireReviewTime(record: CaseRecord, now: number, what: string): void {
  const { closedAt } = record.round;
  const days = record.policy.reviewMs / 86_400_000;
  if (closedAt === null || now > closedAt + record.policy.reviewMs) {
    refuse(`The case can no longer be ${what}`, `within ${days} days of closing`);
  }
}
