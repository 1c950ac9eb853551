/** The whistle machine: one command in, the new record and notes for the case out. */
import {
  type Actor,
  type EpochMs,
  type CheckInProof,
  formatTime,
  MAX_PARTIES,
  PermanentError,
  type Role,
  type WhistleCommand,
  type WhistleState,
} from "../../protocol/index.ts";
import { type CaseEffect, note, refuse, requireRole } from "./case-outcome.ts";
import { actorName } from "./case-record.ts";
import type { WorkTime } from "./calendar.ts";
import {
  advance,
  calledParty,
  callOf,
  type CheckIn,
  isOver,
  type Party,
  REPORT_IN,
  type WhistleRecord,
} from "./whistle-record.ts";

export interface WhistleOutcome {
  readonly record: WhistleRecord;
  /** For the case: its timeline. */
  readonly effects: readonly CaseEffect[];
  /** True when this command ended the whistle: the case goes on. */
  readonly ended: boolean;
}

export interface WhistleContext {
  readonly actor: Actor;
  readonly now: EpochMs;
  /** Whether a code was signed for this whistle and is still in time. */
  readonly isValidCode: (code: string) => boolean;
  /** For the time of those who are called later. */
  readonly work: WorkTime;
}

type Command<Kind extends WhistleCommand["kind"]> = Extract<WhistleCommand, { kind: Kind }>;

/** Who speaks for the town: blows, leads the consultation, waives, calls off. */
const TOWN: readonly Role[] = ["dispatcher", "hub", "supervisor"];

/**
 * @throws PermanentError STATE_CONFLICT, ROLE_REFUSED or COMMAND_REFUSED as `decideCase` does.
 */
export function decideWhistle(
  whistle: WhistleRecord,
  command: WhistleCommand,
  context: WhistleContext,
): WhistleOutcome {
  const changed = change(whistle, command, context);
  const record = advance(changed.record);
  const ended = isOver(record) && !isOver(whistle);
  const effects =
    record.state === "DONE" && ended ? [...changed.effects, note("whistle-done")] : changed.effects;
  return { record, effects, ended };
}

type Changed = Pick<WhistleOutcome, "record" | "effects">;

function change(whistle: WhistleRecord, command: WhistleCommand, context: WhistleContext): Changed {
  switch (command.kind) {
    case "answer":
      return answer(whistle, command, context);
    case "check-in":
      return checkIn(whistle, command, context);
    case "consult":
      return consult(whistle, command, context);
    case "take":
      return take(whistle, command, context);
    case "feed-back":
      return feedBack(whistle, command, context);
    case "waive":
      return waive(whistle, command, context);
    case "call-off":
      return callOff(whistle, command, context);
    case "rate":
      return rate(whistle, command, context);
    case "summon":
      return summon(whistle, command, context);
  }
}

function answer(
  whistle: WhistleRecord,
  command: Command<"answer">,
  { actor, now }: WhistleContext,
): Changed {
  requireOpen(whistle, "be answered");
  const party = requireOwnParty(whistle, actor, command.department);
  if (party.checkIn !== null) {
    refuse("The party is there already", "an answer before the check-in", party.department);
  }
  const given = { coming: command.coming, note: command.note ?? null, at: now };
  return {
    record: withParty(whistle, { ...party, answer: given }),
    effects: [
      note("whistle-answered", {
        department: party.department,
        coming: given.coming,
        note: given.note,
      }),
    ],
  };
}

function checkIn(
  whistle: WhistleRecord,
  command: Command<"check-in">,
  context: WhistleContext,
): Changed {
  requireOpen(whistle, "be joined");
  const { actor, now } = context;
  const party = requireParty(whistle, command.department);
  if (command.proof.by === "attestation") {
    requireWitness(whistle, actor, party);
  } else {
    requireOwnParty(whistle, actor, command.department);
  }
  if (party.checkIn !== null || party.waived !== null) {
    refuse("The party has checked in or been waived before", "a party that is still expected");
  }
  const proven: CheckIn = { at: now, ...prove(whistle, command.proof, context) };
  return {
    record: withParty(whistle, { ...party, checkIn: proven }),
    effects: [
      note("whistle-arrived", {
        department: party.department,
        by: proven.by,
        distanceM: proven.distanceM,
        attestedBy: proven.attestedBy,
        late: now > callOf(whistle, party).dueAt,
      }),
    ],
  };
}

