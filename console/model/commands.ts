/**
 * What may be done next to a case, by whom and with which key. The brain decides; this mirrors its
 * machine so that a button is only there where it has a chance.
 */
import { CAPACITIES } from "../../protocol/capacity.ts";
import type {
  AccountRole,
  CaseCommandKind,
  CaseCommandRequest,
  CaseState,
  CaseSummary,
  CaseWorkView,
  Role,
  SessionView,
  TimelineItem,
} from "../../protocol/index.ts";

export type ActionKind = CaseCommandKind | "whistle";
type DeclaredActor = NonNullable<CaseCommandRequest["as"]>;

/** One key each; they are told beside the button and by `?`. */
export const ACTION_KEYS: Readonly<Record<ActionKind, string>> = {
  verify: "v",
  reject: "x",
  merge: "m",
  file: "f",
  dispatch: "d",
  rule: "u",
  accept: "a",
  return: "b",
  start: "g",
  contain: "t",
  handle: "h",
  suspend: "z",
  "approve-suspension": "y",
  "refuse-suspension": "q",
  resume: "r",
  check: "c",
  pass: "p",
  fail: "i",
  close: "e",
  evaluate: "l",
  reopen: "o",
  whistle: "w",
  supervise: "s",
  escalate: "^",
  cancel: "Delete",
};

export interface ActionContext {
  readonly summary: Pick<CaseSummary, "state" | "lead" | "serviceLevel">;
  readonly work: CaseWorkView | null;
  readonly timeline: readonly Pick<TimelineItem, "kind">[];
  readonly session: SessionView | null;
}

export interface ActionOffer {
  readonly kind: ActionKind;
  readonly key: string;
  /** Dispatching files first: one press gives both commands. */
  readonly filesFirst: boolean;
  /** Another way than the one that the case calls for; shown after the others. */
  readonly isAside: boolean;
}

interface Rule {
  readonly roles: readonly Role[];
  readonly states: readonly CaseState[] | "supervised" | "cancellable";
  readonly isAside?: true;
  readonly when?: (context: ActionContext) => boolean;
}

const OVER: readonly CaseState[] = ["REJECTED", "MERGED", "CANCELLED", "ARCHIVED"];
const AFTER_CLOSING: readonly CaseState[] = [...OVER, "CLOSED", "EVALUATED", "REOPENED"];
const COMMAND: readonly Role[] = ["dispatcher"];
const DEPARTMENT: readonly Role[] = ["department"];

/** In the order of their buttons: the way forward first. */
const RULES: Readonly<Record<ActionKind, Rule>> = {
  verify: { roles: ["officer"], states: ["REPORTED"] },
  dispatch: { roles: COMMAND, states: ["FILED", "RETURNED", "REOPENED"] },
  rule: { roles: ["hub"], states: ["RETURNED", "FILED"], when: wasReturned },
  file: { roles: ["officer"], states: ["REPORTED", "VERIFYING", "RETURNED"] },
  reject: { roles: ["officer"], states: ["REPORTED", "VERIFYING"] },
  merge: { roles: ["officer"], states: ["REPORTED", "VERIFYING"] },
  accept: { roles: DEPARTMENT, states: ["DISPATCHED"] },
  return: { roles: DEPARTMENT, states: ["DISPATCHED"], when: mayReturn },
  start: { roles: DEPARTMENT, states: ["ACCEPTED", "REWORK", "CONTAINED"] },
  contain: { roles: DEPARTMENT, states: ["HANDLING", "WHISTLED"], when: notContained },
  handle: { roles: DEPARTMENT, states: ["HANDLING", "CONTAINED"] },
  suspend: { roles: DEPARTMENT, states: ["HANDLING"], when: mayPause },
  "approve-suspension": { roles: ["supervisor"], states: ["HANDLING"], when: pauseAsked },
  "refuse-suspension": { roles: ["supervisor"], states: ["HANDLING"], when: pauseAsked },
  resume: { roles: ["supervisor", "department"], states: ["SUSPENDED"] },
  check: { roles: ["checker"], states: ["HANDLED"] },
  pass: { roles: ["checker"], states: ["CHECKING"], when: (context) => !hasPassed(context) },
  fail: { roles: ["checker"], states: ["CHECKING"] },
  close: { roles: ["officer"], states: ["CHECKING"], when: isClosable },
  evaluate: { roles: ["officer"], states: ["CLOSED"] },
  reopen: { roles: ["supervisor"], states: ["CLOSED", "EVALUATED"] },
  whistle: {
    roles: ["dispatcher", "hub", "supervisor"],
    states: ["HANDLING"],
    when: ({ session }) => session?.permissions?.includes("whistle.blow") !== false,
  },
  supervise: { roles: ["supervisor"], states: "supervised", isAside: true },
  escalate: {
    roles: ["supervisor", "hub", "dispatcher", "department", "officer"],
    states: "supervised",
    isAside: true,
    when: ({ work }) => (work?.level ?? 0) < 4,
  },
  cancel: {
    roles: ["officer", "dispatcher", "supervisor", "hub"],
    states: "cancellable",
    isAside: true,
  },
};

