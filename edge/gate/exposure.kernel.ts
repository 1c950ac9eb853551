/**
 * What a camera's own exposure control, a cloud or a lamp does to the whole picture, as one linear
 * map from the background: now ≈ gain · background + offset. Medians over the darker and the
 * brighter half, so that objects in a minority of the picture have no say.
 */
import type { Background } from "./background.kernel.ts";

export interface Exposure {
  gain: number;
  offset: number;
  /** The larger of the halves' median changes is a jump of light rather than a drift. */
  jumped: boolean;
}

/** Every third pixel is looked at. */
const STRIDE = 3;
/** Median changes up to this are noise: no compensation. */
const DEAD_ZONE = 1;
/** The halves must lie this far apart (grey levels) and hold this share each to give a gain. */
const MIN_SPREAD = 20;
const MIN_SHARE = 0.25;
/** Grey levels since the last frame. */
const LIGHT_JUMP = 15;
const MIN_GAIN = 0.6;
const MAX_GAIN = 1.6;

const LEVELS = 512;
const MIDDLE = 256;

export class ExposureMeter {
  private readonly dark = new Int32Array(LEVELS);
  private readonly bright = new Int32Array(LEVELS);
  /** Grey level between the halves; follows the picture's median. */
  private split = 128;
  private readonly result: Exposure = { gain: 1, offset: 0, jumped: false };

  /** The returned object is reused by the next call. */
  measure(pixels: Float32Array, background: Background): Readonly<Exposure> {
    const { mean, watched } = background;
    const { dark, bright, split, result } = this;
    dark.fill(0);
    bright.fill(0);
    let darkCount = 0;
    let brightCount = 0;
    let darkSum = 0;
    let brightSum = 0;
    for (let i = 0; i < mean.length; i += STRIDE) {
      if (watched[i] === 0) {
        continue;
      }
      const level = mean[i] as number;
      const bin = MIDDLE + Math.round((pixels[i] as number) - level);
      if (level < split) {
        dark[bin] = (dark[bin] as number) + 1;
        darkCount++;
        darkSum += level;
      } else {
        bright[bin] = (bright[bin] as number) + 1;
        brightCount++;
        brightSum += level;
      }
    }
    const count = darkCount + brightCount;
    result.gain = 1;
    result.offset = 0;
    result.jumped = false;
    if (count === 0) {
      return result;
    }
    this.split += (16 * (brightCount - darkCount)) / count;
    if (Math.min(darkCount, brightCount) < count * MIN_SHARE) {
      return this.settle(median(darkCount > brightCount ? dark : bright), 0, 0, 0);
    }
    return this.settle(median(dark), median(bright), darkSum / darkCount, brightSum / brightCount);
  }

  private settle(low: number, high: number, darkLevel: number, brightLevel: number): Exposure {
    const { result } = this;
    const single = darkLevel === brightLevel;
    const shift = single ? Math.abs(low) : Math.max(Math.abs(low), Math.abs(high));
    result.jumped = shift >= LIGHT_JUMP;
    if (shift <= DEAD_ZONE) {
      return result;
    }
    if (single || brightLevel - darkLevel < MIN_SPREAD) {
      result.offset = single ? low : (low + high) / 2;
      return result;
    }
    const gain = 1 + (high - low) / (brightLevel - darkLevel);
    result.gain = Math.min(MAX_GAIN, Math.max(MIN_GAIN, gain));
    const middle = (darkLevel + brightLevel) / 2;
    result.offset = middle + (low + high) / 2 - result.gain * middle;
    return result;
  }
}

function median(histogram: Int32Array): number {
  let count = 0;
  for (let i = 0; i < LEVELS; i++) {
    count += histogram[i] as number;
  }
  let below = 0;
  for (let i = 0; i < LEVELS; i++) {
    below += histogram[i] as number;
    if (below * 2 >= count) {
      return i - MIDDLE;
    }
  }
  return 0;
}