function prove(
  whistle: WhistleRecord,
  proof: CheckInProof,
  { actor, isValidCode }: WhistleContext,
): Omit<CheckIn, "at"> {
  switch (proof.by) {
    case "place": {
      const distanceM = Math.round(metresBetween(whistle.site, proof));
      // An unsure position may not bring anybody nearer than the radius once more.
      const allowedM = whistle.site.radiusM + Math.min(proof.accuracyM, whistle.site.radiusM);
      if (distanceM > allowedM) {
        refuse("The place is not at the site", `within ${allowedM} m`, `${distanceM} m`);
      }
      return { by: "place", distanceM, attestedBy: null };
    }
    case "code":
      if (!isValidCode(proof.code)) {
        refuse("The code is not one of this whistle", "a code shown on the site, in its time");
      }
      return { by: "code", distanceM: null, attestedBy: null };
    case "attestation":
      return { by: "attestation", distanceM: null, attestedBy: actorName(actor) };
  }
}

const EARTH_RADIUS_M = 6_371_000;

/** Great-circle distance; good to half a percent, which a radius of metres does not notice. */
function metresBetween(
  a: { readonly lat: number; readonly lon: number },
  b: { readonly lat: number; readonly lon: number },
): number {
  const radians = (degrees: number): number => (degrees * Math.PI) / 180;
  const x =
    Math.sin(radians(b.lat - a.lat) / 2) ** 2 +
    Math.cos(radians(a.lat)) * Math.cos(radians(b.lat)) * Math.sin(radians(b.lon - a.lon) / 2) ** 2;
  return 2 * EARTH_RADIUS_M * Math.asin(Math.min(1, Math.sqrt(x)));
}

function consult(
  whistle: WhistleRecord,
  command: Command<"consult">,
  { actor }: WhistleContext,
): Changed {
  requireRole(actor, [...TOWN, "department"], "record the joint opinion");
  if (actor.role === "department" && !isThere(whistle, actor.department)) {
    refuse("A party that is not there has no say", "a party that has checked in");
  }
  requireWhistleState(whistle, ["ARRIVED"], "record its joint opinion");
  return {
    record: { ...whistle, opinion: command.opinion },
    effects: [note("whistle-consulted", { opinion: command.opinion.slice(0, 200) })],
  };
}

function take(
  whistle: WhistleRecord,
  command: Command<"take">,
  { actor }: WhistleContext,
): Changed {
  requireWhistleState(whistle, ["CONSULTED", "ASSIGNED"], "be shared out");
  const party = requireOwnParty(whistle, actor, command.department);
  if (party.checkIn === null || party.waived !== null) {
    refuse("A party that is not there takes no measure", "a party that has checked in");
  }
  return {
    record: withParty(whistle, { ...party, measure: command.measure }),
    effects: [
      note("whistle-measure", {
        department: party.department,
        measure: command.measure.slice(0, 200),
      }),
    ],
  };
}

function feedBack(
  whistle: WhistleRecord,
  command: Command<"feed-back">,
  { actor }: WhistleContext,
): Changed {
  requireWhistleState(whistle, ["CONSULTED", "ASSIGNED", "DONE"], "take feedback");
  const party = requireOwnParty(whistle, actor, command.department);
  if (party.measure === null || party.waived !== null) {
    refuse("There is no measure to feed back on", "a party that has taken its measure");
  }
  return {
    record: withParty(whistle, { ...party, result: command.result }),
    effects: [
      note("whistle-feedback", {
        department: party.department,
        result: command.result.slice(0, 200),
      }),
    ],
  };
}

/** The town excuses a party, and says why; no party excuses itself. */
function waive(
  whistle: WhistleRecord,
  command: Command<"waive">,
  { actor, now }: WhistleContext,
): Changed {
  requireRole(actor, ["hub", "supervisor"], "waive a party");
  requireOpen(whistle, "lose a party");
  const party = requireParty(whistle, command.department);
  if (actor.department === party.department) {
    refuse("No party waives itself", "somebody of another department", party.department);
  }
  if (party.result !== null || party.waived !== null) {
    refuse("The party has fed back or been waived before", "a party that is still awaited");
  }
  const waived = { by: actorName(actor), reason: command.reason, at: now };
  return {
    record: withParty(whistle, { ...party, waived }),
    effects: [note("whistle-waived", { department: party.department, reason: command.reason })],
  };
}

function callOff(
  whistle: WhistleRecord,
  command: Command<"call-off">,
  { actor }: WhistleContext,
): Changed {
  requireRole(actor, [...TOWN, "system"], "call a whistle off");
  requireOpen(whistle, "be called off");
  return {
    record: { ...whistle, state: "CALLED_OFF" },
    effects: [note("whistle-called-off", { reason: command.reason })],
  };
}

