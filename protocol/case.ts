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
  // What nobody has taken yet may turn out to be one with another case: its messages are called
  // back, and its departments go on under the other. What people work on stays.
  FILED: ["DISPATCHED", "MERGED", "CANCELLED"],
  DISPATCHED: ["ACCEPTED", "RETURNED", "MERGED", "CANCELLED"],
  RETURNED: ["DISPATCHED", "FILED", "CANCELLED"],
  ACCEPTED: ["HANDLING", "CANCELLED"],
  HANDLING: ["CONTAINED", "HANDLED", "WHISTLED", "SUSPENDED", "CANCELLED"],
  WHISTLED: ["HANDLING", "CANCELLED"],
  SUSPENDED: ["HANDLING", "CANCELLED"],
  // What is contained may still need weeks, other departments or a pause.
  CONTAINED: ["HANDLING", "HANDLED", "CANCELLED"],
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

/** Where responsibility stands: L0 grid worker, L1 village, L2 town centre, L3 town, L4 district. */
export const escalationLevelSchema = z.union([
  z.literal(0),
  z.literal(1),
  z.literal(2),
  z.literal(3),
  z.literal(4),
]);
export type EscalationLevel = z.infer<typeof escalationLevelSchema>;

/** Supervision over a case, beside its state. */
export const supervisionLightSchema = z.enum(["none", "yellow", "red"]);
export type SupervisionLight = z.infer<typeof supervisionLightSchema>;

/** Which time a limit counts: all of it, office hours, whole working days, or whole days. */
export const timeBaseSchema = z.enum([
  "continuous",
  "working-hours",
  "working-days",
  "calendar-days",
]);
export type TimeBase = z.infer<typeof timeBaseSchema>;

/**
 * Clocks that warn and escalate: reported→dispatched, returned→dispatched again,
 * dispatched→accepted, dispatched→contained, dispatched→closed.
 */
export const serviceClockSchema = z.enum(["dispatch", "redispatch", "accept", "contain", "close"]);
export type ServiceClock = z.infer<typeof serviceClockSchema>;

/**
 * One department's share: told, delivered to its system, accepted by its people or returned, or
 * withdrawn because another acts or the case is cancelled.
 */
export const taskStateSchema = z.enum([
  "PENDING",
  "DELIVERED",
  "ACCEPTED",
  "RETURNED",
  "WITHDRAWN",
]);
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
