/** Everything the page knows, and how each happening changes it. Pure. */
import type {
  CaseDetail,
  CaseList,
  CaseState,
  CaseSummary,
  Catalogue,
  HealthView,
  SessionView,
} from "../../protocol/index.ts";
import type { ApiFailure } from "./api.ts";
import { learnBrainTime, NO_BRAIN_TIME, type BrainTime } from "./brain-time.ts";
import type { Connection } from "./stream.ts";

export type Filter = CaseState | "ALL";

/** How far one filter's list has been read, newest first. */
export interface Page {
  /** Cursor of the next page; null when all has been read. */
  readonly next: string | null;
  /** The oldest case read: what is older may have gaps and is not shown. Null: no limit. */
  readonly oldest: CaseSummary | null;
  readonly status: "loading" | "ready" | "failed";
}

export interface OpenCase {
  readonly id: string;
  readonly detail: CaseDetail | null;
  readonly status: "loading" | "ready" | "missing" | "failed";
}

export interface Arrivals {
  /** Rises with every batch, so that a repeated batch is told from a new one. */
  readonly serial: number;
  readonly cases: readonly CaseSummary[];
}

export interface ConsoleState {
  readonly phase: "starting" | "signed-out" | "ready" | "failed";
  readonly failure: ApiFailure | null;
  /** Who looks, and what that one may do; null until the brain has said. */
  readonly session: SessionView | null;
  readonly connection: Connection;
  /** Local time at which the brain was last heard; null before the first time. */
  readonly heardAtMs: number | null;
  readonly brainTime: BrainTime;
  readonly cases: ReadonlyMap<string, CaseSummary>;
  /** The newest batch that the stream brought, for the announcement. */
  readonly arrivals: Arrivals;
  /** Cases of level S0 that came by the stream and that nobody here has taken note of yet. */
  readonly urgent: readonly string[];
  /** Local arrival time of cases that came by the stream in the last seconds. */
  readonly fresh: ReadonlyMap<string, number>;
  readonly counts: Readonly<Record<string, number>>;
  readonly pages: Readonly<Partial<Record<Filter, Page>>>;
  readonly filter: Filter;
  readonly query: string;
  readonly health: HealthView | null;
  readonly catalogue: Catalogue | null;
  readonly open: OpenCase | null;
}

export type Action =
  | { readonly kind: "phase"; readonly phase: "starting" | "signed-out" }
  | { readonly kind: "failed"; readonly failure: ApiFailure }
  | { readonly kind: "session"; readonly session: SessionView }
  | { readonly kind: "catalogue"; readonly catalogue: Catalogue }
  | { readonly kind: "loaded"; readonly list: CaseList; readonly atMs: number }
  | { readonly kind: "page-loading"; readonly filter: Filter }
  | { readonly kind: "page-failed"; readonly filter: Filter }
  | { readonly kind: "page"; readonly filter: Filter; readonly list: CaseList }
  | { readonly kind: "streamed"; readonly cases: readonly CaseSummary[]; readonly atMs: number }
  | { readonly kind: "noted"; readonly ids: readonly string[] }
  | { readonly kind: "fade"; readonly atMs: number }
  | { readonly kind: "counts"; readonly counts: Readonly<Record<string, number>> }
  | { readonly kind: "connection"; readonly connection: Connection }
  | { readonly kind: "heard"; readonly atMs: number; readonly brainIso?: string }
  | { readonly kind: "health"; readonly health: HealthView }
  | { readonly kind: "filter"; readonly filter: Filter }
  | { readonly kind: "query"; readonly query: string }
  | { readonly kind: "open"; readonly id: string }
  | { readonly kind: "close" }
  | { readonly kind: "detail"; readonly detail: CaseDetail }
  | { readonly kind: "detail-failed"; readonly id: string; readonly missing: boolean };

export const INITIAL_STATE: ConsoleState = {
  phase: "starting",
  failure: null,
  session: null,
  connection: "connecting",
  heardAtMs: null,
  brainTime: NO_BRAIN_TIME,
  cases: new Map(),
  arrivals: { serial: 0, cases: [] },
  urgent: [],
  fresh: new Map(),
  counts: {},
  pages: {},
  filter: "ALL",
  query: "",
  health: null,
  catalogue: null,
  open: null,
};

/** A page open for a week must not grow for a week: past this the oldest are let go. */
export const CASES_KEPT = 2_000;
/** How long a new row stays marked. */
export const FRESH_MS = 8_000;
const URGENT_KEPT = 50;
/** In a flood nobody looks at marks. */
const FRESH_KEPT = 100;

