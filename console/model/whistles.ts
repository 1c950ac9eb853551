/** What each party of a whistle has done, and what comes next for whom. */
import type {
  PartyView,
  Role,
  SessionView,
  WhistleCommandKind,
  WhistleView,
} from "../../protocol/index.ts";
import { capacitiesOf, deskOf, isAccount } from "./commands.ts";

export const PARTY_STEPS = ["summoned", "answered", "arrived", "measure", "feedback"] as const;
export type PartyStep = (typeof PARTY_STEPS)[number];

export interface PartyProgress {
  /** The last step that was reached. */
  readonly step: PartyStep;
  readonly isWaived: boolean;
  /** Said that it does not come. */
  readonly isDeclined: boolean;
  /** Not there at the deadline, and neither waived. */
  readonly isLate: boolean;
}

export function isOver({ state }: Pick<WhistleView, "state">): boolean {
  return state === "DONE" || state === "RATED" || state === "CALLED_OFF";
}

/** Lateness counts from the party's own call. */
export function progressOf(party: PartyView, nowMs: number): PartyProgress {
  const dueMs = Date.parse(party.dueAt);
  const isHere = party.checkedInAt !== null;
  return {
    step: stepOf(party),
    isWaived: party.waived !== null,
    isDeclined: party.coming === false && !isHere,
    isLate: party.waived === null && (party.late || (!isHere && nowMs > dueMs)),
  };
}

function stepOf(party: PartyView): PartyStep {
  if (party.result !== null) {
    return "feedback";
  }
  if (party.measure !== null) {
    return "measure";
  }
  if (party.checkedInAt !== null) {
    return "arrived";
  }
  return party.answeredAt === null ? "summoned" : "answered";
}

export interface WhistleOffer {
  readonly kind: WhistleCommandKind;
  /** Whom it is about; null for the whistle itself. */
  readonly department: PartyView["department"] | null;
  /** How a check-in is proven. */
  readonly by?: "place" | "code" | "attestation";
}

/** What a party, or who writes down its words, may do next. */
export function partyOffers(
  whistle: WhistleView,
  party: PartyView,
  session: SessionView | null,
): readonly WhistleOffer[] {
  const { department } = party;
  const own = session?.viewer?.department ?? null;
  const isOwn = own === department || (own === null && mayBe(session, ["department"]));
  const offers: WhistleCommandKind[] = [];
  if (isOver(whistle)) {
    if (whistle.state === "DONE" && party.checkedInAt !== null) {
      offers.push(...(isRatedBy(party, session) ? (["rate"] as const) : []));
    }
    return offers.map((kind) => ({ kind, department }));
  }
  const isShared = whistle.state === "CONSULTED" || whistle.state === "ASSIGNED";
  if (isOwn && party.waived === null) {
    const isHere = party.checkedInAt !== null;
    offers.push(...(isHere || party.answeredAt !== null ? [] : (["answer"] as const)));
    offers.push(...(isHere ? [] : (["check-in"] as const)));
    offers.push(...(isHere && isShared && party.measure === null ? (["take"] as const) : []));
    offers.push(...(isShared && party.measure !== null && party.result === null ? FED : []));
  }
  const isAwaited = party.result === null && party.waived === null;
  offers.push(...(isAwaited && mayBe(session, ["hub", "supervisor"]) ? WAIVED : []));
  return offers.map((kind) => ({ kind, department }));
}

const FED: readonly WhistleCommandKind[] = ["feed-back"];
const WAIVED: readonly WhistleCommandKind[] = ["waive"];

/** The town rates a party; a party rates the whistle. */
function isRatedBy(party: PartyView, session: SessionView | null): boolean {
  const own = session?.viewer?.department ?? null;
  return own === null
    ? mayBe(session, TOWN) && party.ratingOf === null
    : own === party.department && party.ratingBy === null;
}

const TOWN: readonly Role[] = ["dispatcher", "hub", "supervisor"];

/** What may be done to the whistle as a whole. */
export function whistleOffers(
  whistle: WhistleView,
  session: SessionView | null,
): readonly WhistleOffer[] {
  const own = session?.viewer?.department ?? null;
  const isHere = whistle.parties.some(
    (party) => party.department === own && party.checkedInAt !== null && party.waived === null,
  );
  const isTown = mayBe(session, TOWN);
  const offers: WhistleOffer[] = [];
  if (whistle.state === "ARRIVED" && (isTown || isHere)) {
    offers.push({ kind: "consult", department: null });
  }
  if (isTown && !isOver(whistle)) {
    offers.push({ kind: "summon", department: null });
    offers.push({ kind: "call-off", department: null });
  }
  return offers;
}

function mayBe(session: SessionView | null, roles: readonly Role[]): boolean {
  if (session?.permissions?.includes("whistle.command") === false) {
    return false;
  }
  const own = capacitiesOf(session);
  return roles.some((role) => own.includes(role));
}

const SPOKEN: readonly WhistleCommandKind[] = ["answer", "check-in", "take", "feed-back"];

/** In which capacity; without accounts each desk has a name of its own. */
export function whistleActor(
  { kind, department, by }: WhistleOffer,
  session: SessionView | null,
): { readonly role: Role; readonly id: string } | undefined {
  if (isAccount(session)) {
    return undefined;
  }
  if (SPOKEN.includes(kind) && by !== "attestation" && department !== null) {
    return deskOf("department", department);
  }
  return { role: kind === "waive" ? "supervisor" : "dispatcher", id: "control-room" };
}

export interface WhistleTally {
  readonly required: number;
  readonly answered: number;
  readonly arrived: number;
  readonly fedBack: number;
}

export function tallyOf({ parties }: WhistleView): WhistleTally {
  const awaited = parties.filter(({ waived }) => waived === null);
  return {
    required: awaited.filter(({ required }) => required).length,
    answered: awaited.filter(({ answeredAt }) => answeredAt !== null).length,
    arrived: awaited.filter(({ checkedInAt }) => checkedInAt !== null).length,
    fedBack: awaited.filter(({ result }) => result !== null).length,
  };
}
