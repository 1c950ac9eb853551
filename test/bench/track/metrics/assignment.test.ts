import { describe, expect, it } from "vitest";
import { assignLargest } from "../../../../bench/track/metrics/assignment.ts";
import { seeded } from "../../../../bench/support/seeded.ts";

/** Every way to pair, the slow and sure one. */
function largestSum(scores: Float64Array, rows: number, columns: number): number {
  const from = (row: number, taken: number): number => {
    if (row === rows) {
      return 0;
    }
    let best = from(row + 1, taken);
    for (let column = 0; column < columns; column++) {
      if ((taken & (1 << column)) === 0) {
        const score = scores[row * columns + column] as number;
        best = Math.max(best, score + from(row + 1, taken | (1 << column)));
      }
    }
    return best;
  };
  return from(0, 0);
}

describe("assignment for the largest sum", () => {
  it("gives up the best pair when two others are worth more together", () => {
    const scores = Float64Array.from([0.9, 0.8, 0.8, 0]);
    expect([...assignLargest(scores, 2, 2)]).toEqual([1, 0]);
  });

  it("leaves out pairs that are worth nothing", () => {
    expect([...assignLargest(Float64Array.from([0, 0, 0, 5]), 2, 2)]).toEqual([-1, 1]);
  });

  it("reaches the sum of an exhaustive search for wide, tall and sparse scores", () => {
    const random = seeded(7);
    for (let round = 0; round < 300; round++) {
      const rows = Math.floor(random() * 6);
      const columns = Math.floor(random() * 6);
      const scores = Float64Array.from({ length: rows * columns }, () =>
        random() < 0.5 ? 0 : random(),
      );
      const found = assignLargest(scores, rows, columns);
      const taken = found.filter((column) => column >= 0);
      expect(new Set(taken).size).toBe(taken.length);
      const sum = found.reduce(
        (total, column, row) =>
          total + (column < 0 ? 0 : (scores[row * columns + column] as number)),
        0,
      );
      expect(sum).toBeCloseTo(largestSum(scores, rows, columns), 12);
    }
  });
});
