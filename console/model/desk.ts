/** A department's cases in the order in which they ask for something. */
import type { CaseState, CaseSummary } from "../../protocol/index.ts";

const GROUPS = {
  answer: ["DISPATCHED"],
  work: ["ACCEPTED", "HANDLING", "CONTAINED", "REWORK"],
  whistle: ["WHISTLED"],
  paused: ["SUSPENDED", "RETURNED"],
  done: ["HANDLED", "CHECKING"],
} as const satisfies Readonly<Record<string, readonly CaseState[]>>;

const GROUP_NAMES = [...(Object.keys(GROUPS) as (keyof typeof GROUPS)[]), "support"] as const;

export interface DeskGroup {
  readonly name: keyof typeof GROUPS | "support";
  readonly cases: readonly CaseSummary[];
}

/** Where the open task stood when it was opened. */
export interface Pinned {
  readonly id: string;
  readonly group: DeskGroup["name"];
}

/** The open task stays where it is, whatever it becomes: its form must not move away. */
export function pin(groups: readonly DeskGroup[], pinned: Pinned | null): readonly DeskGroup[] {
  const open = groups.flatMap(({ cases }) => cases).find(({ id }) => id === pinned?.id);
  if (open === undefined || pinned === null) {
    return groups;
  }
  const placed = GROUP_NAMES.map((name) => {
    const cases = groups.find((group) => group.name === name)?.cases ?? [];
    const others = cases.filter(({ id }) => id !== open.id);
    return { name, cases: name === pinned.group ? byDue([...others, open]) : others };
  });
  return placed.filter(({ cases }) => cases.length > 0);
}

/**
 * `isOwn`: the brain has left out all other departments' cases, and what another department leads
 * is supported here. Otherwise only what the department leads is shown. Empty groups are left out.
 */
export function deskGroups(
  items: readonly CaseSummary[],
  department: string,
  isOwn: boolean,
): readonly DeskGroup[] {
  const led = items.filter(({ lead }) => lead === department);
  const groups: DeskGroup[] = (Object.keys(GROUPS) as (keyof typeof GROUPS)[]).map((name) => ({
    name,
    cases: byDue((name === "whistle" && isOwn ? items : led).filter(isIn(GROUPS[name]))),
  }));
  const supported = items.filter(
    ({ lead, state }) => isOwn && lead !== department && state !== "WHISTLED",
  );
  return [...groups, { name: "support" as const, cases: byDue(supported) }].filter(
    ({ cases }) => cases.length > 0,
  );
}

function isIn(states: readonly CaseState[]): (item: CaseSummary) => boolean {
  return ({ state }) => states.includes(state);
}

/** What must be contained first stands first. */
function byDue(items: readonly CaseSummary[]): readonly CaseSummary[] {
  const dueOf = ({ clocks }: CaseSummary): string => clocks.contain.dueAt ?? "9999";
  return items.toSorted((a, b) => dueOf(a).localeCompare(dueOf(b)));
}
