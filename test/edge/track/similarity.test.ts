import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { iou } from "../../../protocol/index.ts";
import { grownOverlap, similarity } from "../../../edge/track/similarity.ts";

const size = fc.double({ min: 1, max: 500, noNaN: true });
const place = fc.double({ min: -500, max: 500, noNaN: true });
const box = fc.record({ left: place, top: place, width: size, height: size });

describe("similarity", () => {
  it("is 1 for the same box, 0 for boxes far apart, and the same from both sides", () => {
    fc.assert(
      fc.property(box, box, (a, b) => {
        expect(similarity(a, a)).toBeCloseTo(1, 12);
        expect(similarity(a, b)).toBeCloseTo(similarity(b, a), 12);
        expect(similarity(a, b)).toBeGreaterThanOrEqual(0);
        expect(similarity(a, b)).toBeLessThanOrEqual(1 + 1e-12);
        expect(similarity(a, { ...b, left: a.left + 2000 })).toBe(0);
      }),
    );
  });

  it("is plain overlap where boxes do not grow", () => {
    fc.assert(
      fc.property(box, box, (a, b) => {
        expect(grownOverlap(a, b, 0)).toBeCloseTo(iou(a, b), 9);
      }),
    );
  });

  it("still finds a walker who moved on by a width between two looks", () => {
    const walker = { left: 0, top: 0, width: 40, height: 100 };
    expect(iou(walker, { ...walker, left: 44 })).toBe(0);
    expect(similarity(walker, { ...walker, left: 44 })).toBeGreaterThan(0.1);
  });

  it("prefers the one of the same height", () => {
    const near = { left: 0, top: 0, width: 40, height: 100 };
    const behind = { left: 0, top: 10, width: 40, height: 80 };
    const lower = { left: 0, top: 20, width: 40, height: 100 };
    expect(grownOverlap(near, behind, 0.3)).toBeGreaterThan(grownOverlap(near, lower, 0.3));
    expect(similarity(near, behind)).toBeLessThan(similarity(near, lower));
  });
});
