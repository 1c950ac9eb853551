/** How a picture lies in a model's square input. */
import type { BoxNorm } from "../../protocol/index.ts";
import type { ManifestInput } from "../manifest.ts";

/** Pixels of the model's input that the picture covers, from the top left. */
export interface Fit {
  readonly width: number;
  readonly height: number;
}

export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/** The same arithmetic as in the graph (`preprocess.ts`). */
export function fitOf(input: ManifestInput, picture: PictureSize): Fit {
  if (input.resize === "stretch") {
    return { width: input.width, height: input.height };
  }
  const scale = Math.min(input.width / picture.width, input.height / picture.height);
  return {
    width: Math.floor(picture.width * scale + 1e-3),
    height: Math.floor(picture.height * scale + 1e-3),
  };
}

/** The part of the box inside the picture, in picture fractions; undefined if there is none. */
export function boxNormOf(
  left: number,
  top: number,
  right: number,
  bottom: number,
  fit: Fit,
): BoxNorm | undefined {
  const x0 = clamped(left / fit.width);
  const y0 = clamped(top / fit.height);
  const width = clamped(right / fit.width) - x0;
  const height = clamped(bottom / fit.height) - y0;
  return width > 0 && height > 0 ? { left: x0, top: y0, width, height } : undefined;
}

function clamped(value: number): number {
  return Math.min(Math.max(value, 0), 1);
}
