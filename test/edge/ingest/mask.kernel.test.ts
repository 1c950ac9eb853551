import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { frameBytes } from "../../../edge/ingest/frame.ts";
import { applyMasks, planMasks } from "../../../edge/ingest/mask.kernel.ts";
import { isInsidePolygon, type PointNorm, type PolygonNorm } from "../../../protocol/index.ts";

function masked(masks: readonly PolygonNorm[], width: number, height: number): Uint8Array {
  const pixels = new Uint8Array(frameBytes(width, height)).fill(255);
  applyMasks(pixels, planMasks(masks, width, height));
  return pixels;
}

/** One plane as rows of `#` where it has the dark value and `.` where it is untouched. */
function draw(plane: Uint8Array, width: number, dark: number): string[] {
  return Array.from({ length: plane.length / width }, (_, row) =>
    [...plane.subarray(row * width, (row + 1) * width)]
      .map((value) => (value === dark ? "#" : value === 255 ? "." : "?"))
      .join(""),
  );
}

function darkened(masks: readonly PolygonNorm[], width: number, height: number): string[] {
  return draw(masked(masks, width, height).subarray(0, width * height), width, 16);
}

/** Planes U and V, one below the other. */
function discoloured(masks: readonly PolygonNorm[], width: number, height: number): string[] {
  return draw(masked(masks, width, height).subarray(width * height), width / 2, 128);
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
    expect(planMasks([all], 6, 4)).toEqual({
      luma: Int32Array.of(0, 24),
      chroma: Int32Array.of(24, 36),
    });
    expect(planMasks([], 6, 4)).toEqual({ luma: new Int32Array(), chroma: new Int32Array() });
  });

  it("darken every pixel a thin slanted sliver touches", () => {
    const sliver: PolygonNorm = [
      [0, 0],
      [1, 1],
      [1, 0.99],
    ];
    expect(darkened([sliver], 4, 4)).toEqual(["##..", ".##.", "..##", "...#"]);
  });

  it("take the colour of every pixel they touch, in both colour planes", () => {
    const pixel: PolygonNorm = [
      [3 / 8, 1 / 4],
      [5 / 8, 1 / 4],
      [5 / 8, 2 / 4],
      [3 / 8, 2 / 4],
    ];
    expect(darkened([pixel], 8, 4)).toEqual(["........", "...##...", "........", "........"]);
    expect(discoloured([pixel], 8, 4)).toEqual([".##.", "....", ".##.", "...."]);
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
        const colours = discoloured([mask], 16, 12);
        for (const point of points.filter((inner) => isInsidePolygon(inner, mask))) {
          const column = Math.min(15, Math.floor(point[0] * 16));
          const row = Math.min(11, Math.floor(point[1] * 12));
          expect(rows[row]?.[column]).toBe("#");
          expect(colours[row >> 1]?.[column >> 1]).toBe("#");
          expect(colours[6 + (row >> 1)]?.[column >> 1]).toBe("#");
        }
      }),
      { seed: 9 },
    );
  });
});
