/** Small pictures for the gate: a grid of block averages of the luma plane. */

/** A block's mean is taken from at most this many columns and rows of it: enough to quieten noise. */
const COLUMNS = 4;
const ROWS = 2;

/** One pixel per block of step × step luma pixels; a remainder at the right and lower edge is left out. */
export interface SmallPicture {
  readonly frameWidth: number;
  readonly frameHeight: number;
  readonly step: number;
  readonly width: number;
  readonly height: number;
  /** 0–255, row by row. */
  readonly pixels: Float32Array;
}

export function createSmallPicture(
  frameWidth: number,
  frameHeight: number,
  aimWidth: number,
): SmallPicture {
  const step = Math.max(1, Math.round(frameWidth / aimWidth));
  const width = Math.max(1, Math.floor(frameWidth / step));
  const height = Math.max(1, Math.floor(frameHeight / step));
  const pixels = new Float32Array(width * height);
  return { frameWidth, frameHeight, step, width, height, pixels };
}

/** Fills `small` from a luma plane of frameWidth × frameHeight bytes. */
export function shrinkLuma(luma: Uint8Array, small: SmallPicture): void {
  if (small.step >= COLUMNS) {
    shrinkSampled(luma, small);
  } else {
    shrinkWhole(luma, small);
  }
}

function shrinkSampled(luma: Uint8Array, small: SmallPicture): void {
  const { frameWidth, step, width, height, pixels } = small;
  const a = Math.floor((0.5 * step) / COLUMNS);
  const b = Math.floor((1.5 * step) / COLUMNS);
  const c = Math.floor((2.5 * step) / COLUMNS);
  const d = Math.floor((3.5 * step) / COLUMNS);
  const upper = Math.floor((0.5 * step) / ROWS) * frameWidth;
  const lower = Math.floor((1.5 * step) / ROWS) * frameWidth;
  let to = 0;
  for (let y = 0; y < height; y++) {
    let p = y * step * frameWidth + upper;
    let q = y * step * frameWidth + lower;
    for (let x = 0; x < width; x++, p += step, q += step) {
      const first =
        (luma[p + a] as number) +
        (luma[p + b] as number) +
        (luma[p + c] as number) +
        (luma[p + d] as number);
      const second =
        (luma[q + a] as number) +
        (luma[q + b] as number) +
        (luma[q + c] as number) +
        (luma[q + d] as number);
      pixels[to++] = (first + second) * 0.125;
    }
  }
}

function shrinkWhole(luma: Uint8Array, small: SmallPicture): void {
  const { frameWidth, step, width, height, pixels } = small;
  const share = 1 / (step * step);
  let to = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let sum = 0;
      for (let j = 0; j < step; j++) {
        const from = (y * step + j) * frameWidth + x * step;
        for (let i = 0; i < step; i++) {
          sum += luma[from + i] as number;
        }
      }
      pixels[to++] = sum * share;
    }
  }
}
