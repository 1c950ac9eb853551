/** BT.601 in limited range: Y from 16 to 235, U and V around 128. */
const Y_GAIN = 255 / 219;
const V_TO_RED = 1.596027;
const U_TO_GREEN = -0.391762;
const V_TO_GREEN = -0.812968;
const U_TO_BLUE = 2.017232;

/**
 * @param pixels I420: planes Y (width × height), U and V (half of each side), without padding.
 * @param width even, as `height`.
 * @returns rgb24, row by row.
 */
export function i420ToRgb(pixels: Uint8Array, width: number, height: number): Uint8Array {
  const rgb = new Uint8ClampedArray(width * height * 3);
  const half = width / 2;
  const u = width * height;
  const v = u + half * (height / 2);
  for (let row = 0; row < height; row++) {
    const chromaRow = (row >> 1) * half;
    for (let column = 0; column < width; column++) {
      const chroma = chromaRow + (column >> 1);
      const grey = ((pixels[row * width + column] ?? 0) - 16) * Y_GAIN;
      const blueness = (pixels[u + chroma] ?? 0) - 128;
      const redness = (pixels[v + chroma] ?? 0) - 128;
      const at = (row * width + column) * 3;
      // The array rounds and clamps.
      rgb[at] = grey + V_TO_RED * redness;
      rgb[at + 1] = grey + U_TO_GREEN * blueness + V_TO_GREEN * redness;
      rgb[at + 2] = grey + U_TO_BLUE * blueness;
    }
  }
  return new Uint8Array(rgb.buffer);
}
