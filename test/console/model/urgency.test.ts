import { describe, expect, it } from "vitest";
import {
  byUrgency,
  INITIAL_STATE,
  mapTone,
  mergeCases,
  pressureOf,
  reduce,
} from "../../../console/model/index.ts";
import type { CaseSummary } from "../../../protocol/index.ts";
import { scriptCase } from "../../support/fake-brain/case-script.ts";

const NOW_MS = Date.parse("2026-11-24T12:00:00Z");
const MINUTE_MS = 60_000;

interface Wish {
  readonly id: number;
  readonly level?: CaseSummary["serviceLevel"];
  readonly state?: CaseSummary["state"];
  /** Share of the limit that the clock of containing has used; null where it has stopped. */
  readonly used?: number | null;
  readonly version?: number;
}

function caseOf({ id, level = "S2", state = "DISPATCHED", used = 0.1, version = 1 }: Wish) {
  const limitMs = 100 * MINUTE_MS;
  const startedAt = new Date(NOW_MS - (used ?? 0.5) * limitMs).toISOString();
  const stopped = { startedAt, dueAt: null, stoppedAt: startedAt, limitMs };
  return {
    ...scriptCase(id, NOW_MS - id * MINUTE_MS),
    serviceLevel: level,
    state,
    version,
    clocks: {
      report: stopped,
      dispatch: stopped,
      contain: { ...stopped, stoppedAt: used === null ? startedAt : null },
    },
  } satisfies CaseSummary;
}

const numbers = (cases: readonly CaseSummary[]): readonly string[] =>
  cases.map(({ number }) => number);

describe("the queue of the wall", () => {
  it("puts life first, then what is late, then what is tight, then the graver level", () => {
    const calm = caseOf({ id: 1, level: "S3" });
    const graver = caseOf({ id: 2, level: "S1" });
    const tight = caseOf({ id: 3, used: 0.85 });
    const late = caseOf({ id: 4, used: 1.5 });
    const later = caseOf({ id: 5, used: 2 });
    const life = caseOf({ id: 6, level: "S0" });
    const cases = [calm, graver, tight, late, later, life];
    const expected = numbers([life, later, late, tight, graver, calm]);
    expect(numbers(byUrgency(cases, NOW_MS))).toEqual(expected);
    expect(numbers(byUrgency(cases.toReversed(), NOW_MS))).toEqual(expected);
  });

  it("does not let a contained life hide what is late, and leaves out what is over", () => {
    const contained = caseOf({ id: 1, level: "S0", state: "CONTAINED", used: null });
    const late = caseOf({ id: 2, used: 1.5 });
    const closed = caseOf({ id: 3, state: "CLOSED", used: null });
    expect(numbers(byUrgency([contained, closed, late], NOW_MS))).toEqual(
      numbers([late, contained]),
    );
  });

  it("names the clock that presses most", () => {
    expect(pressureOf(caseOf({ id: 1, used: 0.85 }), NOW_MS)).toMatchObject({
      clock: "contain",
      level: "most",
    });
    expect(pressureOf(caseOf({ id: 1, used: null }), NOW_MS).clock).toBeNull();
  });

  it("takes the newer of two versions", () => {
    const old = caseOf({ id: 1 });
    const newer = { ...old, version: 2, state: "ACCEPTED" as const };
    const streamed = new Map([[old.id, newer]]);
    expect(mergeCases([old], streamed)).toEqual([newer]);
    expect(mergeCases([newer], new Map([[old.id, old]]))).toEqual([newer]);
  });
});

describe("a new S0", () => {
  const streamed = (state: typeof INITIAL_STATE, item: CaseSummary): typeof INITIAL_STATE =>
    reduce(state, { kind: "streamed", cases: [item], atMs: NOW_MS });

  it("alarms once, also where a known case turns S0, until it is noted", () => {
    const life = caseOf({ id: 1, level: "S0" });
    const plain = caseOf({ id: 2 });
    const first = streamed(streamed(INITIAL_STATE, life), plain);
    expect(first.urgent).toEqual([life.id]);
    const raised = streamed(first, { ...plain, serviceLevel: "S0", version: 2 });
    expect(raised.urgent).toEqual([life.id, plain.id]);
    expect(streamed(raised, { ...life, version: 2 }).urgent).toEqual([life.id, plain.id]);
    expect(reduce(raised, { kind: "noted", ids: [life.id] }).urgent).toEqual([plain.id]);
  });
});

describe("a place on the map", () => {
  it("stands out by life, then by number", () => {
    expect(mapTone({ open: 0, urgent: 0 })).toBe("quiet");
    expect(mapTone({ open: 4, urgent: 0 })).toBe("some");
    expect(mapTone({ open: 5, urgent: 0 })).toBe("many");
    expect(mapTone({ open: 1, urgent: 1 })).toBe("urgent");
  });
});
