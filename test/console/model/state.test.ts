import { describe, expect, it } from "vitest";
import {
  CASES_KEPT,
  filterCounts,
  FRESH_MS,
  INITIAL_STATE,
  reduce,
  visibleCases,
  type Action,
  type ConsoleState,
} from "../../../console/model/index.ts";
import type { CaseDetail, CaseList } from "../../../protocol/index.ts";
import { moveTo, scriptCase } from "../../support/fake-brain/index.ts";

const NOW_MS = Date.parse("2026-01-01T12:00:00.000Z");
const caseOf = (serial: number): CaseDetail => scriptCase(serial, NOW_MS + serial * 1000);
const listOf = (items: CaseDetail[], next: string | null = null): CaseList => ({
  items,
  next,
  streamPosition: "0",
  counts: { REPORTED: items.length },
  asOf: new Date(NOW_MS).toISOString(),
});
const play = (state: ConsoleState, ...actions: Action[]): ConsoleState =>
  actions.reduce(reduce, state);
const loadedWith = (items: CaseDetail[], next: string | null = null): ConsoleState =>
  play(INITIAL_STATE, { kind: "loaded", list: listOf(items, next), atMs: NOW_MS });
const streamed = (...cases: CaseDetail[]): Action => ({ kind: "streamed", cases, atMs: NOW_MS });
const serials = (state: ConsoleState): number[] =>
  visibleCases(state).map((item) => Number(item.number.slice(-6)));

describe("cases of the page", () => {
  it("takes a new case from the stream to the top and announces it once", () => {
    const first = loadedWith([caseOf(2), caseOf(1)]);
    const state = play(first, streamed(caseOf(3)), streamed(caseOf(3)));
    expect(serials(state)).toEqual([3, 2, 1]);
    expect(state.arrivals.serial).toBe(1);
    expect(state.fresh.has(caseOf(3).id)).toBe(true);
  });

  it("never goes back to an older version", () => {
    const newer = moveTo(caseOf(1), 1, "DISPATCHED");
    const state = play(loadedWith([newer]), streamed(caseOf(1)), {
      kind: "page",
      filter: "ALL",
      list: listOf([caseOf(1)]),
    });
    expect(state.cases.get(newer.id)?.state).toBe("DISPATCHED");
  });

  it("takes the newest of several versions in one batch", () => {
    const old = caseOf(1);
    const state = play(loadedWith([]), streamed(moveTo(old, 1, "DISPATCHED"), old));
    expect(state.cases.get(old.id)?.state).toBe("DISPATCHED");
    expect(state.arrivals.cases).toHaveLength(1);
  });

  it("marks a new case for a few seconds only", () => {
    const state = play(loadedWith([]), streamed(caseOf(1)));
    expect(play(state, { kind: "fade", atMs: NOW_MS + FRESH_MS - 1 }).fresh.size).toBe(1);
    expect(play(state, { kind: "fade", atMs: NOW_MS + FRESH_MS }).fresh.size).toBe(0);
  });

  it("counts a new case at once", () => {
    expect(play(loadedWith([caseOf(1)]), streamed(caseOf(2))).counts).toEqual({ REPORTED: 2 });
  });

  it("moves a case between the counts when its state changes", () => {
    const state = play(
      loadedWith([caseOf(2), caseOf(1)]),
      streamed(moveTo(caseOf(1), 1, "DISPATCHED")),
    );
    expect(state.counts).toEqual({ REPORTED: 1, DISPATCHED: 1 });
  });

  it("neither shows nor announces a change of a case older than what was read", () => {
    const state = play(loadedWith([caseOf(9), caseOf(8)], "cursor"), streamed(caseOf(2)));
    expect(serials(state)).toEqual([9, 8]);
    expect(state.arrivals.serial).toBe(0);
  });

  it("forgets cases that a fresh start no longer knows", () => {
    const state = play(loadedWith([caseOf(1)]), {
      kind: "loaded",
      list: listOf([caseOf(2)]),
      atMs: NOW_MS,
    });
    expect(serials(state)).toEqual([2]);
  });

  it("keeps its memory bounded and says that there is more", () => {
    const one = caseOf(1);
    const many = Array.from({ length: CASES_KEPT + 1 }, (_, index) => ({
      ...one,
      id: `${index}` as CaseDetail["id"],
      number: String(index).padStart(6, "0"),
      reportedAt: new Date(NOW_MS + index).toISOString(),
    }));
    const state = play(loadedWith([]), streamed(...many));
    expect(state.cases.size).toBe(CASES_KEPT * 0.75);
    expect(serials(state)[0]).toBe(CASES_KEPT);
    expect(state.pages.ALL).toMatchObject({ next: null, oldest: { number: "000501" } });
  });
});

describe("filters", () => {
  it("shows one state only", () => {
    const moved = moveTo(caseOf(1), 1, "FILED");
    const state = play(loadedWith([caseOf(2), moved]), { kind: "filter", filter: "FILED" });
    expect(serials(state)).toEqual([1]);
  });

  it("finds by every word, in either language, number, camera or grid", () => {
    const state = loadedWith([caseOf(2), caseOf(1)]);
    const found = (query: string): number[] => serials(play(state, { kind: "query", query }));
    expect(found("zone INTRUSION 000002")).toEqual([2]);
    expect(found("入侵 小学")).toEqual([1]);
    expect(found("110105001001003")).toEqual([2]);
    expect(found("nothing")).toEqual([]);
  });

  it("always offers the main way and other states only where a case is in them", () => {
    expect(filterCounts({ ACCEPTED: 2, RETURNED: 1, CLOSED: 0 })).toEqual([
      { filter: "ALL", count: 3 },
      { filter: "REPORTED", count: 0 },
      { filter: "FILED", count: 0 },
      { filter: "DISPATCHED", count: 0 },
      { filter: "ACCEPTED", count: 2 },
      { filter: "RETURNED", count: 1 },
    ]);
  });
});

describe("the open case", () => {
  it("does not take the detail of a case that was closed meanwhile", () => {
    const state = play(
      loadedWith([caseOf(1), caseOf(2)]),
      { kind: "open", id: caseOf(1).id },
      { kind: "open", id: caseOf(2).id },
      { kind: "detail", detail: caseOf(1) },
    );
    expect(state.open).toMatchObject({ id: caseOf(2).id, detail: null });
  });

  it("brings the list along when the detail is newer", () => {
    const newer = moveTo(caseOf(1), 1, "ACCEPTED");
    const state = play(
      loadedWith([caseOf(1)]),
      { kind: "open", id: newer.id },
      { kind: "detail", detail: newer },
    );
    expect(state.cases.get(newer.id)?.state).toBe("ACCEPTED");
  });
});
