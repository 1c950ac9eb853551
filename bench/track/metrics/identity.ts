/**
 * Identity scores (Ristani et al., "Performance measures and a data set for multi-target,
 * multi-camera tracking", ECCV 2016 workshops): each true object is given one track for the whole
 * sequence, so that as many boxes as possible match.
 */
import { assignLargest } from "./assignment.ts";
import { MATCH_IOU, type Overlap } from "./overlap.ts";

export interface IdentityCounts {
  readonly tp: number;
  readonly fp: number;
  readonly fn: number;
}

export function identityOf({ frames, truthIds, resultIds }: Overlap): IdentityCounts {
  const shared = new Float64Array(truthIds * resultIds);
  let truthBoxes = 0;
  let resultBoxes = 0;
  for (const { truth, result, similarity } of frames) {
    truthBoxes += truth.length;
    resultBoxes += result.length;
    similarity.forEach((value, at) => {
      if (value >= MATCH_IOU) {
        const object = truth[Math.floor(at / result.length)] as number;
        const pair = object * resultIds + (result[at % result.length] as number);
        shared[pair] = (shared[pair] as number) + 1;
      }
    });
  }
  // The fewest wrong boxes are the most right ones: each right one is missing on both sides.
  const tracks = assignLargest(shared, truthIds, resultIds);
  const tp = tracks.reduce(
    (sum, track, object) => sum + (track < 0 ? 0 : (shared[object * resultIds + track] as number)),
    0,
  );
  return { tp, fp: resultBoxes - tp, fn: truthBoxes - tp };
}

export function combineIdentity(all: readonly IdentityCounts[]): IdentityCounts {
  const sum = (of: keyof IdentityCounts): number => all.reduce((total, one) => total + one[of], 0);
  return { tp: sum("tp"), fp: sum("fp"), fn: sum("fn") };
}

/** @returns IDF1, 0–1. */
export function idf1Of({ tp, fp, fn }: IdentityCounts): number {
  return tp / Math.max(1, tp + fp / 2 + fn / 2);
}
