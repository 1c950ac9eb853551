/** The wallboard's queue: what cannot wait comes first. */
import type { CaseState, CaseSummary, ClockName } from "../../protocol/index.ts";
import { readClock, type ClockLevel } from "./clocks.ts";
import { compareCases } from "./state.ts";

const OVER: ReadonlySet<CaseState> = new Set([
  "REJECTED",
  "MERGED",
  "CANCELLED",
  "CLOSED",
  "EVALUATED",
  "ARCHIVED",
]);

export function isOpen({ state }: Pick<CaseSummary, "state">): boolean {
  return !OVER.has(state);
}

const CLOCKS: readonly ClockName[] = ["report", "dispatch", "contain"];
const RANK: Readonly<Record<ClockLevel, number>> = { calm: 0, half: 1, most: 2, over: 3 };

/** The running clock that is nearest its limit, or furthest past it. */
export interface Pressure {
  readonly clock: ClockName | null;
  readonly level: ClockLevel;
  /** Negative once the limit has passed; Infinity where no clock runs. */
  readonly remainingMs: number;
}

export function pressureOf(item: Pick<CaseSummary, "clocks">, nowMs: number): Pressure {
  let most: Pressure = { clock: null, level: "calm", remainingMs: Number.POSITIVE_INFINITY };
  for (const clock of CLOCKS) {
    const reading = readClock(item.clocks[clock], nowMs);
    if (reading.kind !== "running") {
      continue;
    }
    const { level, remainingMs } = reading;
    const isMore = RANK[level] > RANK[most.level];
    if (isMore || (level === most.level && remainingMs < most.remainingMs)) {
      most = { clock, level, remainingMs };
    }
  }
  return most;
}

/**
 * Open cases, in the order of the brain's own queue: S0 before all, then those past a limit, then those that are tight, then by level of
 * service, then by the time that is left, and the newest first where all is equal.
 */
export function byUrgency(cases: Iterable<CaseSummary>, nowMs: number): readonly CaseSummary[] {
  const ranked = [...cases].filter(isOpen).map((item) => {
    const { clock, level, remainingMs } = pressureOf(item, nowMs);
    // A life that is out of danger does not hide what is late.
    const life = item.serviceLevel === "S0" && clock !== null ? 0 : 1;
    return { item, life, rank: -RANK[level], remainingMs };
  });
  ranked.sort(
    (a, b) =>
      a.life - b.life ||
      a.rank - b.rank ||
      compareText(a.item.serviceLevel, b.item.serviceLevel) ||
      compareNumbers(a.remainingMs, b.remainingMs) ||
      compareCases(a.item, b.item),
  );
  return ranked.map(({ item }) => item);
}

function compareText(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

/** Infinity minus Infinity is no number. */
function compareNumbers(a: number, b: number): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

/** Answer of `GET /v1/queue`. */
export interface Queue {
  readonly items: readonly CaseSummary[];
  readonly counts: {
    readonly open: number;
    readonly urgent: number;
    readonly late: number;
    readonly tight: number;
  };
  /** Filings of cameras with the police that are still to be made. */
  readonly filings?: readonly {
    readonly camera: string;
    readonly dueOn: string;
    readonly overdue: boolean;
  }[];
  readonly asOf: string;
}

/** What the queue and the stream know together; of two versions of a case the newer one. */
export function mergeCases(
  queue: readonly CaseSummary[],
  streamed: ReadonlyMap<string, CaseSummary>,
): readonly CaseSummary[] {
  const merged = new Map(streamed);
  for (const item of queue) {
    if (item.version > (merged.get(item.id)?.version ?? 0)) {
      merged.set(item.id, item);
    }
  }
  return [...merged.values()];
}
