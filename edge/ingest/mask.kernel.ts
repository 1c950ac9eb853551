import type { PolygonNorm } from "../../protocol/index.ts";

/** Byte ranges [start, end) of an I420 picture, ascending and apart: start0, end0, start1, … */
export interface MaskPlan {
  /** In the plane Y. */
  readonly luma: Int32Array;
  /** In the planes U and V: every sample that colours a masked pixel. */
  readonly chroma: Int32Array;
}

/** Half-open and in pixels. */
type Span = readonly [left: number, right: number];

/** Black in limited range. */
const BLACK_Y = 16;
const BLACK_UV = 128;

/**
 * Every pixel that a polygon touches, even at a corner: privacy errs to the dark side. The inside
 * follows the non-zero rule, so a polygon that crosses itself has no holes.
 * @param width of the picture in pixels, even, as `height`.
 */
export function planMasks(masks: readonly PolygonNorm[], width: number, height: number): MaskPlan {
  const rows = Array.from({ length: height }, (_, row) =>
    masks.flatMap((mask) => rowSpans(mask, row, width, height)),
  );
  const half = width / 2;
  const planeV = (width * height * 5) / 4;
  const pairs = Array.from({ length: height / 2 }, (_, pair) =>
    [rows[2 * pair], rows[2 * pair + 1]].flatMap((spans) => (spans ?? []).map(halved)),
  );
  const luma = new Ranges();
  const chroma = new Ranges();
  rows.forEach((spans, row) => luma.add(spans, row * width, width));
  pairs.forEach((spans, row) => chroma.add(spans, width * height + row * half, half));
  pairs.forEach((spans, row) => chroma.add(spans, planeV + row * half, half));
  return { luma: luma.toArray(), chroma: chroma.toArray() };
}

/** Blackens the planned ranges in place. */
export function applyMasks(pixels: Uint8Array, { luma, chroma }: MaskPlan): void {
  for (let i = 0; i < luma.length; i += 2) {
    pixels.fill(BLACK_Y, luma[i], luma[i + 1]);
  }
  for (let i = 0; i < chroma.length; i += 2) {
    pixels.fill(BLACK_UV, chroma[i], chroma[i + 1]);
  }
}

/** One chroma sample colours two pixels. */
function halved([left, right]: Span): Span {
  return [Math.floor(left / 2), Math.ceil(right / 2)];
}

/** Collects byte ranges in ascending order and joins those that touch. */
class Ranges {
  readonly #bounds: number[] = [];

  /** @param start where the row of `width` bytes begins. */
  add(spans: readonly Span[], start: number, width: number): void {
    for (const [left, right] of spans.toSorted((a, b) => a[0] - b[0])) {
      const from = start + Math.max(0, left);
      const to = start + Math.min(width, right);
      const last = this.#bounds.at(-1);
      if (last !== undefined && from <= last) {
        this.#bounds[this.#bounds.length - 1] = Math.max(last, to);
      } else if (to > from) {
        this.#bounds.push(from, to);
      }
    }
  }

  toArray(): Int32Array {
    return Int32Array.from(this.#bounds);
  }
}

/** Pixel spans [left, right) of one row: its edges' own extent, and the inside at half height. */
function rowSpans(mask: PolygonNorm, row: number, width: number, height: number): Span[] {
  const spans: Span[] = [];
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
function edgeSpan(x0: number, y0: number, x1: number, y1: number, row: number): Span | undefined {
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
