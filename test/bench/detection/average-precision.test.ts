import { describe, expect, it } from "vitest";
import { matched, qualityOf } from "../../../bench/detection/average-precision.ts";

const box = (left: number) => ({ left, top: 0, width: 0.1, height: 0.1 });

describe("average precision", () => {
  it("lets a true box be found once", () => {
    const found = [
      { score: 0.9, box: box(0.01) },
      { score: 0.8, box: box(0) },
    ];
    expect(matched(found, [box(0)], 0.5)).toEqual([
      { score: 0.9, isTrue: true },
      { score: 0.8, isTrue: false },
    ]);
  });

  it("is one when everything is found and nothing else", () => {
    const scored = [0.9, 0.8].map((score) => ({ score, isTrue: true }));
    expect(qualityOf(scored, 2)).toEqual({
      ap: 1,
      bestF1: { f1: 1, recall: 1, precision: 1, score: 0.8 },
    });
  });

  it("is the area under the curve with precision made monotonic", () => {
    const scored = [true, false, true, false].map((isTrue, at) => ({ score: 1 - at / 10, isTrue }));
    // Recall ¼ at precision 1, then ½ at ⅔.
    expect(qualityOf(scored, 4).ap).toBeCloseTo(0.25 + (0.25 * 2) / 3, 10);
  });

  it("is nought when nothing is found", () => {
    expect(qualityOf([], 3).ap).toBe(0);
  });
});