/**
 * Further departments: each has the whole time to report in, from now on. The whistle does not go
 * back; it is not done before the required ones among them have fed back.
 */
function summon(
  whistle: WhistleRecord,
  command: Command<"summon">,
  { actor, now, work }: WhistleContext,
): Changed {
  requireRole(actor, TOWN, "call further departments");
  requireOpen(whistle, "be joined by more");
  const known = command.parties.find(({ department }) =>
    whistle.parties.some((party) => party.department === department),
  );
  if (known !== undefined) {
    refuse("The department has been called before", "departments that are new", known.department);
  }
  const count = whistle.parties.length + command.parties.length;
  if (count > MAX_PARTIES) {
    refuse("Too many departments", `at most ${MAX_PARTIES} in one whistle`, `${count}`);
  }
  const { base, limitMs } = REPORT_IN[whistle.kind];
  const call = { at: now, dueAt: work.add(base, now, limitMs) };
  const added = command.parties.map((party) => ({ ...calledParty(party), summons: call }));
  return {
    record: {
      ...whistle,
      parties: [...whistle.parties, ...added],
      summons: [...(whistle.summons ?? []), { ...call, fired: 0 }],
    },
    effects: [
      note("whistle-summoned", {
        called: added.map(({ department }) => department).join(", "),
        due: formatTime(call.dueAt),
        reason: command.reason,
      }),
    ],
  };
}

/** Both sides are assessed: the party by the town, the whistle by the party. */
function rate(
  whistle: WhistleRecord,
  command: Command<"rate">,
  { actor }: WhistleContext,
): Changed {
  requireWhistleState(whistle, ["DONE"], "be rated");
  const isOfParty = command.direction === "of-party";
  const party = isOfParty
    ? requireParty(whistle, command.department)
    : requireOwnParty(whistle, actor, command.department);
  if (isOfParty) {
    requireRole(actor, TOWN, "rate a party");
  }
  if (isOfParty && actor.department === party.department) {
    refuse("No party rates itself", "somebody of another department", party.department);
  }
  if ((isOfParty ? party.ratingOf : party.ratingBy) !== null) {
    refuse("The rating has been given before", "one rating in each direction");
  }
  if (party.checkIn === null) {
    refuse("The party was not there", "a party that has checked in", party.department);
  }
  const rated = isOfParty ? { ratingOf: command.score } : { ratingBy: command.score };
  return {
    record: withParty(whistle, { ...party, ...rated }),
    effects: [
      note("whistle-rated", {
        department: party.department,
        direction: command.direction,
        score: command.score,
      }),
    ],
  };
}

function withParty(whistle: WhistleRecord, party: Party): WhistleRecord {
  return {
    ...whistle,
    parties: whistle.parties.map((one) => (one.department === party.department ? party : one)),
  };
}

function isThere(whistle: WhistleRecord, department: string | null): boolean {
  return whistle.parties.some(
    (party) => party.department === department && party.checkIn !== null && party.waived === null,
  );
}

function requireParty(whistle: WhistleRecord, department: string): Party {
  return (
    whistle.parties.find((one) => one.department === department) ??
    refuse(
      "The department was not called",
      whistle.parties.map((one) => one.department).join(", "),
      department,
    )
  );
}

/** A department speaks for itself; nobody else does. */
function requireOwnParty(whistle: WhistleRecord, actor: Actor, department: string): Party {
  requireRole(actor, ["department"], "speak for a party");
  if (actor.department !== department) {
    throw new PermanentError("ROLE_REFUSED", "A department speaks for itself only", {
      expected: department,
      got: actor.department ?? "no department",
    });
  }
  return requireParty(whistle, department);
}

/** Another party that is there, or the town. */
function requireWitness(whistle: WhistleRecord, actor: Actor, party: Party): void {
  requireRole(actor, [...TOWN, "department"], "attest a check-in");
  if (actor.department === party.department) {
    refuse("No party attests itself", "a witness of another department", party.department);
  }
  if (actor.role === "department" && !isThere(whistle, actor.department)) {
    refuse("The witness is not there", "a party that has checked in", actor.department ?? "");
  }
}

function requireOpen(whistle: WhistleRecord, what: string): void {
  if (isOver(whistle)) {
    requireWhistleState(whistle, [], what);
  }
}

function requireWhistleState(
  whistle: WhistleRecord,
  states: readonly WhistleState[],
  what: string,
): void {
  if (!states.includes(whistle.state)) {
    throw new PermanentError("STATE_CONFLICT", `This whistle cannot ${what} now`, {
      expected: states.length === 0 ? "a whistle that is not over" : states.join(", "),
      got: whistle.state,
    });
  }
}
