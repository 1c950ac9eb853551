import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { iou, isInsidePolygon, segmentsCross, sideOfLine } from "../../protocol/index.ts";

const SQUARE = [
  [0.2, 0.2],
  [0.8, 0.2],
  [0.8, 0.8],
  [0.2, 0.8],
] as const;

describe("geometry", () => {
  it("tells inside from outside, also in a dent", () => {
    const dented = [...SQUARE, [0.5, 0.5]] as const;
    expect(isInsidePolygon([0.5, 0.3], SQUARE)).toBe(true);
    expect(isInsidePolygon([0.9, 0.5], SQUARE)).toBe(false);
    expect(isInsidePolygon([0.3, 0.5], dented)).toBe(false);
    expect(isInsidePolygon([0.7, 0.5], dented)).toBe(true);
  });

  it("does not depend on where the polygon's list begins or on its sense", () => {
    const unit = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(unit, unit, fc.nat(3), (x, y, turn) => {
        const turned = [...SQUARE.slice(turn), ...SQUARE.slice(0, turn)];
        const inside = x > 0.2 && x < 0.8 && y > 0.2 && y < 0.8;
        const onEdge = [x, y].some((value) => value === 0.2 || value === 0.8);
        fc.pre(!onEdge);
        expect(isInsidePolygon([x, y], turned)).toBe(inside);
        expect(isInsidePolygon([x, y], turned.toReversed())).toBe(inside);
      }),
    );
  });

  it("has its right where the picture has it: y grows downwards", () => {
    expect(sideOfLine([0, 0], [1, 0], [0.5, 1])).toBeGreaterThan(0);
    expect(sideOfLine([0, 0], [1, 0], [0.5, -1])).toBeLessThan(0);
  });

  it("sees segments cross only between their ends", () => {
    expect(segmentsCross([0, 0], [1, 1], [0, 1], [1, 0])).toBe(true);
    expect(segmentsCross([0, 0], [0.4, 0.4], [0, 1], [1, 0])).toBe(false);
  });

  it("gives the overlap of boxes between 0 and 1", () => {
    const box = { left: 0, top: 0, width: 2, height: 2 };
    expect(iou(box, box)).toBe(1);
    expect(iou(box, { ...box, left: 1 })).toBeCloseTo(1 / 3, 12);
    expect(iou(box, { ...box, left: 2 })).toBe(0);
  });
});
