import { expect, it, describe } from "vitest";
import { BARS, measure } from "../../../bench/correlate/measure.ts";
import { identicalShare, pairScore } from "../../../bench/correlate/judge.ts";

describe("the correlation benchmark", () => {
  it("meets its bars of quality on a small town", () => {
    const town = { sizeM: 2_500, cameras: 580, days: 1, happenings: 500, falseAlarms: 150 };
    const figures = measure({ ...town, seed: 11 }, 1);
    const missed = BARS.filter(({ met, needsSize }) => !needsSize && !met(figures));
    expect(missed.map(({ name }) => name)).toEqual([]);
    expect(figures.events).toBeGreaterThan(1_500);
  });
});

describe("the judge", () => {
  const truth = new Map([
    ["a", 1],
    ["b", 1],
    ["c", 1],
    ["d", 2],
  ]);

  it("counts pairs that are together wrongly or apart wrongly", () => {
    const found = new Map([
      ["a", "x"],
      ["b", "x"],
      ["c", "y"],
      ["d", "y"],
    ]);
    expect(pairScore(found, truth)).toMatchObject({ precision: 0.5, recall: 1 / 3 });
    expect(pairScore(truth, truth).f1).toBe(1);
  });

  it("counts groups with the very same members", () => {
    const other = new Map(truth).set("c", 2);
    expect(identicalShare(truth, truth)).toBe(1);
    expect(identicalShare(truth, other)).toBe(0);
  });
});
