/**
 * YOLOX's head (Ge et al. 2021), as its official ONNX export leaves it: per cell [x, y, w, h,
 * objectness, classes…], where centre = (cell + xy) × stride and size = exp(wh) × stride.
 */
import { type Candidates, pushCandidate } from "./candidates.ts";

export interface YoloxLevel {
  /** [all cells, 5 + classCount]; objectness and scores are 0–1. */
  readonly values: Float32Array;
  /** Index of this level's first cell. */
  readonly firstCell: number;
  readonly stride: number;
  readonly columns: number;
  readonly rows: number;
  readonly classCount: number;
}

/** Adds the cells whose best wanted class, times the objectness, reaches `minScore`. */
export function decodeYolox(
  level: YoloxLevel,
  wanted: Int32Array,
  minScore: number,
  into: Candidates,
): void {
  const { values, firstCell, stride, columns, rows, classCount } = level;
  const width = 5 + classCount;
  const cells = columns * rows;
  for (let cell = 0; cell < cells; cell += 1) {
    const row = (firstCell + cell) * width;
    const objectness = values[row + 4] as number;
    if (objectness < minScore) {
      continue;
    }
    let best = -1;
    let label = -1;
    for (let index = 0; index < wanted.length; index += 1) {
      const candidate = wanted[index] as number;
      const score = values[row + 5 + candidate] as number;
      if (score > best) {
        best = score;
        label = candidate;
      } else if (Number.isNaN(score)) {
        into.invalid += 1;
      }
    }
    const score = best * objectness;
    if (Number.isNaN(score)) {
      into.invalid += 1;
    } else if (label >= 0 && score >= minScore) {
      const x = ((cell % columns) + (values[row] as number)) * stride;
      const y = (Math.floor(cell / columns) + (values[row + 1] as number)) * stride;
      const halfWidth = (Math.exp(values[row + 2] as number) * stride) / 2;
      const halfHeight = (Math.exp(values[row + 3] as number) * stride) / 2;
      if (Number.isFinite(x + y + halfWidth + halfHeight)) {
        pushCandidate(
          into,
          x - halfWidth,
          y - halfHeight,
          x + halfWidth,
          y + halfHeight,
          score,
          label,
        );
      } else {
        into.invalid += 1;
      }
    }
  }
}
