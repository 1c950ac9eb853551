/** A department's cases in the order in which they ask for something. */
import type { CaseState, CaseSummary } from "../../protocol/index.ts";

const GROUPS = {
  answer: ["DISPATCHED"],
  work: ["ACCEPTED", "HANDLING", "CONTAINED", "REWORK"],
  whistle: ["WHISTLED"],
  paused: ["SUSPENDED", "RETURNED"],
  done: ["HANDLED", "CHECKING"],
} as const satisfies Readonly<Record<string, readonly CaseState[]>>;

export interface DeskGroup {
  readonly name: keyof typeof GROUPS | "support";
  readonly cases: readonly CaseSummary[];
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
