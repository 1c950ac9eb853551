/** Random actors and commands; half of them fit the state, so that walks get far. */
import type { CaseRecord, WhistleCall, WhistleRecord } from "../../brain/cases/index.ts";
import {
  type Actor,
  type CaseCommandKind,
  type CaseState,
  formatTime,
  type Role,
  roleSchema,
  type WhistleCommand,
  whistleCommandSchema,
  type WhistleCommandKind,
  type WhistleState,
} from "../../protocol/index.ts";

type Random = () => number;

export function pick<T>(random: Random, options: readonly T[]): T {
  return options[Math.floor(random() * options.length)] as T;
}

export const DEPARTMENTS = ["CG", "GA", "XF", "ZZ"] as const;
/** Those who mostly work, and those who mostly look at the work; any of them may try anything. */
const WORKERS = ["an", "bo", "cai"] as const;
const WATCHERS = ["ding", "en", "fu"] as const;
const SITE = { lat: 39.8, lon: 116.5, radiusM: 300 } as const;

export function randomActor(random: Random): Actor {
  const role = pick<Role>(random, random() < 0.4 ? ["department"] : roleSchema.options);
  const belongs = role === "department" || (role === "checker" && random() < 0.2);
  return {
    role,
    id: pick(random, random() < 0.5 ? WORKERS : WATCHERS),
    department: (belongs ? pick(random, DEPARTMENTS) : null) as Actor["department"],
  };
}

const ROLE_FOR: Readonly<Partial<Record<CaseCommandKind, Role>>> = {
  verify: "officer",
  reject: "officer",
  merge: "officer",
  file: "officer",
  dispatch: "dispatcher",
  rule: "hub",
  "approve-suspension": "supervisor",
  "refuse-suspension": "supervisor",
  resume: "supervisor",
  check: "checker",
  pass: "checker",
  fail: "checker",
  close: "officer",
  evaluate: "reporter",
  reopen: "reporter",
  cancel: "officer",
  escalate: "supervisor",
  supervise: "supervisor",
};

/** Mostly somebody who may give the command; else anybody. */
export function actorFor(random: Random, kind: CaseCommandKind, record: CaseRecord): Actor {
  if (random() < 0.25) {
    return randomActor(random);
  }
  const role = ROLE_FOR[kind] ?? "department";
  const isWork = role === "department";
  return {
    role,
    id: pick(random, isWork ? WORKERS : WATCHERS),
    department: (isWork ? record.lead : null) as Actor["department"],
  };
}

/** A party for itself, the town for what is the town's; now and then anybody. */
export function whistleActorFor(random: Random, command: WhistleCommand): Actor {
  const isParty =
    (command.kind === "check-in" && command.proof.by !== "attestation") ||
    ["answer", "take", "feed-back"].includes(command.kind) ||
    (command.kind === "rate" && command.direction === "by-party");
  if (random() < 0.15) {
    return randomActor(random);
  }
  return {
    role: isParty ? "department" : "hub",
    id: pick(random, WORKERS),
    department: isParty && "department" in command ? command.department : null,
  };
}

const FITTING: Readonly<Record<CaseState, readonly CaseCommandKind[]>> = {
  REPORTED: ["verify", "file", "file", "reject", "merge"],
  VERIFYING: ["file", "reject"],
  REJECTED: ["reopen"],
  MERGED: ["reopen"],
  FILED: ["dispatch", "dispatch", "rule", "accept", "accept", "merge"],
  DISPATCHED: ["accept", "accept", "accept", "return", "merge"],
  RETURNED: ["dispatch", "rule", "file"],
  ACCEPTED: ["start"],
  HANDLING: ["contain", "handle", "handle", "suspend", "approve-suspension", "refuse-suspension"],
  CONTAINED: ["handle", "start"],
  WHISTLED: ["contain", "handle"],
  SUSPENDED: ["resume", "handle"],
  HANDLED: ["check"],
  CHECKING: ["pass", "pass", "close", "close", "fail"],
  REWORK: ["start"],
  CLOSED: ["evaluate", "reopen"],
  EVALUATED: ["reopen"],
  REOPENED: ["dispatch"],
  CANCELLED: ["reopen"],
  ARCHIVED: ["reopen"],
};
const ALWAYS: readonly CaseCommandKind[] = ["escalate", "supervise", "cancel", "cancel"];
const ALL = [...new Set(Object.values(FITTING).flat()), ...ALWAYS];

