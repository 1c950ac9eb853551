/**
 * What may be done next to a case, by whom and with which key. The brain lists what its machine
 * takes; here it gets its order, its keys and its place.
 */
import { CAPACITIES } from "../../protocol/capacity.ts";
import type {
  AccountRole,
  CaseAction,
  CaseActionOffer,
  CaseCommandRequest,
  CaseState,
  CaseSummary,
  CaseWorkView,
  Role,
  SessionView,
  TimelineItem,
} from "../../protocol/index.ts";

/** Cases become one by merging their incidents: that way what comes later joins the right one. */
export type ActionKind = Exclude<CaseAction, "merge">;
type DeclaredActor = NonNullable<CaseCommandRequest["as"]>;

/** One key each; they are told beside the button and by `?`. In the order of their buttons. */
export const ACTION_KEYS: Readonly<Record<ActionKind, string>> = {
  verify: "v",
  dispatch: "d",
  rule: "u",
  file: "f",
  reject: "x",
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
  regroup: "m",
  split: "2",
  note: "+",
};

const ASIDE: readonly ActionKind[] = ["supervise", "escalate", "cancel"];
/** These have their buttons where what they are about is shown. */
export const ELSEWHERE: readonly ActionKind[] = ["regroup", "split", "note"];

/** What the brain has listed, and for what it was listed. */
export interface ListedActions {
  readonly state: CaseState;
  readonly version: number;
  readonly actions: readonly CaseActionOffer[];
}

export interface ActionContext {
  readonly summary: Pick<CaseSummary, "state" | "lead" | "serviceLevel">;
  readonly work: CaseWorkView | null;
  /** Null while it is not known what may be done in the state that the case is in. */
  readonly actions: readonly CaseActionOffer[] | null;
  readonly timeline: readonly Pick<TimelineItem, "kind">[];
}

export interface ActionOffer {
  readonly kind: ActionKind;
  readonly key: string;
  /** In which capacity; null where the action takes none. */
  readonly as: DeclaredActor | null;
  /** Dispatching files first: one press gives both commands. */
  readonly filesFirst: boolean;
  /** Another way than the one that the case calls for; shown after the others. */
  readonly isAside: boolean;
}

/** An answer may tell a state without a list. */
type Unread = Omit<ListedActions, "actions"> & {
  readonly actions?: ListedActions["actions"] | undefined;
};

/**
 * The newest list. Warnings and events raise a version without changing what may be done; another
 * state asks for another list.
 */
export function actionsFor(
  { state }: Pick<CaseSummary, "state">,
  ...lists: readonly (Unread | null)[]
): readonly CaseActionOffer[] | null {
  const newest = lists
    .filter((list) => list?.actions !== undefined)
    .toSorted((a, b) => (b?.version ?? 0) - (a?.version ?? 0))[0];
  return newest?.state === state ? (newest.actions ?? null) : null;
}

export function nextActions(context: ActionContext): readonly ActionOffer[] {
  const listed = context.actions ?? [];
  return (Object.keys(ACTION_KEYS) as ActionKind[]).flatMap((kind) => {
    const offer = listed.find((one) => one.kind === kind);
    return offer === undefined
      ? []
      : [
          {
            kind,
            key: ACTION_KEYS[kind],
            as: offer.as,
            filesFirst: offer.filesFirst,
            isAside: ASIDE.includes(kind) || (kind === "dispatch" && isOnItsWay(context)),
          },
        ];
  });
}

/** All capacities where nobody has an account. */
export function capacitiesOf(session: SessionView | null): readonly Role[] {
  const roles = session?.viewer?.roles ?? (Object.keys(CAPACITIES) as AccountRole[]);
  return [...new Set(roles.flatMap((role) => CAPACITIES[role]))];
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

/** Sent, and not yet delivered: sending again is for when the department's system is away. */
function isOnItsWay({ timeline, summary }: ActionContext): boolean {
  const last = timeline.findLast(({ kind }) => SENDING.includes(kind));
  return summary.state === "FILED" && last?.kind === "sent";
}

const SENDING: readonly TimelineItem["kind"][] = ["sent", "dispatched", "returned", "reopened"];

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