export function reduce(state: ConsoleState, action: Action): ConsoleState {
  switch (action.kind) {
    case "phase":
      return { ...state, phase: action.phase, failure: null };
    case "failed":
      return state.phase === "ready"
        ? { ...state, failure: action.failure }
        : { ...state, phase: "failed", failure: action.failure };
    case "loaded":
      return loaded(state, action.list, action.atMs);
    case "page-loading":
    case "page-failed":
    case "page":
      return paged(state, action);
    case "streamed":
      return streamed(state, action.cases, action.atMs);
    case "noted":
      return { ...state, urgent: state.urgent.filter((id) => !action.ids.includes(id)) };
    case "fade":
      return fade(state, action.atMs);
    case "heard":
      return heard(state, action.atMs, action.brainIso);
    case "open":
      return state.open?.id === action.id
        ? state
        : { ...state, open: { id: action.id, detail: null, status: "loading" } };
    case "close":
      return state.open === null ? state : { ...state, open: null };
    case "detail":
      return withDetail(state, action.detail);
    case "detail-failed":
      return state.open?.id === action.id
        ? { ...state, open: { ...state.open, status: action.missing ? "missing" : "failed" } }
        : state;
    case "session":
      return { ...state, session: action.session };
    case "catalogue":
      return { ...state, catalogue: action.catalogue };
    case "counts":
      return { ...state, counts: action.counts };
    case "connection":
      return { ...state, connection: action.connection };
    case "health":
      return { ...state, health: action.health };
    case "filter":
      return { ...state, filter: action.filter };
    case "query":
      return { ...state, query: action.query };
  }
}

/** A fresh start replaces what was known: the brain may have been given another database. */
function loaded(state: ConsoleState, list: CaseList, atMs: number): ConsoleState {
  const known = new Map([...state.cases].filter(([id]) => list.items.some((c) => c.id === id)));
  return {
    ...state,
    phase: "ready",
    failure: null,
    heardAtMs: atMs,
    brainTime: learnBrainTime(NO_BRAIN_TIME, list.asOf, atMs),
    cases: merge(known, list.items),
    counts: list.counts,
    pages: { ALL: pageOf(list) },
  };
}

type PageAction = Extract<Action, { kind: "page" | "page-loading" | "page-failed" }>;

function paged(state: ConsoleState, action: PageAction): ConsoleState {
  const { filter } = action;
  if (action.kind === "page") {
    return {
      ...state,
      cases: merge(state.cases, action.list.items),
      counts: action.list.counts,
      pages: { ...state.pages, [filter]: pageOf(action.list, state.pages[filter]) },
    };
  }
  const before = state.pages[filter] ?? { next: null, oldest: null };
  const status = action.kind === "page-loading" ? "loading" : "failed";
  return { ...state, pages: { ...state.pages, [filter]: { ...before, status } } };
}

function pageOf(list: CaseList, before?: Page): Page {
  // The brain may order cases of the same millisecond otherwise: none of the page is left out.
  const oldest = sortCases(list.items).at(-1) ?? before?.oldest ?? null;
  return { next: list.next, oldest: list.next === null ? null : oldest, status: "ready" };
}

/** Takes a case only where it is newer than what is known: messages may repeat and overtake. */
function merge(
  known: ReadonlyMap<string, CaseSummary>,
  items: readonly CaseSummary[],
): ReadonlyMap<string, CaseSummary> {
  const newer = items.filter((item) => item.version > (known.get(item.id)?.version ?? 0));
  if (newer.length === 0) {
    return known;
  }
  const merged = new Map(known);
  for (const item of newer) {
    if (item.version > (merged.get(item.id)?.version ?? 0)) {
      merged.set(item.id, item);
    }
  }
  return merged;
}

function streamed(state: ConsoleState, items: readonly CaseSummary[], atMs: number): ConsoleState {
  const cases = merge(state.cases, items);
  if (cases === state.cases) {
    return state;
  }
  const arrived = [...new Set(items.map((item) => item.id))]
    .filter((id) => !state.cases.has(id))
    .flatMap((id) => cases.get(id) ?? [])
    .filter((item) => isNewer(item, state));
  const grown = {
    ...state,
    cases,
    urgent: alarm(state, items, cases),
    fresh: refresh(state.fresh, arrived, atMs),
    counts: recount(state, items, cases, arrived),
    arrivals:
      arrived.length === 0 ? state.arrivals : { serial: state.arrivals.serial + 1, cases: arrived },
  };
  return cases.size > CASES_KEPT ? trim(grown) : grown;
}