export function randomCommand(random: Random, record: CaseRecord, now: number): object {
  const dice = random();
  const kind =
    dice < 0.85
      ? pick(random, FITTING[record.state])
      : dice < 0.88
        ? pick(random, ALWAYS)
        : pick(random, ALL);
  const reason = "because";
  switch (kind) {
    case "reject":
      return { kind, code: "false-alarm" };
    case "merge":
      return { kind, into: "00000000-0000-4000-8000-000000000001" };
    case "file":
      return { kind, standard: "standard 1" };
    case "dispatch":
      return {
        kind,
        ...(random() < 0.5 ? { lead: pick(random, DEPARTMENTS) } : {}),
        means: random() < 0.3 ? "telephone" : "system",
      };
    case "rule":
      return { kind, lead: pick(random, DEPARTMENTS), reason };
    case "handle":
      return { kind, ...(random() < 0.7 ? { note: "done" } : {}) };
    case "suspend":
      return { kind, reason, until: formatTime(now + Math.floor((random() - 0.1) * 9e8)) };
    case "evaluate":
      return { kind, responded: true, solved: random() < 0.5, satisfaction: 4 };
    case "supervise":
      return { kind, light: pick(random, ["none", "yellow", "red"]), reason };
    case "return":
    case "refuse-suspension":
    case "fail":
    case "reopen":
    case "cancel":
    case "escalate":
      return { kind, reason };
    default:
      return { kind };
  }
}

export function randomCall(random: Random): WhistleCall {
  const called = DEPARTMENTS.filter(() => random() < 0.6);
  const parties = called.length === 0 ? ["CG" as const] : called;
  return {
    kind: pick(random, ["emergency", "joint-enforcement", "key-work"]),
    subject: "joint work",
    site: SITE,
    parties: parties.map((department, index) => ({
      department: department as never,
      required: index === 0 || random() < 0.5,
    })),
  };
}

const WHISTLE_FITTING: Readonly<Record<WhistleState, readonly WhistleCommandKind[]>> = {
  BLOWN: ["answer", "answer", "check-in", "check-in", "waive", "summon"],
  ANSWERED: ["check-in", "check-in", "waive"],
  ARRIVED: ["consult", "consult", "summon"],
  CONSULTED: ["take", "take", "feed-back"],
  ASSIGNED: ["feed-back", "feed-back", "feed-back", "waive", "summon"],
  DONE: ["rate"],
  RATED: ["rate"],
  CALLED_OFF: ["check-in", "rate"],
};
const ALL_WHISTLE = [...new Set(Object.values(WHISTLE_FITTING).flat()), "call-off" as const];

export function randomWhistleCommand(
  random: Random,
  whistle: WhistleRecord,
  goodCode: string,
): WhistleCommand {
  const kind =
    random() < 0.85 ? pick(random, WHISTLE_FITTING[whistle.state]) : pick(random, ALL_WHISTLE);
  const department =
    random() < 0.9 ? pick(random, whistle.parties).department : pick<string>(random, DEPARTMENTS);
  return whistleCommandSchema.parse(whistleCommandOf(random, kind, department, goodCode));
}

function whistleCommandOf(
  random: Random,
  kind: WhistleCommandKind,
  department: string,
  goodCode: string,
): object {
  const reason = "because";
  switch (kind) {
    case "answer":
      return { kind, department, coming: random() < 0.8, note: reason };
    case "check-in":
      return { kind, department, proof: randomProof(random, goodCode) };
    case "consult":
      return { kind, opinion: "together" };
    case "take":
      return { kind, department, measure: "ours" };
    case "feed-back":
      return { kind, department, result: "done" };
    case "rate":
      return {
        kind,
        department,
        direction: random() < 0.5 ? "of-party" : "by-party",
        score: 1 + Math.floor(random() * 5),
      };
    case "waive":
      return { kind, department, reason };
    case "call-off":
      return { kind, reason };
    case "summon":
      return {
        kind,
        parties: [{ department: pick(random, DEPARTMENTS), required: random() < 0.5 }],
        reason,
      };
  }
}

function randomProof(random: Random, goodCode: string): object {
  const dice = random();
  if (dice < 0.4) {
    const far = random() < 0.2 ? 0.02 : 0.001;
    return { by: "place", lat: SITE.lat + far, lon: SITE.lon };
  }
  return dice < 0.7
    ? { by: "code", code: random() < 0.8 ? goodCode : "bad" }
    : { by: "attestation", note: "seen" };
}
