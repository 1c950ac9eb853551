/** Picture preparation as it is commonly written in JavaScript: letterbox, BGR, normalised, NCHW. */

export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

export interface PlanesTarget extends PictureSize {
  /** Per channel, in the model's order (BGR). */
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/** Between which two source pixels each target pixel lies, and how far from the first. */
interface Axis {
  readonly first: Int32Array;
  readonly second: Int32Array;
  readonly share: Float32Array;
}

/** Fills `into` (3 × height × width of the target) from packed RGB bytes. */
export type ToPlanes = (rgb: Uint8Array, into: Float32Array) => void;

export function createToPlanes(size: PictureSize, target: PlanesTarget): ToPlanes {
  const scale = Math.min(target.width / size.width, target.height / size.height);
  const [width, height] = [Math.floor(size.width * scale), Math.floor(size.height * scale)];
  const columns = axisOf(width, size.width, scale);
  const rows = axisOf(height, size.height, scale);
  const plane = target.width * target.height;
  return (rgb, into) => {
    for (let channel = 0; channel < 3; channel++) {
      const mean = target.mean[channel] ?? 0;
      const factor = 1 / (target.std[channel] ?? 1);
      into.fill((0 - mean) * factor, channel * plane, (channel + 1) * plane);
      for (let y = 0; y < height; y++) {
        const upper = (rows.first[y] as number) * size.width * 3 + 2 - channel;
        const lower = (rows.second[y] as number) * size.width * 3 + 2 - channel;
        const down = rows.share[y] as number;
        const to = channel * plane + y * target.width;
        for (let x = 0; x < width; x++) {
          const left = (columns.first[x] as number) * 3;
          const right = (columns.second[x] as number) * 3;
          const across = columns.share[x] as number;
          const a = rgb[upper + left] as number;
          const b = rgb[upper + right] as number;
          const c = rgb[lower + left] as number;
          const d = rgb[lower + right] as number;
          const top = a + (b - a) * across;
          const value = top + (c + (d - c) * across - top) * down;
          into[to + x] = (value - mean) * factor;
        }
      }
    }
  };
}

function axisOf(length: number, sourceLength: number, scale: number): Axis {
  const axis = {
    first: new Int32Array(length),
    second: new Int32Array(length),
    share: new Float32Array(length),
  };
  for (let index = 0; index < length; index++) {
    const at = Math.max(0, Math.min(sourceLength - 1, (index + 0.5) / scale - 0.5));
    axis.first[index] = Math.floor(at);
    axis.second[index] = Math.min(sourceLength - 1, Math.floor(at) + 1);
    axis.share[index] = at - Math.floor(at);
  }
  return axis;
}
