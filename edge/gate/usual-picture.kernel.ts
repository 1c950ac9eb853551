/**
 * How the picture looks in the long run, and how far a frame is from it: what tampering is told by.
 * Edges are compared, not brightness. The docstrings of PictureQuality say what the figures mean.
 */
import type { EpochMs } from "../../protocol/index.ts";
import type { SmallPicture } from "./luma.kernel.ts";

/** Every second row is enough to count edges, and takes half of the time. */
const ROW_STEP = 2;
/** Grey levels over two pixels that make an edge: about four times the noise of a small picture. */
const EDGE = 12;
const EDGE2 = EDGE * EDGE;
/** An edge is where it was if half of it is left, within 60° of its old direction. */
const KEPT2 = (EDGE / 2) ** 2;
const COSINE2 = 0.25;
/** The picture is learned as a plain mean for so long, ms … */
const LEARN_MS = 10_000;
/** … and then followed with this time constant, ms, while it looks about as usual: */
const FOLLOW_MS = 60_000;
const USUAL_ALIGNMENT = 0.4;
const USUAL_STRUCTURE = 0.4;
/** The reference is renewed this often, ms: it is slow, so a step of 2 % does. */
const RENEW_MS = 1000;
/** A view that looks elsewhere, and shows something there, is the usual one after this long, ms. */
const ADOPT_MS = 600_000;
const ADOPT_STRUCTURE = 0.5;
/** With fewer edges than this share of the pixels there is nothing to compare with. */
const MIN_EDGES = 0.005;
/** Sharpness goes with the light and the season; focus is lost at once. */
const SHARPNESS_MS = 600_000;
const SHARPNESS_LOST_MS = 3_600_000;
const SHARPNESS_KEPT = 0.7;

export class UsualPicture {
  /** Of the last frame, as PictureQuality has them. */
  brightness = 0;
  structure = 1;
  alignment = 1;
  sharpness = 1;
  /** Of the last frame's pixels, exactly. */
  hash = 0;
  /** The last frame has edges enough to tell anything. */
  hasEdges = false;

  private readonly watched: Uint8Array;
  private readonly watchedCount: number;
  private readonly picture: Float32Array;
  /** Indices of the usual picture's edges, and the gradients there. */
  private readonly edges: Int32Array;
  private readonly edgeX: Float32Array;
  private readonly edgeY: Float32Array;
  private edgeCount = 0;
  /** What single frames count, whose noise the usual picture lacks. */
  private usualCount = 0;
  private usualSharpness: number | undefined;
  private learnedMs = 0;
  private renewedAt: EpochMs | undefined;
  private oddSince: EpochMs | undefined;

  /** @param watched by pixel, 0 where masked. */
  constructor(width: number, height: number, watched: Uint8Array) {
    this.watched = watched;
    this.watchedCount = Math.max(1, countInner(watched, width, height));
    this.picture = new Float32Array(width * height);
    this.edges = new Int32Array(width * height);
    this.edgeX = new Float32Array(width * height);
    this.edgeY = new Float32Array(width * height);
  }

  /** @param sharpness of this frame's edges, `undefined` where there are too few. */
  look(small: SmallPicture, sharpness: number | undefined, at: EpochMs): void {
    const count = this.scan(small);
    this.hasEdges = count >= MIN_EDGES * this.watchedCount;
    const hasUsual = this.learnedMs >= LEARN_MS && this.usualCount >= MIN_EDGES * this.watchedCount;
    this.structure = hasUsual ? Math.min(1, count / this.usualCount) : 1;
    this.alignment = hasUsual ? this.align(small) : 1;
    this.sharpness =
      hasUsual && sharpness !== undefined ? sharpness / (this.usualSharpness ?? sharpness) : 1;
    const passedMs = this.renewedAt === undefined ? 0 : at - this.renewedAt;
    if (this.renewedAt === undefined || passedMs >= RENEW_MS || passedMs < 0) {
      this.renewedAt = at;
      this.renew(small, count, sharpness, Math.min(2 * RENEW_MS, Math.max(0, passedMs)), at);
    }
  }

