/** Average precision of detections against ground truth, as PASCAL VOC defines it since 2010. */
import { type BoxNorm, iou } from "../../protocol/index.ts";

export interface Scored {
  readonly score: number;
  readonly isTrue: boolean;
}

export interface Quality {
  /** Area under the precision-recall curve, precision made monotonic. */
  readonly ap: number;
  readonly bestF1: {
    readonly f1: number;
    readonly recall: number;
    readonly precision: number;
    readonly score: number;
  };
}

/** Each detection, best first, takes the free true box it overlaps most, if by `minIou` at least. */
export function matched(
  detections: readonly { readonly score: number; readonly box: BoxNorm }[],
  truth: readonly BoxNorm[],
  minIou: number,
): Scored[] {
  const free = new Set(truth);
  return [...detections]
    .sort((a, b) => b.score - a.score)
    .map(({ score, box }) => {
      let best: BoxNorm | undefined;
      let bestIou = minIou;
      for (const candidate of free) {
        const overlap = iou(box, candidate);
        if (overlap >= bestIou) {
          best = candidate;
          bestIou = overlap;
        }
      }
      if (best !== undefined) {
        free.delete(best);
      }
      return { score, isTrue: best !== undefined };
    });
}

/** @param truthCount number of true boxes in all frames */
export function qualityOf(scored: readonly Scored[], truthCount: number): Quality {
  const order = [...scored].sort((a, b) => b.score - a.score);
  const points: { recall: number; precision: number; score: number }[] = [];
  let hits = 0;
  for (const [index, { score, isTrue }] of order.entries()) {
    hits += isTrue ? 1 : 0;
    points.push({ recall: hits / truthCount, precision: hits / (index + 1), score });
  }
  let ap = 0;
  let ceiling = 0;
  for (let index = points.length - 1; index >= 0; index -= 1) {
    const { recall = 0, precision = 0 } = points[index] ?? {};
    ceiling = Math.max(ceiling, precision);
    ap += ceiling * (recall - (points[index - 1]?.recall ?? 0));
  }
  let bestF1 = { f1: 0, recall: 0, precision: 0, score: 1 };
  for (const { recall, precision, score } of points) {
    const f1 = recall + precision === 0 ? 0 : (2 * recall * precision) / (recall + precision);
    if (f1 > bestF1.f1) {
      bestF1 = { f1, recall, precision, score };
    }
  }
  return { ap, bestF1 };
}
