/** The first event of an incident opens a case; the policy in force decides how far it goes. */
import {
  CLOCK_POLICIES,
  type ClockPolicy,
  type EpochMs,
  type EventType,
  type Phase,
  type ServiceLevel,
} from "../../protocol/index.ts";
import { type CaseProgress, moveCase } from "./case-state.ts";
import { type FindEndpoint, routeCase, type Share } from "./routing.ts";

export interface FilingPolicy {
  /** Service levels whose cases are filed without an operator. */
  readonly automatic: readonly ServiceLevel[];
}

export interface OpenedCase {
  readonly progress: CaseProgress;
  readonly limits: ClockPolicy;
  /** Empty while the case waits for an operator. */
  readonly shares: readonly Share[];
}

export interface OpeningInput {
  readonly type: EventType;
  readonly phase: Phase;
  readonly reportedAt: EpochMs;
  readonly now: EpochMs;
  readonly filing: FilingPolicy;
  readonly findEndpoint: FindEndpoint;
}

/**
 * An alarm whose cancellation came before everything else was a mistake: it is kept as rejected
 * and nobody is sent out. What comes later of it joins that case.
 */
export function openCase(input: OpeningInput): OpenedCase {
  const limits = CLOCK_POLICIES[input.type.sla];
  const reported: CaseProgress = {
    state: "REPORTED",
    filedAt: null,
    dispatchedAt: null,
    acceptedAt: null,
  };
  if (input.phase === "cancel") {
    return { progress: moveCase(reported, "REJECTED", input.now), limits, shares: [] };
  }
  if (!input.filing.automatic.includes(input.type.sla)) {
    return { progress: reported, limits, shares: [] };
  }
  return {
    progress: moveCase(reported, "FILED", input.now),
    limits,
    shares: routeCase(input.type, input.findEndpoint),
  };
}
