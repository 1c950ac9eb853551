/** How a look at a picture lies in a model's input. */
import type { BoxNorm } from "../../protocol/index.ts";
import type { ManifestInput } from "../manifest.ts";
import type { PictureSize, View } from "../view.ts";

/** Pixels of the model's input that the region covers, from the top left. */
export interface Fit {
  readonly width: number;
  readonly height: number;
}

/** The same arithmetic as in the graph (`preprocess.ts`). */
export function fitOf(input: ManifestInput, { region, size }: View): Fit {
  const [height, width] = size;
  if (input.resize === "stretch") {
    return { width, height };
  }
  const [top, left, bottom, right] = region;
  const scale = Math.min(width / (right - left), height / (bottom - top));
  return {
    width: Math.floor((right - left) * scale + 1e-3),
    height: Math.floor((bottom - top) * scale + 1e-3),
  };
}

/**
 * The part of the box inside the region, in fractions of the whole picture; undefined if there is
 * none.
 */
export function boxNormOf(
  [left, top, right, bottom]: readonly [number, number, number, number],
  fit: Fit,
  { region }: View,
  picture: PictureSize,
): BoxNorm | undefined {
  const [regionTop, regionLeft, regionBottom, regionRight] = region;
  const scaleX = (regionRight - regionLeft) / picture.width;
  const scaleY = (regionBottom - regionTop) / picture.height;
  const x0 = clamped(left / fit.width);
  const y0 = clamped(top / fit.height);
  const width = (clamped(right / fit.width) - x0) * scaleX;
  const height = (clamped(bottom / fit.height) - y0) * scaleY;
  return width > 0 && height > 0
    ? {
        left: regionLeft / picture.width + x0 * scaleX,
        top: regionTop / picture.height + y0 * scaleY,
        width,
        height,
      }
    : undefined;
}

function clamped(value: number): number {
  return Math.min(Math.max(value, 0), 1);
}
