/**
 * Prepares a sequence as MOTChallenge does it for MOT17: results that match a distractor are taken
 * out, then all truth that is not evaluated. Ids become indices from 0.
 */
import { iou } from "../../../protocol/index.ts";
import { assignLargest } from "./assignment.ts";
import type { Frames, ResultBox, TruthBox } from "./boxes.ts";

/** Half a box shared makes a match: CLEAR, IDF1 and the taking out of distractors. */
export const MATCH_IOU = 0.5;
/** Thresholds are met within rounding. */
export const ROUNDING = Number.EPSILON;

export interface OverlapFrame {
  /** Index of the true object by row. */
  readonly truth: Int32Array;
  /** Index of the track by column. */
  readonly result: Int32Array;
  /** IoU, row-major, truth × result. */
  readonly similarity: Float64Array;
}

export interface Overlap {
  readonly frames: readonly OverlapFrame[];
  readonly truthIds: number;
  readonly resultIds: number;
}

/** Frames that one side lacks at its end count as empty. */
export function overlapOf(truth: Frames<TruthBox>, result: Frames<ResultBox>): Overlap {
  const truthIndex = new Map<number, number>();
  const resultIndex = new Map<number, number>();
  const frames = Array.from({ length: Math.max(truth.length, result.length) }, (_, at) => {
    const there = truth[at] ?? [];
    const evaluated = there.filter((one) => one.role === "evaluated");
    const judged = withoutDistracted(there, result[at] ?? []);
    return {
      truth: indicesOf(evaluated, truthIndex),
      result: indicesOf(judged, resultIndex),
      similarity: similarityOf(evaluated, judged),
    };
  });
  return { frames, truthIds: truthIndex.size, resultIds: resultIndex.size };
}

function withoutDistracted(
  truth: readonly TruthBox[],
  result: readonly ResultBox[],
): readonly ResultBox[] {
  if (!truth.some((one) => one.role === "distractor")) {
    return result;
  }
  // Matched against everything, so that a person beside a distractor keeps its result.
  const scores = similarityOf(truth, result).map((it) => (it < MATCH_IOU - ROUNDING ? 0 : it));
  const columns = assignLargest(scores, truth.length, result.length);
  const out = new Set<number>();
  truth.forEach((one, row) => {
    if (one.role === "distractor") {
      out.add(columns[row] as number);
    }
  });
  return result.filter((_, column) => !out.has(column));
}

function similarityOf(truth: readonly ResultBox[], result: readonly ResultBox[]): Float64Array {
  const similarity = new Float64Array(truth.length * result.length);
  truth.forEach((one, row) => {
    result.forEach((other, column) => {
      similarity[row * result.length + column] = iou(one.box, other.box);
    });
  });
  return similarity;
}

function indicesOf(boxes: readonly ResultBox[], index: Map<number, number>): Int32Array {
  return Int32Array.from(boxes, ({ id }) => {
    const known = index.get(id) ?? index.size;
    index.set(id, known);
    return known;
  });
}
