/** How well a box lies on another. */
import type { BoxPx } from "./motion.ts";

/** How much a box grows on every side before it is compared: C-BIoU's (Yang et al., WACV 2023). */
const GROWTH = 0.3;

/**
 * Overlap (intersection over union) of both boxes grown, so that what moved on by a width between
 * two looks still overlaps, times the root of how alike their heights are, 0–1: who stands behind
 * somebody is smaller.
 */
export function similarity(a: BoxPx, b: BoxPx): number {
  const overlap = grownOverlap(a, b, GROWTH);
  if (overlap === 0) {
    return 0;
  }
  const ratio = a.height < b.height ? a.height / b.height : b.height / a.height;
  return overlap * Math.sqrt(ratio);
}

/** Intersection over union of both boxes grown by a share of their size on every side, 0–1. */
export function grownOverlap(a: BoxPx, b: BoxPx, growth: number): number {
  const left = Math.max(a.left - growth * a.width, b.left - growth * b.width);
  const right = Math.min(a.left + (1 + growth) * a.width, b.left + (1 + growth) * b.width);
  if (!(right > left)) {
    return 0;
  }
  const top = Math.max(a.top - growth * a.height, b.top - growth * b.height);
  const bottom = Math.min(a.top + (1 + growth) * a.height, b.top + (1 + growth) * b.height);
  if (!(bottom > top)) {
    return 0;
  }
  const shared = (right - left) * (bottom - top);
  const scale = (1 + 2 * growth) ** 2;
  return shared / ((a.width * a.height + b.width * b.height) * scale - shared);
}
