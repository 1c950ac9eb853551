/**
 * Places that look different from before and are at rest. Blocks of the small picture are compared
 * with a slow background of their own by structure, so that light has no say; what differs is taken
 * for a change only where motion led to it. The docstring of PictureChange says what that means.
 */
import type { BoxNorm, EpochMs } from "../../protocol/index.ts";
import { CELL_SHIFT } from "./background.kernel.ts";
import { BLOCK, BLOCK_SHIFT, BlockComparison, extentOf } from "./block-comparison.kernel.ts";
import { Clusters } from "./clusters.ts";
import type { SmallPicture } from "./luma.kernel.ts";
import type { GateSight } from "./motion-gate.ts";
import type { PictureChange } from "./picture-state.ts";

/** Every block is compared about this often, ms; frames share the work. */
const ROUND_MS = 500;
/** What differs is told after two rounds, ms: by then it is known whether it is a shadow. */
const SETTLE_MS = 1000;
/** A place is at rest this long after the last motion in it, ms. */
const REST_MS = 1000;
/** Changed pixels of a gate's cell (8 × 8) that may be all that is seen of something's coming. */
const TRACE = 2;
/** A block's usual look is the mean of so much rest, ms … */
const LEARN_MS = 5000;
/** … and follows with this time constant while it looks usual, ms … */
const FOLLOW_MS = 60_000;
/** … or has come to look different without any motion: a shadow that creeps, dusk. */
const CREEP_MS = 5000;
/** Of BlockComparison's likeness: what differs less than this differs, and must get so far back. */
const UNLIKE = 0.45;
const LIKE = 0.6;
/** What changes more of the picture than this within FRESH_MS is light, or the whole view. */
const MASS_SHARE = 0.12;
const FRESH_MS = 4000;
/** Fewer blocks, and fewer pixels, are barrier tape that sways, or what an encoder left behind. */
const MIN_BLOCKS = 3;
const MIN_PIXELS = 12;
/** What ceases to look usual within this of a jump of light, ms, does so by it. */
const LIGHT_MS = 500;
/** Grey levels, beyond those of the whole picture, by which an unchanged block is lit otherwise. */
const SHADE = 10;

export class LastingChanges {
  private readonly columns: number;
  private readonly rows: number;
  private readonly gateColumns: number;
  private readonly forgetMs: number;
  private readonly background: Float32Array;
  /** The usual look before the last one: light that came goes again, and so does what was put. */
  private readonly former: Float32Array;
  /** 0 none; 1 while light comes and goes; 2 once, for what was forgotten. */
  private readonly hasFormer: Uint8Array;
  /** By block: 0 where any of it is masked. */
  private readonly usable: Uint8Array;
  private readonly usableCount: number;
  private readonly learnedMs: Float32Array;
  /** Last motion; first motion since the block looked usual, or 0. */
  private readonly movedAt: Float64Array;
  private readonly leftAt: Float64Array;
  private readonly differs: Uint8Array;
  private readonly differsFrom: Float64Array;
  private readonly shaded: Uint8Array;
  private readonly covered: Uint8Array;
  private readonly marked: Uint8Array;
  private readonly comparedAt: Float64Array;
  private readonly clusters: Clusters;
  private readonly comparison = new BlockComparison();
  private nextRow = 0;
  private owedRows = 0;
  private lightFrom: EpochMs = 0;
  private lightUntil: EpochMs = 0;
  private freshUntil: EpochMs = 0;
  private offset = 0;
  private isStale = false;
  private changes: readonly PictureChange[] = [];

