/** Heads that decode in the graph, such as CenterNet's: a table of the best boxes, one per row. */
import { type Candidates, pushCandidate } from "./candidates.ts";

/** Left, top, right, bottom in pixels of the input, score 0–1, class. */
const COLUMNS = 6;

export interface RowsOutput {
  /** [rows, 6]. */
  readonly values: Float32Array;
  readonly rows: number;
}

/** Adds the rows of a wanted class whose score reaches `minScore`. */
export function decodeRows(
  { values, rows }: RowsOutput,
  wanted: Int32Array,
  minScore: number,
  into: Candidates,
): void {
  for (let row = 0; row < rows; row += 1) {
    const from = row * COLUMNS;
    const score = values[from + 4] as number;
    const label = values[from + 5] as number;
    if (score < minScore || !wanted.includes(label)) {
      into.invalid += Number.isNaN(score) ? 1 : 0;
      continue;
    }
    const left = values[from] as number;
    const top = values[from + 1] as number;
    const right = values[from + 2] as number;
    const bottom = values[from + 3] as number;
    if (Number.isFinite(left + top + right + bottom)) {
      pushCandidate(into, left, top, right, bottom, score, label);
    } else {
      into.invalid += 1;
    }
  }
}
