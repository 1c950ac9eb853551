import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { applyMasks, planMasks } from "../../../edge/ingest/mask.kernel.ts";
import { isInsidePolygon, type PointNorm, type PolygonNorm } from "../../../protocol/index.ts";

function darkened(masks: readonly PolygonNorm[], width: number, height: number): string[] {
  const pixels = new Uint8Array(width * height * 3).fill(255);
  applyMasks(pixels, planMasks(masks, width, height));
  return Array.from({ length: height }, (_, row) =>
    Array.from({ length: width }, (_, column) => {
      const at = (row * width + column) * 3;
      return pixels.subarray(at, at + 3).every((value) => value === 0) ? "#" : ".";
    }).join(""),
  );
}

describe("masks", () => {
  it("darken exactly the pixels of an aligned rectangle", () => {
    const box: PolygonNorm = [
      [0.25, 0.5],
      [0.75, 0.5],
      [0.75, 1],
      [0.25, 1],
    ];
    expect(darkened([box], 4, 4)).toEqual(["....", "....", ".##.", ".##."]);
  });

  it("darken the whole picture and nothing beyond it", () => {
    const all: PolygonNorm = [
      [0, 0],
      [1, 0],
      [1, 1],
      [0, 1],
    ];
    expect(planMasks([all], 5, 3)).toEqual(Int32Array.of(0, 45));
    expect(planMasks([], 5, 3)).toHaveLength(0);
  });

  it("darken every pixel a thin slanted sliver touches", () => {
    const sliver: PolygonNorm = [
      [0, 0],
      [1, 1],
      [1, 0.99],
    ];
    expect(darkened([sliver], 4, 4)).toEqual(["##..", ".##.", "..##", "...#"]);
  });

  it("leave no hole where a polygon crosses itself", () => {
    const star = Array.from({ length: 5 }, (_, index): PointNorm => {
      const angle = (index * 4 * Math.PI) / 5;
      return [0.5 + Math.sin(angle) / 2, 0.5 - Math.cos(angle) / 2];
    });
    expect(darkened([star], 20, 20)[10]?.slice(8, 12)).toBe("####");
  });

  it("cover every point inside any polygon", () => {
    const unit = fc.double({ min: 0, max: 1, noNaN: true });
    const polygon = fc.array(fc.tuple(unit, unit), { minLength: 3, maxLength: 7 });
    fc.assert(
      fc.property(polygon, fc.array(fc.tuple(unit, unit), { minLength: 40 }), (mask, points) => {
        const rows = darkened([mask], 16, 12);
        for (const point of points.filter((inner) => isInsidePolygon(inner, mask))) {
          const column = Math.min(15, Math.floor(point[0] * 16));
          expect(rows[Math.min(11, Math.floor(point[1] * 12))]?.[column]).toBe("#");
        }
      }),
      { seed: 9 },
    );
  });
});
