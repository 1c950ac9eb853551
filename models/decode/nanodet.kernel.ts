/**
 * NanoDet's head (generalised focal loss): per cell, a score for every class and for each side a
 * distribution over distances. Distance = expected bin × stride, from the cell's centre.
 */
import { type Candidates, pushCandidate } from "./candidates.ts";

export interface NanodetLevel {
  /** [cells, classCount], 0–1. */
  readonly scores: Float32Array;
  /** [cells, 4 × bins] in the order left, top, right, bottom; before the softmax. */
  readonly distances: Float32Array;
  readonly stride: number;
  readonly columns: number;
  readonly rows: number;
  readonly bins: number;
  readonly classCount: number;
}

/** Adds the cells whose best wanted class reaches `minScore`. */
export function decodeNanodet(
  level: NanodetLevel,
  wanted: Int32Array,
  minScore: number,
  into: Candidates,
): void {
  const { scores, distances, stride, columns, rows, bins, classCount } = level;
  const cells = columns * rows;
  for (let cell = 0; cell < cells; cell += 1) {
    const row = cell * classCount;
    let best = -1;
    let label = -1;
    for (let index = 0; index < wanted.length; index += 1) {
      const candidate = wanted[index] as number;
      const score = scores[row + candidate] as number;
      if (score > best) {
        best = score;
        label = candidate;
      } else if (Number.isNaN(score)) {
        into.invalid += 1;
      }
    }
    if (label < 0 || best < minScore) {
      continue;
    }
    const x = ((cell % columns) + 0.5) * stride;
    const y = (Math.floor(cell / columns) + 0.5) * stride;
    const from = cell * 4 * bins;
    const left = x - expectedBin(distances, from, bins) * stride;
    const top = y - expectedBin(distances, from + bins, bins) * stride;
    const right = x + expectedBin(distances, from + 2 * bins, bins) * stride;
    const bottom = y + expectedBin(distances, from + 3 * bins, bins) * stride;
    if (Number.isFinite(left + top + right + bottom)) {
      pushCandidate(into, left, top, right, bottom, best, label);
    } else {
      into.invalid += 1;
    }
  }
}

/** Σ i·softmax(i), with the largest exponent taken out first so that none overflows. */
function expectedBin(values: Float32Array, from: number, bins: number): number {
  let highest = values[from] as number;
  for (let bin = 1; bin < bins; bin += 1) {
    highest = Math.max(highest, values[from + bin] as number);
  }
  let sum = 0;
  let weighted = 0;
  for (let bin = 0; bin < bins; bin += 1) {
    const share = Math.exp((values[from + bin] as number) - highest);
    sum += share;
    weighted += share * bin;
  }
  return weighted / sum;
}
