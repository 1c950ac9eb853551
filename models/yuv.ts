/** Colours of a frame (I420, BT.601 in limited range) and of a model (RGB, 0–255), and the way between. */

export type Triple = readonly [number, number, number];

/** Black in Y, U and V. */
const OFFSET: Triple = [16, 128, 128];

/** RGB = matrix · (YUV − offset). Values beyond 0–255 are not clipped; cameras rarely give them. */
export const YUV_TO_RGB: readonly [Triple, Triple, Triple] = [
  [255 / 219, 0, 1.402 * (255 / 224)],
  [255 / 219, -0.344136 * (255 / 224), -0.714136 * (255 / 224)],
  [255 / 219, 1.772 * (255 / 224), 0],
];

/** The YUV whose RGB is `rgb`. */
export function yuvOf([r, g, b]: Triple): Triple {
  const luma = 0.299 * r + 0.587 * g + 0.114 * b;
  return [
    OFFSET[0] + (luma * 219) / 255,
    OFFSET[1] + (((b - luma) / 1.772) * 224) / 255,
    OFFSET[2] + (((r - luma) / 1.402) * 224) / 255,
  ];
}
