/** What a command makes of a case: the new record, and what has to be done besides. */
import {
  type Actor,
  CASE_MOVES,
  canMove,
  type CaseState,
  type EpochMs,
  PermanentError,
  type Role,
  type TaskCancelCause,
  type TaskRole,
  type TimelineItem,
  type TimelineKind,
} from "../../protocol/index.ts";
import { type CaseRecord, handlerNames } from "./case-record.ts";

export type Facts = TimelineItem["facts"];

export type CaseEffect =
  | { readonly kind: "note"; readonly entry: TimelineKind; readonly facts: Facts }
  /** Tasks for departments, delivered where they have a system. */
  | {
      readonly kind: "send";
      readonly shares: readonly { readonly department: string; readonly role: TaskRole }[];
    }
  /** The department's open task is answered. */
  | {
      readonly kind: "settle";
      readonly department: string;
      readonly state: "ACCEPTED" | "RETURNED";
      readonly reason: string | null;
    }
  /** The department's task is on its desk by other means than its system. */
  | { readonly kind: "told"; readonly department: string }
  /** Open tasks end; who has been told of one is told of its end. */
  | Withdrawal
  | { readonly kind: "call-off-whistles"; readonly reason: string };

export interface Withdrawal {
  readonly kind: "withdraw";
  /** Null: all of them. */
  readonly department: string | null;
  readonly cause: TaskCancelCause;
  readonly reason: string;
  /** `unanswered` leaves what a department has accepted, and what is only to be read. */
  readonly scope: "open" | "unanswered";
  readonly mergedInto?: { readonly caseId: string; readonly caseNumber: string };
}

export function withdrawAll(cause: TaskCancelCause, reason: string): Withdrawal {
  return { kind: "withdraw", department: null, cause, reason, scope: "open" };
}

export interface CaseOutcome {
  readonly record: CaseRecord;
  readonly effects: readonly CaseEffect[];
}

export interface CommandContext {
  readonly actor: Actor;
  readonly now: EpochMs;
}

export function note(entry: TimelineKind, facts: Facts = {}): CaseEffect {
  return { kind: "note", entry, facts };
}

/** @throws PermanentError STATE_CONFLICT for a move that CASE_MOVES does not name. */
export function enter(record: CaseRecord, to: CaseState): CaseRecord {
  if (!canMove(record.state, to)) {
    const moves = CASE_MOVES[record.state];
    throw new PermanentError("STATE_CONFLICT", `A case cannot move from ${record.state} to ${to}`, {
      expected: moves.length === 0 ? "no further move" : moves.join(", "),
      got: to,
    });
  }
  return { ...record, state: to };
}

/** @throws PermanentError STATE_CONFLICT outside of the named states. */
export function requireState(record: CaseRecord, states: readonly CaseState[], what: string): void {
  if (!states.includes(record.state)) {
    throw new PermanentError("STATE_CONFLICT", `This case cannot ${what} now`, {
      expected: `a case in ${states.join(", ")}`,
      got: record.state,
    });
  }
}

export function requireRole(actor: Actor, roles: readonly Role[], what: string): void {
  if (!roles.includes(actor.role)) {
    throw new PermanentError("ROLE_REFUSED", `This role may not ${what}`, {
      expected: roles.join(", "),
      got: actor.role,
    });
  }
}

/** Only the lead moves the case; other departments' tasks are their own affair. */
export function requireLead(record: CaseRecord, actor: Actor, what: string): void {
  if (actor.role === "department" && actor.department !== record.lead) {
    throw new PermanentError("ROLE_REFUSED", `Only the lead may ${what}`, {
      expected: record.lead,
      got: actor.department ?? "no department",
    });
  }
}

/** Supervision is not done by those who did the work. */
export function requireStranger(record: CaseRecord, actor: Actor, what: string): void {
  const own = handlerNames(actor).find((name) => record.handlers.includes(name));
  if (own !== undefined) {
    throw new PermanentError("ROLE_REFUSED", `Whoever handled a case may not ${what} it`, {
      expected: "somebody who took no part in the handling",
      got: own,
    });
  }
}

export function refuse(message: string, expected: string, got?: string): never {
  throw new PermanentError("COMMAND_REFUSED", message, {
    expected,
    ...(got === undefined ? {} : { got }),
  });
}

/** The record with the actor among those who handled. */
export function withHandler(record: CaseRecord, actor: Actor): CaseRecord {
  const added = handlerNames(actor).filter((name) => !record.handlers.includes(name));
  return added.length === 0 ? record : { ...record, handlers: [...record.handlers, ...added] };
}
