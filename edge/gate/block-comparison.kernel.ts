/** How alike two small pictures are in one block, by structure. */
import type { Cluster } from "./clusters.ts";
import type { SmallPicture } from "./luma.kernel.ts";

/** Side of a block in pixels of the small picture. */
export const BLOCK_SHIFT = 2;
export const BLOCK = 1 << BLOCK_SHIFT;

/**
 * Twice the variance of 5 grey levels: less than that is no structure (an encoder makes and loses as
 * much), so that one flat place is like any other.
 */
const CONSTANT = 50;

/** Variances that remain of a block when the other is taken off, of 8 and 12 grey levels. */
const LITTLE_LEFT = 64;
const MUCH_LEFT = 144;
const DOUBT = 0.3;

/** Grey levels, beyond those of the whole picture, that make a pixel part of what differs. */
const DIFFERENT = 14;

export class BlockComparison {
  /** By how much the block was brighter than in the other picture, grey levels, when last asked. */
  brighter = 0;

  /**
   * (2 cov + C) / (var + var' + C), the structure term of SSIM (Wang et al. 2004) without its
   * normalisation of contrast: 1 for the same structure, 0.8 for half its contrast, 0.6 for a third,
   * below 0.3 for another one. Among strong structure a new thing is little, so where a linear map
   * (which light is) leaves much unexplained, up to 0.3 are taken off.
   * @param x, y block's column and row.
   * @param margin pixels around the block that count too.
   */
  likeness(small: SmallPicture, other: Float32Array, x: number, y: number, margin: 0 | 1): number {
    const { width, height, pixels } = small;
    const left = Math.max(0, (x << BLOCK_SHIFT) - margin);
    const top = Math.max(0, (y << BLOCK_SHIFT) - margin);
    // What is left over at the right and lower border belongs to no block, and nobody learns it.
    const right = Math.min(width & -BLOCK, (x << BLOCK_SHIFT) + BLOCK + margin);
    const bottom = Math.min(height & -BLOCK, (y << BLOCK_SHIFT) + BLOCK + margin);
    let [sumA, sumB, sumAA, sumBB, sumAB] = [0, 0, 0, 0, 0];
    for (let j = top; j < bottom; j++) {
      for (let i = j * width + left; i < j * width + right; i++) {
        const a = pixels[i] as number;
        const b = other[i] as number;
        sumA += a;
        sumB += b;
        sumAA += a * a;
        sumBB += b * b;
        sumAB += a * b;
      }
    }
    const share = 1 / ((right - left) * (bottom - top));
    const meanA = sumA * share;
    const meanB = sumB * share;
    const varA = sumAA * share - meanA * meanA;
    const varB = sumBB * share - meanB * meanB;
    const covariance = sumAB * share - meanA * meanB;
    this.brighter = meanA - meanB;
    const alike = (2 * covariance + CONSTANT) / (varA + varB + CONSTANT);
    const unexplained = Math.max(varA, varB) - covariance ** 2 / Math.max(1, Math.min(varA, varB));
    const doubt = (unexplained - LITTLE_LEFT) / (MUCH_LEFT - LITTLE_LEFT);
    return doubt <= 0 ? alike : alike - DOUBT * Math.min(1, doubt);
  }
}

/**
 * The pixels that differ in a cluster of blocks and right beside it, and their outline; right and
 * bottom exclusive. Blocks differ whose windows only reach into a thing, and some that it fills do
 * not.
 * @param offset by how much the whole picture is brighter than the other.
 */
export function extentOf(
  { width, height, pixels }: SmallPicture,
  other: Float32Array,
  cluster: Cluster,
  offset: number,
): Cluster {
  const firstX = Math.max(0, (cluster.left - 1) << BLOCK_SHIFT);
  const firstY = Math.max(0, (cluster.top - 1) << BLOCK_SHIFT);
  const endX = Math.min(width & -BLOCK, (cluster.right + 2) << BLOCK_SHIFT);
  const endY = Math.min(height & -BLOCK, (cluster.bottom + 2) << BLOCK_SHIFT);
  let [left, top, right, bottom, count] = [endX, endY, firstX, firstY, 0];
  for (let y = firstY; y < endY; y++) {
    for (let x = firstX; x < endX; x++) {
      const i = y * width + x;
      if (Math.abs((pixels[i] as number) - (other[i] as number) - offset) > DIFFERENT) {
        count++;
        left = Math.min(left, x);
        top = Math.min(top, y);
        right = Math.max(right, x + 1);
        bottom = Math.max(bottom, y + 1);
      }
    }
  }
  if (count > 0) {
    return { left, top, right, bottom, count };
  }
  return {
    left: cluster.left << BLOCK_SHIFT,
    top: cluster.top << BLOCK_SHIFT,
    right: (cluster.right + 1) << BLOCK_SHIFT,
    bottom: (cluster.bottom + 1) << BLOCK_SHIFT,
    count,
  };
}
