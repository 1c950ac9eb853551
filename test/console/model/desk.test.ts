import { describe, expect, it } from "vitest";
import { deskGroups, pin } from "../../../console/model/index.ts";
import type { CaseState, CaseSummary } from "../../../protocol/index.ts";
import { scriptCase } from "../../support/fake-brain/index.ts";

const NOW_MS = Date.parse("2026-01-01T12:00:00.000Z");
const caseOf = (serial: number, eventType: string, state: CaseState): CaseSummary => ({
  ...scriptCase(serial, NOW_MS, { eventType, state: "DISPATCHED", ageMs: serial * 60_000 }),
  state,
});

describe("a department's desk", () => {
  const items = [
    caseOf(1, "FIR.SMOKE", "DISPATCHED"),
    caseOf(2, "FIR.SMOKE", "DISPATCHED"),
    caseOf(3, "FIR.SMOKE", "HANDLING"),
    caseOf(4, "SEC.INTRUDE", "HANDLING"),
    caseOf(5, "SEC.INTRUDE", "WHISTLED"),
  ];
  const shape = (isOwn: boolean) =>
    deskGroups(items, "XF", isOwn).map(({ name, cases }) => [
      name,
      cases.map(({ number }) => Number(number.slice(-6))),
    ]);

  it("groups tasks by what they ask for, the most pressing first", () => {
    expect(shape(true)).toEqual([
      ["answer", [2, 1]],
      ["work", [3]],
      ["whistle", [5]],
      ["support", [4]],
    ]);
  });

  it("keeps the open task where it was opened, though it has moved on", () => {
    const moved = items.map((item) =>
      item === items[1] ? ({ ...item, state: "HANDLED" } as const) : item,
    );
    const groups = pin(deskGroups(moved, "XF", false), { id: items[1]?.id ?? "", group: "answer" });
    expect(groups.map(({ name, cases }) => [name, cases.length])).toEqual([
      ["answer", 2],
      ["work", 1],
    ]);
  });

  it("shows nothing of others where the viewer sees every department's cases", () => {
    expect(shape(false)).toEqual([
      ["answer", [2, 1]],
      ["work", [3]],
    ]);
  });
});
