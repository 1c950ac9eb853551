/** Everything that the whistle machine decides on. */
import {
  type Actor,
  type EpochMs,
  type PartyCall,
  type TimeBase,
  WHISTLE_MOVES,
  type WhistleKind,
  type WhistleState,
} from "../../protocol/index.ts";
import type { WorkTime } from "./calendar.ts";
import { actorName, type WhistleStanding } from "./case-record.ts";

export interface CheckIn {
  readonly at: EpochMs;
  readonly by: "place" | "code" | "attestation";
  /** To the site; null where no place was given. */
  readonly distanceM: number | null;
  /** Who vouched; null unless attested. */
  readonly attestedBy: string | null;
}

export interface Party {
  readonly department: string;
  readonly required: boolean;
  /** Absent: called when the whistle was blown. */
  readonly summons?: { readonly at: EpochMs; readonly dueAt: EpochMs };
  readonly answer: {
    readonly coming: boolean;
    readonly note: string | null;
    readonly at: EpochMs;
  } | null;
  readonly checkIn: CheckIn | null;
  readonly measure: string | null;
  readonly result: string | null;
  readonly waived: { readonly by: string; readonly reason: string; readonly at: EpochMs } | null;
  /** Not there when the deadline passed. */
  readonly late: boolean;
  readonly ratingOf: number | null;
  readonly ratingBy: number | null;
}

export interface Site {
  /** Degrees; both in the reference system of the case. */
  readonly lat: number;
  readonly lon: number;
  readonly radiusM: number;
}

export interface WhistleRecord {
  readonly kind: WhistleKind;
  readonly state: WhistleState;
  readonly subject: string;
  readonly site: Site;
  readonly blownAt: EpochMs;
  readonly blownBy: string;
  /** Required parties must have reported in by then. */
  readonly dueAt: EpochMs;
  readonly opinion: string | null;
  readonly parties: readonly Party[];
  /** Shares of the time to report in that have been warned of. */
  readonly fired: number;
  /** The same of departments that were called later, oldest first. */
  readonly summons?: readonly Summons[];
}

/** Departments that were called together. */
export interface Summons {
  readonly at: EpochMs;
  readonly dueAt: EpochMs;
  readonly fired: number;
}

/** When a party was called, and until when it must have reported in. */
export function callOf(whistle: WhistleRecord, { summons }: Party): Omit<Summons, "fired"> {
  return summons ?? { at: whistle.blownAt, dueAt: whistle.dueAt };
}

export interface ReportInLimit {
  readonly base: TimeBase;
  readonly limitMs: number;
}

const HOUR_MS = 3_600_000;

/** On the site within; no statute names these numbers. */
export const REPORT_IN: Readonly<Record<WhistleKind, ReportInLimit>> = {
  emergency: { base: "continuous", limitMs: HOUR_MS / 2 },
  "joint-enforcement": { base: "working-hours", limitMs: 4 * HOUR_MS },
  "key-work": { base: "working-days", limitMs: 24 * HOUR_MS },
};

export interface WhistleCall {
  readonly kind: WhistleKind;
  readonly subject: string;
  readonly site: Site;
  readonly parties: readonly PartyCall[];
}

export function openWhistle(
  call: WhistleCall,
  actor: Actor,
  now: EpochMs,
  work: WorkTime,
): WhistleRecord {
  const { base, limitMs } = REPORT_IN[call.kind];
  return {
    kind: call.kind,
    state: "BLOWN",
    subject: call.subject,
    site: call.site,
    blownAt: now,
    blownBy: actorName(actor),
    dueAt: work.add(base, now, limitMs),
    opinion: null,
    fired: 0,
    parties: call.parties.map(calledParty),
  };
}

/** A party that has not said anything yet. */
export function calledParty({ department, required }: PartyCall): Party {
  return {
    department,
    required,
    answer: null,
    checkIn: null,
    measure: null,
    result: null,
    waived: null,
    late: false,
    ratingOf: null,
    ratingBy: null,
  };
}

/** Over: nothing of it holds its case up any more. */
export function isOver(whistle: WhistleRecord): boolean {
  return ["DONE", "RATED", "CALLED_OFF"].includes(whistle.state);
}

/** Required parties that have neither fed back nor been waived with a reason. */
export function unmetParties(whistle: WhistleRecord): string[] {
  if (whistle.state === "CALLED_OFF") {
    return [];
  }
  return whistle.parties
    .filter((party) => party.required && party.result === null && party.waived === null)
    .map((party) => party.department);
}

export function standingOf(id: string, whistle: WhistleRecord): WhistleStanding {
  return { id, open: !isOver(whistle), unmet: unmetParties(whistle) };
}

/** Carries the whistle as far as its parties have come; it never goes back. */
export function advance(whistle: WhistleRecord): WhistleRecord {
  let current = whistle;
  for (;;) {
    const next = WHISTLE_MOVES[current.state][0];
    if (next === undefined || next === "CALLED_OFF" || !hasReached(current, next)) {
      return current;
    }
    current = { ...current, state: next };
  }
}

function hasReached(whistle: WhistleRecord, state: WhistleState): boolean {
  const needed = whistle.parties.filter((party) => party.required && party.waived === null);
  const there = whistle.parties.filter((party) => party.checkIn !== null && party.waived === null);
  switch (state) {
    case "ANSWERED":
      return needed.every((party) => party.answer !== null || party.checkIn !== null);
    case "ARRIVED":
      return needed.every((party) => party.checkIn !== null);
    case "CONSULTED":
      return whistle.opinion !== null;
    case "ASSIGNED":
      return [...needed, ...there].every((party) => party.measure !== null);
    case "DONE":
      return needed.every((party) => party.result !== null);
    case "RATED":
      return (
        there.length > 0 &&
        there.every((party) => party.ratingOf !== null && party.ratingBy !== null)
      );
    default:
      return false;
  }
}
