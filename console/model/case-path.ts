/** The way of a case through its states, for the page's stepper. */
import type { CaseState, TimelineItem, TimelineKind } from "../../protocol/index.ts";

export interface PathStep {
  readonly state: CaseState;
  readonly status: "done" | "current" | "ahead";
  /** When it was reached, ISO; null while ahead or unknown. */
  readonly at: string | null;
  /** From the step before, ms; null where either time is unknown. */
  readonly tookMs: number | null;
}

/** The way that leads to a department at work. */
const MAIN: readonly CaseState[] = ["REPORTED", "FILED", "DISPATCHED", "ACCEPTED"];
/** States that follow acceptance in the common case; shown only when one of them is reached. */
const LATER: readonly CaseState[] = [
  "HANDLING",
  "CONTAINED",
  "HANDLED",
  "CHECKING",
  "CLOSED",
  "EVALUATED",
  "ARCHIVED",
];
/** Ends and detours: where they leave the main way. */
const BRANCH_AFTER: Readonly<Partial<Record<CaseState, CaseState>>> = {
  VERIFYING: "REPORTED",
  REJECTED: "REPORTED",
  MERGED: "REPORTED",
  RETURNED: "DISPATCHED",
};

const KIND_OF: Readonly<Partial<Record<CaseState, TimelineKind>>> = {
  REPORTED: "reported",
  FILED: "filed",
  DISPATCHED: "dispatched",
  ACCEPTED: "accepted",
  RETURNED: "returned",
  CANCELLED: "cancelled",
};

export function casePath(
  state: CaseState,
  timeline: readonly Pick<TimelineItem, "at" | "kind">[],
): readonly PathStep[] {
  const states = statesOf(state, timeline);
  const current = states.indexOf(state);
  const times = states.map((step, index) => (index <= current ? timeOf(step, timeline) : null));
  return states.map((step, index) => {
    const at = times[index] ?? null;
    const before = times[index - 1] ?? null;
    return {
      state: step,
      status: index < current ? "done" : index === current ? "current" : "ahead",
      at,
      tookMs: at === null || before === null ? null : Date.parse(at) - Date.parse(before),
    };
  });
}

function statesOf(
  state: CaseState,
  timeline: readonly Pick<TimelineItem, "kind">[],
): readonly CaseState[] {
  if (MAIN.includes(state)) {
    return MAIN;
  }
  const later = LATER.indexOf(state);
  if (later !== -1) {
    return [...MAIN, ...LATER.slice(0, later + 1)];
  }
  const from = BRANCH_AFTER[state];
  if (from !== undefined) {
    const taken = MAIN.slice(0, MAIN.indexOf(from) + 1);
    return state === "VERIFYING" ? [...taken, state, ...MAIN.slice(1)] : [...taken, state];
  }
  if (state === "CANCELLED") {
    const kinds = new Set(timeline.map((item) => item.kind));
    return [...MAIN.filter((step) => kinds.has(KIND_OF[step] ?? "ended")), state];
  }
  return [...MAIN, state];
}

/** The last time counts: a returned case is dispatched anew. */
function timeOf(
  state: CaseState,
  timeline: readonly Pick<TimelineItem, "at" | "kind">[],
): string | null {
  const kind = KIND_OF[state];
  return timeline.findLast((item) => item.kind === kind)?.at ?? null;
}
