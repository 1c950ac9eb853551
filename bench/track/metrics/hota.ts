/**
 * HOTA (Luiten et al., "HOTA: A higher order metric for evaluating multi-object tracking", IJCV
 * 2020): for each localisation threshold α the geometric mean of detection and association
 * accuracy.
 */
import { assignLargest } from "./assignment.ts";
import { type Overlap, type OverlapFrame, ROUNDING } from "./overlap.ts";

/** 0.05, 0.10, …, 0.95. */
export const ALPHAS: readonly number[] = Array.from({ length: 19 }, (_, at) => 0.05 + at * 0.05);

/** One entry per α. */
export interface HotaCounts {
  readonly tp: readonly number[];
  readonly fp: readonly number[];
  readonly fn: readonly number[];
  /** Association accuracy, 0–1, a mean over the true positives. */
  readonly assA: readonly number[];
}

export interface HotaFigures {
  /** Means over α, 0–1. */
  readonly hota: number;
  readonly detA: number;
  readonly assA: number;
}

export function hotaOf(overlap: Overlap): HotaCounts {
  const { truthIds, resultIds } = overlap;
  const alignment = alignmentOf(overlap);
  const matches = ALPHAS.map(() => new Float64Array(truthIds * resultIds));
  let truthBoxes = 0;
  let resultBoxes = 0;
  for (const { truth, result, similarity } of overlap.frames) {
    truthBoxes += truth.length;
    resultBoxes += result.length;
    const scores = new Float64Array(similarity.length);
    forEachPair(
      { truth, result, similarity },
      (pair, at, overlapping) => {
        scores[at] = (alignment.score[pair] as number) * overlapping;
      },
      resultIds,
    );
    assignLargest(scores, truth.length, result.length).forEach((column, row) => {
      if (column < 0) {
        return;
      }
      const reached = (similarity[row * result.length + column] as number) + ROUNDING;
      const pair = (truth[row] as number) * resultIds + (result[column] as number);
      for (let at = 0; at < ALPHAS.length && reached >= (ALPHAS[at] as number); at++) {
        const counts = matches[at] as Float64Array;
        counts[pair] = (counts[pair] as number) + 1;
      }
    });
  }
  const tp = matches.map((counts) => counts.reduce((sum, count) => sum + count, 0));
  return {
    tp,
    fp: tp.map((count) => resultBoxes - count),
    fn: tp.map((count) => truthBoxes - count),
    assA: matches.map((counts, at) => associationOf(counts, alignment, tp[at] as number)),
  };
}

/** Several sequences as if they were one: association weighs by true positives. */
export function combineHota(all: readonly HotaCounts[]): HotaCounts {
  const sum = (of: (one: HotaCounts, at: number) => number): number[] =>
    ALPHAS.map((_, at) => all.reduce((total, one) => total + of(one, at), 0));
  const tp = sum((one, at) => one.tp[at] as number);
  const weighted = sum((one, at) => (one.tp[at] as number) * (one.assA[at] as number));
  return {
    tp,
    fp: sum((one, at) => one.fp[at] as number),
    fn: sum((one, at) => one.fn[at] as number),
    assA: weighted.map((value, at) => value / Math.max(1, tp[at] as number)),
  };
}

export function hotaFigures({ tp, fp, fn, assA }: HotaCounts): HotaFigures {
  const detA = tp.map(
    (count, at) => count / Math.max(1, count + (fp[at] as number) + (fn[at] as number)),
  );
  return {
    hota: meanOf(detA.map((value, at) => Math.sqrt(value * (assA[at] as number)))),
    detA: meanOf(detA),
    assA: meanOf(assA),
  };
}

interface Alignment {
  /** Jaccard index of a true object and a track over the whole sequence, truth × result. */
  readonly score: Float64Array;
  /** Boxes of each true object and of each track. */
  readonly truthCount: Float64Array;
  readonly resultCount: Float64Array;
  readonly resultIds: number;
}

function alignmentOf({ frames, truthIds, resultIds }: Overlap): Alignment {
  const potential = new Float64Array(truthIds * resultIds);
  const truthCount = new Float64Array(truthIds);
  const resultCount = new Float64Array(resultIds);
  for (const frame of frames) {
    const { truth, result, similarity } = frame;
    truth.forEach((id) => (truthCount[id] = (truthCount[id] as number) + 1));
    result.forEach((id) => (resultCount[id] = (resultCount[id] as number) + 1));
    const rowSum = new Float64Array(truth.length);
    const columnSum = new Float64Array(result.length);
    similarity.forEach((value, at) => {
      const row = Math.floor(at / result.length);
      const column = at % result.length;
      rowSum[row] = (rowSum[row] as number) + value;
      columnSum[column] = (columnSum[column] as number) + value;
    });
    forEachPair(
      frame,
      (pair, at, value) => {
        const row = Math.floor(at / result.length);
        const rivals = (rowSum[row] as number) + (columnSum[at % result.length] as number) - value;
        potential[pair] = (potential[pair] as number) + value / rivals;
      },
      resultIds,
    );
  }
  const score = potential.map((value, pair) => {
    const boxes =
      (truthCount[Math.floor(pair / resultIds)] as number) +
      (resultCount[pair % resultIds] as number);
    return value / (boxes - value);
  });
  return { score, truthCount, resultCount, resultIds };
}

/** Calls with the pair's index over all ids, its index in the frame, and its overlap, if any. */
function forEachPair(
  { truth, result, similarity }: OverlapFrame,
  call: (pair: number, at: number, similarity: number) => void,
  resultIds: number,
): void {
  for (let at = 0; at < similarity.length; at++) {
    const value = similarity[at] as number;
    if (value > ROUNDING) {
      const row = Math.floor(at / result.length);
      const column = at % result.length;
      call((truth[row] as number) * resultIds + (result[column] as number), at, value);
    }
  }
}

function associationOf(matches: Float64Array, alignment: Alignment, tp: number): number {
  const { truthCount, resultCount, resultIds } = alignment;
  let sum = 0;
  for (let pair = 0; pair < matches.length; pair++) {
    const count = matches[pair] as number;
    if (count > 0) {
      const truth = truthCount[Math.floor(pair / resultIds)] as number;
      const result = resultCount[pair % resultIds] as number;
      sum += (count * count) / (truth + result - count);
    }
  }
  return sum / Math.max(1, tp);
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
