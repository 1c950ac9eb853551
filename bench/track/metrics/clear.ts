/**
 * CLEAR (Bernardin and Stiefelhagen, "Evaluating multiple object tracking performance", EURASIP
 * JIVP 2008), with the matching of TrackEval: pairs of the frame before stay together as long as
 * they match, the rest is matched for the largest overlap.
 */
import { assignLargest } from "./assignment.ts";
import { MATCH_IOU, type Overlap, type OverlapFrame, ROUNDING } from "./overlap.ts";

export interface ClearCounts {
  readonly tp: number;
  readonly fp: number;
  readonly fn: number;
  readonly idSwitches: number;
  /** Of all matches, IoU. */
  readonly overlapSum: number;
}

export interface ClearFigures {
  /** At most 1; negative when there are more mistakes than objects. */
  readonly mota: number;
  /** Mean IoU of the matches, 0–1. */
  readonly motp: number;
}

/** More than all overlaps of a frame together: what stays together counts first. */
const STAY = 1000;
const NONE = -1;

export function clearOf({ frames, truthIds }: Overlap): ClearCounts {
  const counts = { tp: 0, fp: 0, fn: 0, idSwitches: 0, overlapSum: 0 };
  /** The track that each object was last matched with, and the one in the frame before. */
  const last = new Int32Array(truthIds).fill(NONE);
  const before = new Int32Array(truthIds).fill(NONE);
  for (const frame of frames) {
    const { truth, result, similarity } = frame;
    if (truth.length === 0 || result.length === 0) {
      counts.fp += result.length;
      counts.fn += truth.length;
      continue;
    }
    const columns = assignLargest(scoresOf(frame, before), truth.length, result.length);
    before.fill(NONE);
    let matches = 0;
    columns.forEach((column, row) => {
      if (column < 0) {
        return;
      }
      const [object, track] = [truth[row] as number, result[column] as number];
      matches += 1;
      counts.overlapSum += similarity[row * result.length + column] as number;
      counts.idSwitches += last[object] === NONE || last[object] === track ? 0 : 1;
      last[object] = track;
      before[object] = track;
    });
    counts.tp += matches;
    counts.fp += result.length - matches;
    counts.fn += truth.length - matches;
  }
  return counts;
}

function scoresOf({ truth, result, similarity }: OverlapFrame, before: Int32Array): Float64Array {
  return similarity.map((value, at) => {
    if (value < MATCH_IOU - ROUNDING) {
      return 0;
    }
    const object = truth[Math.floor(at / result.length)] as number;
    return (before[object] === result[at % result.length] ? STAY : 0) + value;
  });
}

export function combineClear(all: readonly ClearCounts[]): ClearCounts {
  const sum = (of: keyof ClearCounts): number => all.reduce((total, one) => total + one[of], 0);
  return {
    tp: sum("tp"),
    fp: sum("fp"),
    fn: sum("fn"),
    idSwitches: sum("idSwitches"),
    overlapSum: sum("overlapSum"),
  };
}

export function clearFigures({ tp, fp, fn, idSwitches, overlapSum }: ClearCounts): ClearFigures {
  return {
    mota: (tp - fp - idSwitches) / Math.max(1, tp + fn),
    motp: overlapSum / Math.max(1, tp),
  };
}
