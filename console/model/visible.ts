/** Which cases the list shows. */
import type { CaseState, CaseSummary } from "../../protocol/index.ts";
import { compareCases, sortCases, type ConsoleState, type Filter } from "./state.ts";

type Shown = Pick<ConsoleState, "cases" | "pages" | "filter" | "query" | "catalogue">;

/** Newest first, without gaps: nothing older than what this filter has been read to. */
export function visibleCases(state: Shown): readonly CaseSummary[] {
  const oldest = state.pages[state.filter]?.oldest ?? state.pages.ALL?.oldest ?? null;
  const words = state.query.trim().toLocaleLowerCase().split(/\s+/).filter(Boolean);
  const names = new Map<string, string>(
    state.catalogue?.departments.map((department) => [
      department.code,
      `${department.zh} ${department.en}`,
    ]),
  );
  return sortCases(
    [...state.cases.values()].filter(
      (item) =>
        (state.filter === "ALL" || item.state === state.filter) &&
        (oldest === null || compareCases(item, oldest) <= 0) &&
        (words.length === 0 || hasAll(item, words, names.get(item.lead) ?? "")),
    ),
  );
}

function hasAll(item: CaseSummary, words: readonly string[], leadNames: string): boolean {
  const text = [
    item.number,
    item.title.zh,
    item.title.en,
    item.eventType,
    item.camera.name,
    item.camera.id,
    item.location.gridCode ?? "",
    item.location.address ?? "",
    item.lead,
    leadNames,
  ]
    .join("\n")
    .toLocaleLowerCase();
  return words.every((word) => text.includes(word));
}

/** States offered as filters although none is in them: the way every case goes. */
const ALWAYS: readonly CaseState[] = ["REPORTED", "FILED", "DISPATCHED", "ACCEPTED"];

export interface FilterCount {
  readonly filter: Filter;
  readonly count: number;
}

export function filterCounts(counts: Readonly<Record<string, number>>): readonly FilterCount[] {
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const others = Object.keys(counts).filter(
    (state) => !ALWAYS.includes(state as CaseState) && (counts[state] ?? 0) > 0,
  ) as CaseState[];
  const states = [...ALWAYS, ...others];
  return [
    { filter: "ALL", count: total },
    ...states.map((state) => ({ filter: state, count: counts[state] ?? 0 })),
  ];
}
