/** Everything that the case machine decides on. */
import type {
  Actor,
  CaseState,
  EpochMs,
  EscalationLevel,
  Role,
  ServiceClock,
  ServiceLevel,
  SupervisionLight,
} from "../../protocol/index.ts";
import { type CasePolicy, policyOf } from "./service-policy.ts";

/** A case that is reopened begins a new round: its clocks start again, its history stays. */
export interface Round {
  /** Reported or reopened. */
  readonly startedAt: EpochMs;
  /** The lead's task is on its way since then; null while nobody has been sent. */
  readonly sentAt: EpochMs | null;
  /** First time that a lead had the task: the dispatch clock stops, the others start. */
  readonly dispatchedAt: EpochMs | null;
  /** The present lead has it since then. */
  readonly deliveredAt: EpochMs | null;
  readonly acceptedAt: EpochMs | null;
  readonly returnedAt: EpochMs | null;
  readonly containedAt: EpochMs | null;
  readonly handledAt: EpochMs | null;
  readonly closedAt: EpochMs | null;
}

export interface CaseReturn {
  readonly department: string;
  readonly reason: string;
  readonly at: EpochMs;
}

export interface Suspension {
  readonly askedBy: string;
  readonly reason: string;
  readonly until: EpochMs;
}

/** A pause of the contain and close clocks; it is running while `to` is null. */
export interface Pause {
  readonly from: EpochMs;
  readonly to: EpochMs | null;
}

export interface AfterEvidence {
  readonly pictures: readonly string[];
  readonly note: string | null;
}

export interface Check {
  /** The person who checks. */
  readonly by: string;
  readonly passedAt: EpochMs | null;
}

export interface Rating {
  readonly by: Role;
  readonly responded: boolean | null;
  readonly solved: boolean | null;
  readonly satisfaction: number | null;
}

/** What the case must know of its whistles; their own machine decides it. */
export interface WhistleStanding {
  readonly id: string;
  readonly open: boolean;
  /** Required parties that have neither fed back nor been waived. */
  readonly unmet: readonly string[];
}

/** A clock's span is named by its start, so that a new span warns anew. */
export interface FiredStages {
  readonly startedAt: EpochMs;
  readonly stages: number;
}

export interface CaseRecord {
  readonly state: CaseState;
  readonly serviceLevel: ServiceLevel;
  readonly policy: CasePolicy;
  readonly lead: string;
  readonly onset: EpochMs;
  readonly reportedAt: EpochMs;
  readonly filedAt: EpochMs | null;
  readonly standard: string | null;
  readonly round: Round;
  /** Counted from 1. */
  readonly rounds: number;
  readonly returns: readonly CaseReturn[];
  /** The hub named the lead: it cannot return the case. */
  readonly ruled: boolean;
  /** `person:<id>` and `department:<code>` that did any of the handling. */
  readonly handlers: readonly string[];
  readonly suspension: Suspension | null;
  readonly pauses: readonly Pause[];
  readonly afterEvidence: AfterEvidence | null;
  readonly check: Check | null;
  readonly reworks: number;
  readonly rating: Rating | null;
  readonly cancelAsked: {
    readonly by: string;
    readonly role: Role;
    readonly reason: string;
  } | null;
  readonly mergedInto: string | null;
  readonly level: EscalationLevel;
  readonly light: SupervisionLight;
  readonly alarmedFor: EpochMs | null;
  readonly fired: Readonly<Partial<Record<ServiceClock, FiredStages>>>;
  readonly whistles: readonly WhistleStanding[];
}

export interface OpeningFacts {
  readonly state: CaseState;
  readonly serviceLevel: ServiceLevel;
  readonly lead: string;
  readonly onset: EpochMs;
  readonly reportedAt: EpochMs;
  readonly filedAt: EpochMs | null;
  readonly dispatchedAt: EpochMs | null;
  readonly acceptedAt: EpochMs | null;
  readonly containedAt: EpochMs | null;
}

const NOTHING_YET = {
  standard: null,
  rounds: 1,
  returns: [],
  ruled: false,
  handlers: [],
  suspension: null,
  pauses: [],
  afterEvidence: null,
  check: null,
  reworks: 0,
  rating: null,
  cancelAsked: null,
  mergedInto: null,
  light: "none",
  alarmedFor: null,
  fired: {},
  whistles: [],
} as const;

/** The record of a case that no command has touched yet. */
export function openRecord(facts: OpeningFacts, policy = policyOf(facts.serviceLevel)): CaseRecord {
  const { dispatchedAt, acceptedAt, containedAt, ...rest } = facts;
  return {
    ...NOTHING_YET,
    ...rest,
    policy,
    level: policy.startLevel,
    round: {
      startedAt: facts.reportedAt,
      // What is filed by rule is sent in the same moment.
      sentAt: facts.filedAt,
      dispatchedAt,
      deliveredAt: dispatchedAt,
      acceptedAt,
      returnedAt: null,
      containedAt,
      handledAt: null,
      closedAt: null,
    },
  };
}

/** How the timeline names an actor. */
export function actorName(actor: Actor): string {
  if (actor.role === "system") {
    return "system";
  }
  return actor.role === "department" && actor.department !== null
    ? `department:${actor.department}`
    : `${actor.role}:${actor.id}`;
}

export function personOf(actor: Actor): string {
  return `person:${actor.id}`;
}

/** Under which names an actor counts as one who handled. */
export function handlerNames(actor: Actor): string[] {
  return [
    personOf(actor),
    ...(actor.department === null ? [] : [`department:${actor.department}`]),
  ];
}

export const SYSTEM_ACTOR: Actor = { role: "system", id: "system", department: null };