export function nextActions(context: ActionContext): readonly ActionOffer[] {
  const { session } = context;
  if (session?.permissions?.includes("case.command") === false) {
    return [];
  }
  const own = capacitiesOf(session);
  return (Object.keys(RULES) as ActionKind[])
    .filter((kind) => isOffered(kind, own, context))
    .map((kind) => ({
      kind,
      key: ACTION_KEYS[kind],
      filesFirst: kind === "dispatch" && isUnfiled(context),
      isAside: RULES[kind].isAside === true || (kind === "dispatch" && isOnItsWay(context)),
    }));
}

function isOffered(kind: ActionKind, own: readonly Role[], context: ActionContext): boolean {
  const rule = RULES[kind];
  const { state, lead } = context.summary;
  const department = context.session?.viewer?.department ?? null;
  const roles = rolesFor(kind, own, context);
  const isOthers = roles.length === 1 && roles[0] === "department" && department !== null;
  if (roles.length === 0 || (isOthers && kind !== "escalate" && department !== lead)) {
    return false;
  }
  const mayFile = kind === "dispatch" && isUnfiled(context) && own.includes("officer");
  return (mayFile || isIn(rule.states, state)) && (rule.when?.(context) ?? true);
}

function isIn(states: Rule["states"], state: CaseState): boolean {
  if (states === "supervised") {
    return !OVER.includes(state);
  }
  return states === "cancellable" ? !AFTER_CLOSING.includes(state) : states.includes(state);
}

function isUnfiled({ summary }: ActionContext): boolean {
  return summary.state === "REPORTED" || summary.state === "VERIFYING";
}

/** All capacities where nobody has an account. */
export function capacitiesOf(session: SessionView | null): readonly Role[] {
  const roles = session?.viewer?.roles ?? (Object.keys(CAPACITIES) as AccountRole[]);
  return [...new Set(roles.flatMap((role) => CAPACITIES[role]))];
}

function rolesFor(
  kind: ActionKind,
  own: readonly Role[],
  { work }: ActionContext,
): readonly Role[] {
  const roles = RULES[kind].roles.filter((role) => own.includes(role));
  // Cancelling takes two of different roles.
  return kind === "cancel" ? roles.filter((role) => role !== work?.cancelAskedBy) : roles;
}

/**
 * In which capacity this viewer gives a command. Undefined: the brain's own choice. Without
 * accounts each desk has a name of its own, so that handling and checking stay apart.
 */
export function actorFor(kind: ActionKind, context: ActionContext): DeclaredActor | undefined {
  const role = rolesFor(kind, capacitiesOf(context.session), context)[0];
  if (role === undefined) {
    return undefined;
  }
  const viewer = context.session?.viewer;
  if (isAccount(context.session) && viewer !== undefined) {
    return viewer.roles.length > 1 ? { role, id: viewer.id } : undefined;
  }
  return deskOf(role, context.summary.lead);
}

export function isAccount(session: SessionView | null): boolean {
  const id = session?.viewer?.id;
  return id !== undefined && id !== "local" && id !== "key";
}

export function deskOf(role: Role, department: CaseSummary["lead"]): DeclaredActor {
  return role === "department"
    ? { role, id: department, department }
    : { role, id: `${role}-desk` };
}

function wasReturned({ work }: ActionContext): boolean {
  return (work?.returns.length ?? 0) > 0;
}

function mayReturn({ work, summary }: ActionContext): boolean {
  const before = work?.returns.some(({ department }) => department === summary.lead) ?? false;
  return work?.ruled !== true && !before;
}

function notContained({ work }: ActionContext): boolean {
  const clock = work?.clocks.find((one) => one.clock === "contain");
  return clock === undefined || clock.stoppedAt === null;
}

function mayPause({ work, summary }: ActionContext): boolean {
  return !["S0", "S1"].includes(summary.serviceLevel) && (work?.suspension ?? null) === null;
}

function pauseAsked({ work }: ActionContext): boolean {
  return (work?.suspension ?? null) !== null;
}

/** Sent, and not yet delivered: sending again is for when the department's system is away. */
function isOnItsWay({ timeline, summary }: ActionContext): boolean {
  const last = timeline.findLast(({ kind }) => SENDING.includes(kind));
  return summary.state === "FILED" && last?.kind === "sent";
}

const SENDING: readonly TimelineItem["kind"][] = ["sent", "dispatched", "returned", "reopened"];

/** The newest check of this round has a result. */
function hasPassed({ timeline }: ActionContext): boolean {
  const last = timeline.findLast(({ kind }) => kind === "checking" || kind === "check-passed");
  return last?.kind === "check-passed";
}

function isClosable(context: ActionContext): boolean {
  const whistles = context.work?.whistles ?? [];
  return hasPassed(context) && whistles.every(({ unmet }) => unmet.length === 0);
}

/** More urgent first: life safety before the rest, then the gravest, then who has waited longest. */
export function mostUrgent(
  cases: Iterable<Pick<CaseSummary, "id" | "state" | "serviceLevel" | "severity" | "reportedAt">>,
): string | null {
  const waiting = [...cases].filter(({ state }) => state === "REPORTED" || state === "VERIFYING");
  const [first] = waiting.sort(
    (a, b) =>
      a.serviceLevel.localeCompare(b.serviceLevel) ||
      a.severity - b.severity ||
      Date.parse(a.reportedAt) - Date.parse(b.reportedAt),
  );
  return first?.id ?? null;
}
