/**
 * What the scene looks like when nothing happens: per pixel of the small picture a mean, its usual
 * deviation, and what has stood there lately instead. All rates are time constants in ms.
 */
import type { Exposure } from "./exposure.kernel.ts";

export interface BackgroundOptions {
  /** Smallest change that counts, grey levels. */
  readonly minContrast: number;
  /** … and the multiple of a pixel's usual deviation that it must exceed. */
  readonly noiseFactor: number;
  /** What has stood still for so long does not count as moving any more, ms … */
  readonly standMs: number;
  /** … and after so long it becomes background, so that its going is seen as a change, ms. */
  readonly absorbMs: number;
}

/** Side of a cell in pixels of the small picture. */
export const CELL_SHIFT = 3;
export const CELL = 1 << CELL_SHIFT;

const UNCHANGED_MS = 2500;
const RELEARNING_MS = 400;
/** The background follows exposure quickly, so that a ramp leaves no lag; a jump at once. */
const EXPOSURE_MS = 300;
const NOISE_MS = 12_000;
const RELEARNING_NOISE_MS = 2000;
/**
 * Deviations count up to this multiple of the threshold: rare passers-by leave a pixel keen, and
 * what moves more than a fifth of the time (leaves, water) dulls it.
 */
const NOISE_CLIP = 1.5;
const MAX_THRESHOLD = 26;
const FIRST_NOISE = 2;
/** Edges stronger than this (grey levels over two pixels) are structure. */
const STRUCTURE = 12;

export class Background {
  readonly width: number;
  readonly height: number;
  readonly columns: number;
  readonly rows: number;
  readonly mean: Float32Array;
  /** 0 where masked. */
  readonly watched: Uint8Array;
  /** Changed pixels by cell. */
  readonly changed: Uint16Array;
  private readonly noise: Float32Array;
  private readonly candidate: Float32Array;
  private readonly candidateMs: Float32Array;
  private readonly options: BackgroundOptions;

  constructor(width: number, height: number, watched: Uint8Array, options: BackgroundOptions) {
    this.width = width;
    this.height = height;
    this.columns = Math.ceil(width / CELL);
    this.rows = Math.ceil(height / CELL);
    this.watched = watched;
    this.options = options;
    this.mean = new Float32Array(width * height);
    this.noise = new Float32Array(width * height).fill(FIRST_NOISE);
    this.candidate = new Float32Array(width * height);
    this.candidateMs = new Float32Array(width * height);
    this.changed = new Uint16Array(this.columns * this.rows);
  }

  /** The n-th picture of a calibration (from 1): plain averages of mean and deviation. */
  calibrate(pixels: Float32Array, n: number): void {
    const { mean, noise } = this;
    const share = 1 / n;
    const limit = MAX_THRESHOLD / this.options.noiseFactor / 2;
    for (let i = 0; i < mean.length; i++) {
      const difference = (pixels[i] as number) - (mean[i] as number);
      mean[i] = (mean[i] as number) + difference * share;
      if (n > 1) {
        const deviation = Math.min(limit, Math.abs(difference));
        noise[i] = (noise[i] as number) + (deviation - (noise[i] as number)) * share;
      }
    }
  }

  /** Counts the changed pixels of every cell and learns from this picture. */
  compare(pixels: Float32Array, exposure: Readonly<Exposure>, dtMs: number, fast: boolean): void {
    const { width, height, columns, mean, noise, candidate, candidateMs, watched, changed } = this;
    const { minContrast, noiseFactor, standMs, absorbMs } = this.options;
    const { gain, offset } = exposure;
    const follow = exposure.jumped ? 1 : share(dtMs, EXPOSURE_MS);
    const learn = share(dtMs, fast ? RELEARNING_MS : UNCHANGED_MS);
    const learnNoise = share(dtMs, fast ? RELEARNING_NOISE_MS : NOISE_MS);
    changed.fill(0);
    for (let y = 0, i = 0; y < height; y++) {
      const cellRow = (y >> CELL_SHIFT) * columns;
      for (let x = 0; x < width; x++, i++) {
        if (watched[i] === 0) {
          continue;
        }
        const now = pixels[i] as number;
        const usual = noise[i] as number;
        const old = mean[i] as number;
        const shifted = gain * old + offset;
        const expected = shifted < 0 ? 0 : shifted > 255 ? 255 : shifted;
        const difference = now - expected;
        const size = difference < 0 ? -difference : difference;
        const noisy = noiseFactor * usual;
        const threshold =
          noisy < minContrast ? minContrast : noisy > MAX_THRESHOLD ? MAX_THRESHOLD : noisy;
        const followed = old + (expected - old) * follow;
        if (size <= threshold) {
          noise[i] = usual + (size - usual) * learnNoise;
          mean[i] = followed + (now - followed) * learn;
          candidateMs[i] = 0;
          continue;
        }
        mean[i] = followed;
        const fromCandidate = now - (candidate[i] as number);
        const stood = (candidateMs[i] as number) + dtMs;
        if (fromCandidate > threshold || fromCandidate < -threshold) {
          const clip = NOISE_CLIP * threshold;
          noise[i] = usual + ((size < clip ? size : clip) - usual) * learnNoise;
          candidate[i] = now;
          candidateMs[i] = 0;
        } else if (stood < absorbMs) {
          candidateMs[i] = stood;
          if (stood >= standMs) {
            continue;
          }
        } else {
          candidateMs[i] = 0;
          mean[i] = now;
          continue;
        }
        const cell = cellRow + (x >> CELL_SHIFT);
        changed[cell] = (changed[cell] as number) + 1;
      }
    }
  }

  /** The scene looks different from now on: takes the picture as it is. */
  replace(pixels: Float32Array): void {
    this.mean.set(pixels);
    this.candidateMs.fill(0);
  }

  /**
   * How far the edges of the picture are those of the background, −1 to 1; 1 when neither has
   * edges. `structureChanged` is the share of the background's edges that lie in `active` cells.
   */
  compareEdges(
    pixels: Float32Array,
    active: Uint8Array,
  ): { readonly likeness: number; readonly structureChanged: number } {
    const { width, height, columns, mean, watched } = this;
    let product = 0;
    let ours = 0;
    let theirs = 0;
    let structure = 0;
    let inActive = 0;
    for (let y = 0; y < height; y++) {
      const cellRow = (y >> CELL_SHIFT) * columns;
      for (let x = 1; x < width - 1; x++) {
        const i = y * width + x;
        if (watched[i] === 0) {
          continue;
        }
        const now = (pixels[i + 1] as number) - (pixels[i - 1] as number);
        const was = (mean[i + 1] as number) - (mean[i - 1] as number);
        product += now * was;
        ours += now * now;
        theirs += was * was;
        if (was > STRUCTURE || was < -STRUCTURE) {
          structure++;
          inActive += active[cellRow + (x >> CELL_SHIFT)] as number;
        }
      }
    }
    // Weaker than one grey level on average: nothing that could have moved.
    const flat = Math.max(ours, theirs) < 2 * width * height;
    return {
      likeness: flat ? 1 : product / Math.sqrt(Math.max(1, ours) * Math.max(1, theirs)),
      structureChanged: structure === 0 ? 0 : inActive / structure,
    };
  }
}

/** Share of the way that a first-order follower goes in dtMs. */
function share(dtMs: number, constantMs: number): number {
  return 1 - Math.exp(-dtMs / constantMs);
}