  private renew(
    small: SmallPicture,
    count: number,
    sharpness: number | undefined,
    dtMs: number,
    at: EpochMs,
  ): void {
    if (this.usualCount < MIN_EDGES * this.watchedCount && this.learnedMs >= LEARN_MS) {
      this.learnedMs = 0; // Nothing was there to learn: perhaps there is now.
    }
    const isLearning = this.learnedMs < LEARN_MS;
    if (!isLearning && !this.isUsual(at)) {
      this.followSharpness(sharpness, dtMs);
      return;
    }
    const step = Math.max(RENEW_MS / 2, dtMs);
    const part = isLearning ? step / (this.learnedMs + step) : 1 - Math.exp(-dtMs / FOLLOW_MS);
    this.learnedMs += isLearning ? step : 0;
    const { picture } = this;
    for (let i = 0; i < picture.length; i++) {
      const old = picture[i] as number;
      picture[i] = old + ((small.pixels[i] as number) - old) * part;
    }
    this.usualCount += (count - this.usualCount) * part;
    this.followSharpness(sharpness, isLearning ? SHARPNESS_MS * part : dtMs);
    this.findEdges(small);
  }

  /** Whether this frame may be learned from; takes up a view that has looked elsewhere for long. */
  private isUsual(at: EpochMs): boolean {
    if (this.alignment >= USUAL_ALIGNMENT && this.structure >= USUAL_STRUCTURE) {
      this.oddSince = undefined;
      return true;
    }
    if (this.structure < ADOPT_STRUCTURE) {
      this.oddSince = undefined;
      return false;
    }
    this.oddSince ??= at;
    if (at - this.oddSince < ADOPT_MS) {
      return false;
    }
    this.oddSince = undefined;
    this.learnedMs = 0;
    this.usualSharpness = undefined;
    return true;
  }

  private followSharpness(sharpness: number | undefined, dtMs: number): void {
    if (sharpness === undefined) {
      return;
    }
    const usual = this.usualSharpness ?? sharpness;
    const constantMs = sharpness >= SHARPNESS_KEPT * usual ? SHARPNESS_MS : SHARPNESS_LOST_MS;
    this.usualSharpness = usual + (sharpness - usual) * Math.min(1, dtMs / constantMs);
  }

  /** Counts edges; measures brightness and hash. */
  private scan({ width, height, pixels }: SmallPicture): number {
    const { watched } = this;
    const bits = new Int32Array(pixels.buffer, pixels.byteOffset, pixels.length);
    let count = 0;
    let sum = 0;
    let hash = 0x811c_9dc5;
    for (let y = 1; y < height - 1; y += ROW_STEP) {
      for (let x = 1, i = y * width + 1; x < width - 1; x++, i++) {
        if (watched[i] === 0) {
          continue;
        }
        sum += pixels[i] as number;
        hash = Math.imul(hash ^ (bits[i] as number), 0x0100_0193);
        hash ^= hash >>> 15; // A mean's bits lie high, a product's change goes up only.
        const gx = (pixels[i + 1] as number) - (pixels[i - 1] as number);
        const gy = (pixels[i + width] as number) - (pixels[i - width] as number);
        if (gx * gx + gy * gy > EDGE2) {
          count++;
        }
      }
    }
    this.brightness = sum / this.watchedCount;
    this.hash = hash;
    return count;
  }

  private align({ width, pixels }: SmallPicture): number {
    const { edges, edgeX, edgeY, edgeCount } = this;
    let kept = 0;
    for (let k = 0; k < edgeCount; k++) {
      const i = edges[k] as number;
      const gx = (pixels[i + 1] as number) - (pixels[i - 1] as number);
      const gy = (pixels[i + width] as number) - (pixels[i - width] as number);
      const rx = edgeX[k] as number;
      const ry = edgeY[k] as number;
      const now = gx * gx + gy * gy;
      const dot = gx * rx + gy * ry;
      if (now > KEPT2 && dot > 0 && dot * dot > COSINE2 * now * (rx * rx + ry * ry)) {
        kept++;
      }
    }
    return edgeCount === 0 ? 1 : kept / edgeCount;
  }

  private findEdges({ width, height }: SmallPicture): void {
    const { watched, picture, edges, edgeX, edgeY } = this;
    let count = 0;
    for (let y = 1; y < height - 1; y++) {
      for (let x = 1, i = y * width + 1; x < width - 1; x++, i++) {
        const gx = (picture[i + 1] as number) - (picture[i - 1] as number);
        const gy = (picture[i + width] as number) - (picture[i - width] as number);
        if (watched[i] !== 0 && gx * gx + gy * gy > EDGE2) {
          edges[count] = i;
          edgeX[count] = gx;
          edgeY[count] = gy;
          count++;
        }
      }
    }
    this.edgeCount = count;
  }
}

/** Of the rows that are looked at, without the outermost pixels, which have no gradient. */
function countInner(watched: Uint8Array, width: number, height: number): number {
  let count = 0;
  for (let y = 1; y < height - 1; y += ROW_STEP) {
    for (let x = 1; x < width - 1; x++) {
      count += watched[y * width + x] as number;
    }
  }
  return count;
}