  constructor({ small, watched, columns }: GateSight, forgetMs: number) {
    const { width, height } = small;
    this.columns = width >> BLOCK_SHIFT;
    this.rows = height >> BLOCK_SHIFT;
    this.gateColumns = columns;
    this.forgetMs = forgetMs;
    const blocks = this.columns * this.rows;
    this.background = new Float32Array(width * height);
    this.former = new Float32Array(width * height);
    this.hasFormer = new Uint8Array(blocks);
    this.usable = new Uint8Array(blocks).fill(1);
    for (let y = 0; y < this.rows << BLOCK_SHIFT; y++) {
      for (let x = 0; x < this.columns << BLOCK_SHIFT; x++) {
        if (watched[y * width + x] === 0) {
          this.exclude(x - 1, y - 1);
          this.exclude(x + 1, y - 1);
          this.exclude(x - 1, y + 1);
          this.exclude(x + 1, y + 1);
        }
      }
    }
    this.usableCount = this.usable.reduce((sum, value) => sum + value, 0);
    this.learnedMs = new Float32Array(blocks);
    this.movedAt = new Float64Array(blocks);
    this.leftAt = new Float64Array(blocks);
    this.differs = new Uint8Array(blocks);
    this.differsFrom = new Float64Array(blocks);
    this.shaded = new Uint8Array(blocks);
    this.covered = new Uint8Array(blocks);
    this.marked = new Uint8Array(blocks);
    this.comparedAt = new Float64Array(this.rows);
    this.clusters = new Clusters(this.columns, this.rows);
  }

  /** A pixel is masked beside this one, which so lies in the window of its block. */
  private exclude(x: number, y: number): void {
    const column = x >> BLOCK_SHIFT;
    const row = y >> BLOCK_SHIFT;
    if (column >= 0 && row >= 0 && column < this.columns && row < this.rows) {
      this.usable[row * this.columns + column] = 0;
    }
  }

  /** The camera looks elsewhere: nothing is known any more. */
  forget(): void {
    this.learnedMs.fill(0);
    this.hasFormer.fill(0);
    this.leftAt.fill(0);
    this.movedAt.fill(0);
    this.differs.fill(0);
    this.changes = [];
  }

  /** The light jumps in this frame: what differs by it is no change. */
  relight(at: EpochMs): void {
    if (at > this.lightUntil) {
      this.lightFrom = at - LIGHT_MS;
    }
    this.lightUntil = at + LIGHT_MS;
  }

  /**
   * @param objects what is being followed; a place behind it is neither learned nor forgotten.
   * @param dtMs time since the frame before.
   */
  look(
    sight: GateSight,
    objects: readonly BoxNorm[],
    at: EpochMs,
    dtMs: number,
  ): readonly PictureChange[] {
    const { small } = sight;
    this.noteMotion(sight, at);
    this.cover(objects, small);
    this.owedRows = Math.min(this.rows, this.owedRows + (this.rows * dtMs) / ROUND_MS);
    for (; this.owedRows >= 1; this.owedRows--) {
      this.compareRow(this.nextRow, small, at);
      this.nextRow = (this.nextRow + 1) % this.rows;
      // The whole of a shadow is known after a round only.
      this.isStale ||= this.nextRow === 0 && at < this.freshUntil;
    }
    if (this.isStale) {
      this.isStale = false;
      this.dismissLight(small, at);
      this.changes = this.collect(small, at);
    }
    return this.changes;
  }

  private noteMotion({ active, changed }: GateSight, at: EpochMs): void {
    const { columns, rows, gateColumns, movedAt, leftAt } = this;
    const shift = CELL_SHIFT - BLOCK_SHIFT;
    for (let y = 0, block = 0; y < rows; y++) {
      const cellRow = (y >> shift) * gateColumns;
      for (let x = 0; x < columns; x++, block++) {
        const cell = cellRow + (x >> shift);
        if (active[cell] === 1) {
          movedAt[block] = at;
        }
        if (leftAt[block] === 0 && (active[cell] === 1 || (changed[cell] as number) >= TRACE)) {
          leftAt[block] = at;
        }
      }
    }
  }

  private cover(objects: readonly BoxNorm[], small: SmallPicture): void {
    const { columns, rows, covered } = this;
    covered.fill(0);
    const xBlocks = small.frameWidth / (small.step << BLOCK_SHIFT);
    const yBlocks = small.frameHeight / (small.step << BLOCK_SHIFT);
    for (const { left, top, width, height } of objects) {
      const right = Math.min(columns - 1, Math.floor((left + width) * xBlocks));
      const bottom = Math.min(rows - 1, Math.floor((top + height) * yBlocks));
      for (let y = Math.max(0, Math.floor(top * yBlocks)); y <= bottom; y++) {
        for (let x = Math.max(0, Math.floor(left * xBlocks)); x <= right; x++) {
          covered[y * columns + x] = 1;
        }
      }
    }
  }

