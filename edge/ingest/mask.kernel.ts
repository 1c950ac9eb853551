import type { PolygonNorm } from "../../protocol/index.ts";
import { BYTES_PER_PIXEL } from "./frame.ts";

/** Byte ranges [start, end) of an rgb24 picture, ascending and apart: start0, end0, start1, … */
export type MaskPlan = Int32Array;

/**
 * Every pixel that a polygon touches, even at a corner: privacy errs to the dark side. The inside
 * follows the non-zero rule, so a polygon that crosses itself has no holes.
 * @param width of the picture in pixels, as `height`.
 */
export function planMasks(masks: readonly PolygonNorm[], width: number, height: number): MaskPlan {
  const ranges: number[] = [];
  for (let row = 0; row < height; row++) {
    const spans = masks.flatMap((mask) => rowSpans(mask, row, width, height));
    spans.sort((a, b) => a[0] - b[0]);
    for (const [left, right] of spans) {
      const start = (row * width + Math.max(0, left)) * BYTES_PER_PIXEL;
      const end = (row * width + Math.min(width, right)) * BYTES_PER_PIXEL;
      const last = ranges.at(-1);
      if (last !== undefined && start <= last) {
        ranges[ranges.length - 1] = Math.max(last, end);
      } else if (end > start) {
        ranges.push(start, end);
      }
    }
  }
  return Int32Array.from(ranges);
}

/** Blackens the planned ranges in place. */
export function applyMasks(pixels: Uint8Array, plan: MaskPlan): void {
  for (let i = 0; i < plan.length; i += 2) {
    pixels.fill(0, plan[i], plan[i + 1]);
  }
}

/** Pixel spans [left, right) of one row: its edges' own extent, and the inside at half height. */
function rowSpans(
  mask: PolygonNorm,
  row: number,
  width: number,
  height: number,
): [number, number][] {
  const spans: [number, number][] = [];
  const crossings: { x: number; winding: number }[] = [];
  const middle = row + 0.5;
  mask.forEach((from, index) => {
    const to = mask[(index + 1) % mask.length] ?? from;
    const [x0, y0] = [from[0] * width, from[1] * height];
    const [x1, y1] = [to[0] * width, to[1] * height];
    const touched = edgeSpan(x0, y0, x1, y1, row);
    if (touched !== undefined) {
      spans.push(touched);
    }
    if (y0 > middle !== y1 > middle) {
      const x = x0 + ((middle - y0) * (x1 - x0)) / (y1 - y0);
      crossings.push({ x, winding: y1 > y0 ? 1 : -1 });
    }
  });
  crossings.sort((a, b) => a.x - b.x);
  let winding = 0;
  crossings.forEach((crossing, index) => {
    winding += crossing.winding;
    const next = crossings[index + 1];
    if (winding !== 0 && next !== undefined) {
      spans.push([Math.floor(crossing.x), Math.ceil(next.x)]);
    }
  });
  return spans;
}

/** The pixels of `row` that the edge passes through. */
function edgeSpan(
  x0: number,
  y0: number,
  x1: number,
  y1: number,
  row: number,
): [number, number] | undefined {
  const top = Math.max(row, Math.min(y0, y1));
  const bottom = Math.min(row + 1, Math.max(y0, y1));
  const isOnBorder = top === bottom && (top === row || top === row + 1);
  if (top > bottom || isOnBorder) {
    return undefined;
  }
  const at = (y: number): number => (y1 === y0 ? x0 : x0 + ((y - y0) * (x1 - x0)) / (y1 - y0));
  const [left, right] = y1 === y0 ? [x0, x1] : [at(top), at(bottom)];
  return [Math.floor(Math.min(left, right)), Math.ceil(Math.max(left, right))];
}
