/** Picture preparation as it is commonly written in JavaScript: letterbox, BGR, normalised, NCHW. */

export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

interface Target extends PictureSize {
  /** Per channel, in the model's order (BGR). */
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/** @param rgb packed bytes; the result is reused by passing it as `into`. */
export function toPlanes(
  rgb: Uint8Array,
  size: PictureSize,
  target: Target,
  into = new Float32Array(3 * target.width * target.height),
): Float32Array {
  const scale = Math.min(target.width / size.width, target.height / size.height);
  const [width, height] = [Math.floor(size.width * scale), Math.floor(size.height * scale)];
  const plane = target.width * target.height;
  for (let channel = 0; channel < 3; channel++) {
    const mean = target.mean[channel] ?? 0;
    const std = target.std[channel] ?? 1;
    into.fill(-mean / std, channel * plane, (channel + 1) * plane);
    const colour = 2 - channel;
    for (let y = 0; y < height; y++) {
      const top = Math.max(0, Math.min(size.height - 1, (y + 0.5) / scale - 0.5));
      const [y0, yShare] = [Math.floor(top), top - Math.floor(top)];
      const y1 = Math.min(size.height - 1, y0 + 1);
      for (let x = 0; x < width; x++) {
        const left = Math.max(0, Math.min(size.width - 1, (x + 0.5) / scale - 0.5));
        const [x0, xShare] = [Math.floor(left), left - Math.floor(left)];
        const x1 = Math.min(size.width - 1, x0 + 1);
        const at = (row: number, column: number): number =>
          rgb[(row * size.width + column) * 3 + colour] ?? 0;
        const upper = at(y0, x0) * (1 - xShare) + at(y0, x1) * xShare;
        const lower = at(y1, x0) * (1 - xShare) + at(y1, x1) * xShare;
        const value = upper * (1 - yShare) + lower * yShare;
        into[channel * plane + y * target.width + x] = (value - mean) / std;
      }
    }
  }
  return into;
}
