import { describe, expect, it } from "vitest";
import { i420ToRgb } from "../../../edge/evidence/i420.kernel.ts";

/** What FFmpeg makes of these colours in BT.601, limited range. */
const COLOURS = [
  { name: "red", yuv: [81, 90, 240], rgb: [255, 0, 0] },
  { name: "green", yuv: [145, 54, 34], rgb: [0, 255, 0] },
  { name: "blue", yuv: [41, 240, 110], rgb: [0, 0, 255] },
  { name: "grey", yuv: [126, 128, 128], rgb: [128, 128, 128] },
  { name: "black", yuv: [16, 128, 128], rgb: [0, 0, 0] },
  { name: "white", yuv: [235, 128, 128], rgb: [255, 255, 255] },
] as const;

describe("i420ToRgb", () => {
  it.each(COLOURS)("gives $name within 3 levels", ({ yuv: [y, u, v], rgb }) => {
    const pixels = i420ToRgb(Uint8Array.of(y, y, y, y, u, v), 2, 2);
    expect(pixels).toHaveLength(12);
    pixels.forEach((value, at) => {
      expect(Math.abs(value - (rgb[at % 3] as number))).toBeLessThanOrEqual(3);
    });
  });

  it("takes brightness per pixel and colour per two by two", () => {
    const luma = [16, 235, 16, 235, 16, 235, 16, 235, 81, 81, 145, 145, 81, 81, 145, 145];
    const colour = [128, 128, 90, 54, 128, 128, 240, 34];
    const rgb = i420ToRgb(Uint8Array.from([...luma, ...colour]), 4, 4);
    const rowAt = (row: number): number[] => [...rgb.subarray(row * 12, row * 12 + 12)];
    expect(rowAt(0)).toEqual([0, 0, 0, 255, 255, 255, 0, 0, 0, 255, 255, 255]);
    const reds = [0, 1, 2, 3].map((column) => rowAt(3)[column * 3] ?? 0);
    expect(reds.map((red) => red > 128)).toEqual([true, true, false, false]);
  });
});
