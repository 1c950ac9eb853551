/** Greedy non-maximum suppression within each class. */
import type { Candidates } from "./candidates.ts";

/**
 * Indices of the candidates that stay, best first: of two of one class that overlap by more than
 * `maxIou`, the one with the higher score, and the earlier one where scores are equal.
 */
export function suppressed(candidates: Candidates, maxIou: number): Int32Array {
  const { score, label, count } = candidates;
  const order = Int32Array.from({ length: count }, (_, index) => index);
  order.sort((a, b) => (score[b] as number) - (score[a] as number) || a - b);
  let kept = 0;
  for (let rank = 0; rank < count; rank += 1) {
    const index = order[rank] as number;
    let isKept = true;
    for (let earlier = 0; earlier < kept; earlier += 1) {
      const other = order[earlier] as number;
      if (label[other] === label[index] && overlap(candidates, other, index) > maxIou) {
        isKept = false;
        break;
      }
    }
    if (isKept) {
      order[kept] = index; // Never beyond `rank`, so nothing unread is overwritten.
      kept += 1;
    }
  }
  return order.subarray(0, kept);
}

/** Intersection over union of two candidates. */
function overlap({ left, top, right, bottom }: Candidates, a: number, b: number): number {
  const aLeft = left[a] as number;
  const aTop = top[a] as number;
  const aRight = right[a] as number;
  const aBottom = bottom[a] as number;
  const bLeft = left[b] as number;
  const bTop = top[b] as number;
  const bRight = right[b] as number;
  const bBottom = bottom[b] as number;
  const width = Math.min(aRight, bRight) - Math.max(aLeft, bLeft);
  const height = Math.min(aBottom, bBottom) - Math.max(aTop, bTop);
  if (width <= 0 || height <= 0) {
    return 0;
  }
  const shared = width * height;
  const areas = (aRight - aLeft) * (aBottom - aTop) + (bRight - bLeft) * (bBottom - bTop);
  return shared / (areas - shared);
}