/** A case may also become S0 later, when a graver alarm joins it. */
function alarm(
  state: ConsoleState,
  items: readonly CaseSummary[],
  cases: ReadonlyMap<string, CaseSummary>,
): readonly string[] {
  const isAlarming = (id: string): boolean => {
    const before = state.cases.get(id);
    const now = cases.get(id);
    return (
      now?.serviceLevel === "S0" &&
      before?.serviceLevel !== "S0" &&
      (before !== undefined || isNewer(now, state))
    );
  };
  const added = [...new Set(items.map(({ id }) => id))].filter(isAlarming);
  return added.length === 0 ? state.urgent : [...state.urgent, ...added].slice(-URGENT_KEPT);
}

function refresh(
  known: ReadonlyMap<string, number>,
  arrived: readonly CaseSummary[],
  atMs: number,
): ReadonlyMap<string, number> {
  const still = [...known].filter(([, since]) => atMs - since < FRESH_MS);
  const added = arrived.map((item) => [item.id, atMs] as const);
  return new Map([...still, ...added].slice(-FRESH_KEPT));
}

/** A change of an old case that this page has not read is no arrival. */
function isNewer(item: CaseSummary, state: ConsoleState): boolean {
  const oldest = state.pages.ALL?.oldest;
  return oldest === null || oldest === undefined || compareCases(item, oldest) <= 0;
}

function fade(state: ConsoleState, atMs: number): ConsoleState {
  const fresh = refresh(state.fresh, [], atMs);
  return fresh.size === state.fresh.size ? state : { ...state, fresh };
}

/**
 * Moves known cases between the counts and adds those that arrived; old cases that this page has
 * not read wait for the brain's own count, which soon follows.
 */
function recount(
  state: ConsoleState,
  items: readonly CaseSummary[],
  cases: ReadonlyMap<string, CaseSummary>,
  arrived: readonly CaseSummary[],
): Readonly<Record<string, number>> {
  const counts: Record<string, number> = { ...state.counts };
  for (const { state: reached } of arrived) {
    counts[reached] = (counts[reached] ?? 0) + 1;
  }
  for (const id of new Set(items.map((item) => item.id))) {
    const before = state.cases.get(id);
    const now = cases.get(id);
    if (before !== undefined && now !== undefined && before.state !== now.state) {
      counts[before.state] = Math.max(0, (counts[before.state] ?? 0) - 1);
      counts[now.state] = (counts[now.state] ?? 0) + 1;
    }
  }
  return counts;
}

/** Lets the oldest quarter go. They can be had again by a filter. */
function trim(state: ConsoleState): ConsoleState {
  const kept = sortCases([...state.cases.values()]).slice(0, Math.floor(CASES_KEPT * 0.75));
  const oldest = kept.at(-1) ?? null;
  const pages: Partial<Record<Filter, Page>> = {};
  for (const [filter, page] of Object.entries(state.pages) as [Filter, Page][]) {
    const isCut =
      page.oldest === null || (oldest !== null && compareCases(page.oldest, oldest) > 0);
    pages[filter] = isCut ? { ...page, next: null, oldest } : page;
  }
  return { ...state, cases: new Map(kept.map((item) => [item.id, item])), pages };
}

function heard(state: ConsoleState, atMs: number, brainIso?: string): ConsoleState {
  const brainTime =
    brainIso === undefined ? state.brainTime : learnBrainTime(state.brainTime, brainIso, atMs);
  return { ...state, heardAtMs: atMs, brainTime };
}

function withDetail(state: ConsoleState, detail: CaseDetail): ConsoleState {
  const { open } = state;
  if (open?.id !== detail.id || (open.detail?.version ?? 0) > detail.version) {
    return state;
  }
  // Only a case that the list already holds is updated by its detail: the list has no gaps.
  const cases = state.cases.has(detail.id) ? merge(state.cases, [detail]) : state.cases;
  return { ...state, cases, open: { id: detail.id, detail, status: "ready" } };
}

/** Parsing a time is slow beside comparing two: each case's is read once. */
const reportedMs = new WeakMap<CaseSummary, number>();

function reportedMsOf(item: CaseSummary): number {
  const known = reportedMs.get(item);
  if (known !== undefined) {
    return known;
  }
  const atMs = Date.parse(item.reportedAt);
  reportedMs.set(item, atMs);
  return atMs;
}

/** Newest first: by report, then by number, so that equal times keep one order. */
export function compareCases(a: CaseSummary, b: CaseSummary): number {
  const byTime = reportedMsOf(b) - reportedMsOf(a);
  if (byTime !== 0) {
    return byTime;
  }
  return a.number === b.number ? 0 : a.number > b.number ? -1 : 1;
}

export function sortCases(cases: readonly CaseSummary[]): readonly CaseSummary[] {
  return cases.toSorted(compareCases);
}
