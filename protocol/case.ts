/**
 * The case (案卷): its states and the moves between them. The whole machine of the domain is
 * described here; the brain refuses every move that is not in it.
 */
import { z } from "zod";

export const caseStateSchema = z.enum([
  "REPORTED",
  "VERIFYING",
  "REJECTED",
  "MERGED",
  "FILED",
  "DISPATCHED",
  "RETURNED",
  "ACCEPTED",
  "HANDLING",
  "WHISTLED",
  "SUSPENDED",
  "CONTAINED",
  "HANDLED",
  "CHECKING",
  "REWORK",
  "CLOSED",
  "EVALUATED",
  "REOPENED",
  "CANCELLED",
  "ARCHIVED",
]);
export type CaseState = z.infer<typeof caseStateSchema>;

/** Allowed moves. CANCELLED is reachable from every state before CLOSED by two roles. */
export const CASE_MOVES: Readonly<Record<CaseState, readonly CaseState[]>> = {
  REPORTED: ["VERIFYING", "FILED", "REJECTED", "MERGED", "CANCELLED"],
  VERIFYING: ["FILED", "REJECTED", "MERGED", "CANCELLED"],
  REJECTED: [],
  MERGED: [],
  FILED: ["DISPATCHED", "CANCELLED"],
  DISPATCHED: ["ACCEPTED", "RETURNED", "CANCELLED"],
  RETURNED: ["DISPATCHED", "FILED", "CANCELLED"],
  ACCEPTED: ["HANDLING", "CANCELLED"],
  HANDLING: ["CONTAINED", "HANDLED", "WHISTLED", "SUSPENDED", "CANCELLED"],
  WHISTLED: ["HANDLING", "CANCELLED"],
  SUSPENDED: ["HANDLING", "CANCELLED"],
  CONTAINED: ["HANDLED", "CANCELLED"],
  HANDLED: ["CHECKING", "CANCELLED"],
  CHECKING: ["CLOSED", "REWORK", "CANCELLED"],
  REWORK: ["HANDLING", "CANCELLED"],
  CLOSED: ["EVALUATED", "REOPENED"],
  EVALUATED: ["ARCHIVED", "REOPENED"],
  REOPENED: ["DISPATCHED"],
  CANCELLED: ["ARCHIVED"],
  ARCHIVED: [],
};

export function canMove(from: CaseState, to: CaseState): boolean {
  return CASE_MOVES[from].includes(to);
}

/** One department's share: told, delivered to its system, accepted by its people, or returned. */
export const taskStateSchema = z.enum(["PENDING", "DELIVERED", "ACCEPTED", "RETURNED"]);
export type TaskState = z.infer<typeof taskStateSchema>;

/** The lead acts; co-departments act when added or at S0; the informed only read. */
export const taskRoleSchema = z.enum(["lead", "co", "informed"]);
export type TaskRole = z.infer<typeof taskRoleSchema>;

/** The three clocks: found→reported, reported→dispatched, dispatched→contained. */
export const clockNameSchema = z.enum(["report", "dispatch", "contain"]);
export type ClockName = z.infer<typeof clockNameSchema>;

/** Limits in ms of each clock per service level; the policy in force is copied onto a case. */
export interface ClockPolicy {
  readonly report: number;
  readonly dispatch: number;
  readonly contain: number;
}

const MINUTE_MS = 60_000;
const URGENT: ClockPolicy = {
  report: 30 * MINUTE_MS,
  dispatch: 5 * MINUTE_MS,
  contain: 180 * MINUTE_MS,
};

/**
 * The founding limits are 30 min, 5 min and 3 h. Life safety (S0) is held to 1 min, 2 min and
 * 3 h; disputes (S4) must be contacted within 2 h. Times are continuous at this stage.
 */
export const CLOCK_POLICIES: Readonly<Record<"S0" | "S1" | "S2" | "S3" | "S4", ClockPolicy>> = {
  S0: { report: MINUTE_MS, dispatch: 2 * MINUTE_MS, contain: 180 * MINUTE_MS },
  S1: URGENT,
  S2: URGENT,
  S3: URGENT,
  S4: { ...URGENT, contain: 120 * MINUTE_MS },
};
