import { describe, expect, it } from "vitest";
import { jainOf, medianOf, slopeOf } from "../../../bench/edge/arithmetic.ts";

describe("Jain's index", () => {
  it("is one for equal shares", () => {
    expect(jainOf([3, 3, 3, 3])).toBe(1);
  });

  it("is one nth when one gets everything", () => {
    expect(jainOf([8, 0, 0, 0])).toBe(0.25);
  });

  it("is one when nobody gets anything", () => {
    expect(jainOf([0, 0])).toBe(1);
  });
});

describe("the slope", () => {
  it("is that of a line through noise that cancels out", () => {
    expect(
      slopeOf([
        [0, 1],
        [1, 2],
        [2, 6],
        [3, 7],
      ]),
    ).toBeCloseTo(2.2, 10);
  });

  it("is zero where all points have one x", () => {
    expect(
      slopeOf([
        [1, 5],
        [1, 9],
      ]),
    ).toBe(0);
  });
});

describe("the median", () => {
  it("is the middle, or the mean of both middles", () => {
    expect(medianOf([9, 1, 2])).toBe(2);
    expect(medianOf([9, 1, 2, 4])).toBe(3);
  });
});