  private compareRow(y: number, small: SmallPicture, at: EpochMs): void {
    const { columns, usable, movedAt, learnedMs, covered, comparedAt } = this;
    const passedMs = Math.max(0, Math.min(2 * ROUND_MS, at - (comparedAt[y] as number)));
    comparedAt[y] = at;
    for (let x = 0, block = y * columns; x < columns; x++, block++) {
      if (usable[block] === 0 || at - (movedAt[block] as number) < REST_MS) {
        continue;
      }
      const learned = learnedMs[block] as number;
      if (learned >= LEARN_MS) {
        this.judge(block, x, y, small, at, passedMs);
      } else if (covered[block] === 0) {
        this.follow(x, y, small, passedMs / Math.max(1, learned + passedMs));
        learnedMs[block] = learned + passedMs;
        this.leftAt[block] = 0;
      }
    }
  }

  private judge(
    block: number,
    x: number,
    y: number,
    small: SmallPicture,
    at: EpochMs,
    passedMs: number,
  ): void {
    const { differs, differsFrom, leftAt, covered } = this;
    const likeness = this.comparison.likeness(small, this.background, x, y, 1);
    this.noteShade(block);
    if (likeness >= (differs[block] === 1 ? LIKE : UNLIKE)) {
      leftAt[block] = 0;
      this.mark(block, 0);
      if (covered[block] === 0) {
        this.follow(x, y, small, 1 - Math.exp(-passedMs / FOLLOW_MS));
      }
    } else if (this.hasNewNeighbour(x, y)) {
      return; // Part of what it is compared with is not known.
    } else if (differs[block] === 0 && leftAt[block] === 0) {
      this.follow(x, y, small, covered[block] === 1 ? 0 : 1 - Math.exp(-passedMs / CREEP_MS));
    } else if (differs[block] === 0 && this.isByLight(leftAt[block] as number)) {
      this.adopt(block, small, 1);
    } else if (this.looksAsFormerly(block, x, y, small)) {
      this.adopt(block, small, this.hasFormer[block] === 1 ? 1 : 0);
    } else if (differs[block] === 0) {
      differsFrom[block] = at;
      this.freshUntil = at + FRESH_MS;
      this.mark(block, 1);
    } else if (covered[block] === 0 && at - (leftAt[block] as number) >= this.forgetMs) {
      this.adopt(block, small, 2);
    }
  }

  /** Notes whether a block that was just compared is lit otherwise than the picture on the whole. */
  private noteShade(block: number): void {
    const lit = this.comparison.brighter - this.offset;
    this.shaded[block] = lit > SHADE || lit < -SHADE ? 1 : 0;
    this.offset += lit > 0 ? 0.05 : -0.05; // A running median.
  }

  /** By the block alone: its neighbours may have gone back already, and have other formers. */
  private looksAsFormerly(block: number, x: number, y: number, small: SmallPicture): boolean {
    return (
      this.hasFormer[block] !== 0 && this.comparison.likeness(small, this.former, x, y, 0) >= LIKE
    );
  }

  private isByLight(leftAt: EpochMs): boolean {
    return leftAt >= this.lightFrom && leftAt <= this.lightUntil;
  }

  private hasNewNeighbour(x: number, y: number): boolean {
    const { columns, rows, learnedMs, usable } = this;
    for (let j = Math.max(0, y - 1); j <= Math.min(rows - 1, y + 1); j++) {
      for (let i = Math.max(0, x - 1); i <= Math.min(columns - 1, x + 1); i++) {
        const block = j * columns + i;
        if (usable[block] === 1 && (learnedMs[block] as number) < LEARN_MS) {
          return true;
        }
      }
    }
    return false;
  }

