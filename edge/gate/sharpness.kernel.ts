/**
 * How sharp the edges of a picture are, whatever their number and contrast: the squared change over
 * two pixels ÷ the squared change over sixteen, where the latter is an edge. A step gives 1/8, an
 * edge smeared over sixteen pixels and more 1/64.
 */
import type { SmallPicture } from "./luma.kernel.ts";

/** Half of the wider span, pixels. */
const SPAN = 8;
/** Grey levels over the wider span that make an edge. */
const EDGE = 24;
/** Pixels looked at, at most, in whole rows: 0.03 ms. */
const MAX_PIXELS = 8000;
/** Fewer edge pixels than this tell nothing. */
const MIN_EDGES = 100;

/**
 * `undefined` where there are too few edges.
 * @param luma of the frame from which `small` was made.
 * @param watched by pixel of `small`, 0 where masked.
 */
export function sharpnessOf(
  luma: Uint8Array,
  small: SmallPicture,
  watched: Uint8Array,
): number | undefined {
  const { frameWidth: width, frameHeight: height, step, width: columns } = small;
  const rowStep = Math.max(1, Math.ceil((width * height) / MAX_PIXELS));
  const end = width - SPAN;
  let near = 0;
  let far = 0;
  let edges = 0;
  for (let y = rowStep >> 1; y < height; y += rowStep) {
    const row = y * width;
    const watchedRow = Math.floor(y / step) * columns;
    for (let i = row + SPAN; i < row + end; i++) {
      const wide = (luma[i + SPAN] as number) - (luma[i - SPAN] as number);
      if (
        (wide > EDGE || wide < -EDGE) &&
        watched[watchedRow + Math.floor((i - row) / step)] === 1
      ) {
        const narrow = (luma[i + 1] as number) - (luma[i - 1] as number);
        far += wide * wide;
        near += narrow * narrow;
        edges++;
      }
    }
  }
  return edges < MIN_EDGES ? undefined : near / far;
}