  private mark(block: number, value: 0 | 1): void {
    if (this.differs[block] !== value) {
      this.differs[block] = value;
      this.isStale = true;
    }
  }

  private follow(x: number, y: number, { width, pixels }: SmallPicture, part: number): void {
    const { background } = this;
    for (let j = y << BLOCK_SHIFT; j < (y + 1) << BLOCK_SHIFT; j++) {
      const from = j * width + (x << BLOCK_SHIFT);
      for (let i = from; i < from + BLOCK; i++) {
        const old = background[i] as number;
        background[i] = old + ((pixels[i] as number) - old) * part;
      }
    }
  }

  /** What the block shows now is usual from now on; `hasFormer` says what its old look is worth. */
  private adopt(block: number, small: SmallPicture, hasFormer: 0 | 1 | 2): void {
    const { background, former, columns } = this;
    const x = block % columns;
    const y = (block - x) / columns;
    for (let j = y << BLOCK_SHIFT; j < (y + 1) << BLOCK_SHIFT; j++) {
      const from = j * small.width + (x << BLOCK_SHIFT);
      for (let i = from; i < from + BLOCK; i++) {
        former[i] = background[i] as number;
        background[i] = small.pixels[i] as number;
      }
    }
    this.hasFormer[block] = hasFormer;
    this.leftAt[block] = 0;
    this.mark(block, 0);
  }

  /** Takes back what began to differ lately and is light rather than things. */
  private dismissLight(small: SmallPicture, at: EpochMs): void {
    const { differs, differsFrom, covered, marked, clusters, shaded } = this;
    const isFresh = (block: number): boolean =>
      differs[block] === 1 &&
      covered[block] === 0 &&
      at - (differsFrom[block] as number) < FRESH_MS;
    let fresh = 0;
    for (let block = 0; block < differs.length; block++) {
      const isOne = isFresh(block);
      fresh += isOne ? 1 : 0;
      marked[block] = isOne || (differs[block] === 0 && shaded[block] === 1) ? 1 : 0;
    }
    const isMass = fresh > MASS_SHARE * this.usableCount;
    for (let block = 0; fresh > 0 && block < differs.length; block++) {
      if (marked[block] === 1 && isFresh(block)) {
        const edge: number[] = [];
        let newestAt = 0;
        const { count } = clusters.take(marked, block, (cell) => {
          if (isFresh(cell)) {
            edge.push(cell);
            newestAt = Math.max(newestAt, differsFrom[cell] as number);
          }
        });
        fresh -= edge.length;
        // A shadow's edge differs, and much more than that is only lit otherwise; what lies around
        // the edge is known after a round.
        const isShadow = count > 3 * edge.length && at - newestAt > ROUND_MS;
        if (isMass || isShadow) {
          edge.forEach((cell) => this.adopt(cell, small, 1));
        }
      }
    }
  }

  private collect(small: SmallPicture, at: EpochMs): readonly PictureChange[] {
    const { marked, differs, differsFrom, leftAt, clusters, background } = this;
    for (let block = 0; block < differs.length; block++) {
      const isSettled = at - (differsFrom[block] as number) > SETTLE_MS;
      marked[block] = differs[block] === 1 && isSettled ? 1 : 0;
    }
    const changes: PictureChange[] = [];
    const xPixel = small.step / small.frameWidth;
    const yPixel = small.step / small.frameHeight;
    for (let block = marked.indexOf(1); block >= 0; block = marked.indexOf(1, block)) {
      let since = Infinity;
      const cluster = clusters.take(marked, block, (cell) => {
        since = Math.min(since, leftAt[cell] as number);
      });
      const extent = extentOf(small, background, cluster, this.offset);
      if (cluster.count < MIN_BLOCKS && extent.count < MIN_PIXELS) {
        continue;
      }
      const { left, top, right, bottom } = extent;
      const box = {
        left: left * xPixel,
        top: top * yPixel,
        width: (right - left) * xPixel,
        height: (bottom - top) * yPixel,
      };
      changes.push({ box, since });
    }
    return changes;
  }
}
