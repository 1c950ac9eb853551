import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Assigner } from "../../../edge/track/assignment.ts";

/** One for all tests: what an earlier problem left behind must not matter. */
const assigner = new Assigner();

function assign(cost: Float64Array, rows: number, columns: number, limit: number): Int32Array {
  return assigner.assign(cost, rows, columns, limit);
}

/** Least total cost by trying everything: pairs cost their price, rows left alone the limit. */
function bruteForce(cost: number[][], limit: number, row = 0, used = new Set<number>()): number {
  const prices = cost[row];
  if (prices === undefined) {
    return 0;
  }
  let best = limit + bruteForce(cost, limit, row + 1, used);
  prices.forEach((price, column) => {
    if (!used.has(column) && price <= limit) {
      used.add(column);
      best = Math.min(best, price + bruteForce(cost, limit, row + 1, used));
      used.delete(column);
    }
  });
  return best;
}

function total(cost: number[][], columns: Int32Array, limit: number): number {
  return cost.reduce((sum, prices, row) => sum + (prices[columns[row] as number] ?? limit), 0);
}

describe("assign", () => {
  it("finds the least total cost of every small matrix", () => {
    const matrices = fc
      .tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 }))
      .chain(([rows, columns]) =>
        fc.array(
          fc.array(fc.double({ min: 0, max: 1, noNaN: true }), {
            minLength: columns,
            maxLength: columns,
          }),
          { minLength: rows, maxLength: rows },
        ),
      );
    fc.assert(
      fc.property(matrices, fc.double({ min: 0.1, max: 1, noNaN: true }), (cost, limit) => {
        const columns = (cost[0] as number[]).length;
        const result = assign(Float64Array.from(cost.flat()), cost.length, columns, limit);
        const taken = [...result].filter((column) => column >= 0);
        expect(new Set(taken).size).toBe(taken.length);
        expect(total(cost, result, limit)).toBeCloseTo(bruteForce(cost, limit), 9);
      }),
      { numRuns: 300 },
    );
  });

  it("gives up a row's cheapest column where the sum asks for it", () => {
    expect([...assign(Float64Array.of(0.1, 0.2, 0.11, 0.9), 2, 2, 1)]).toEqual([1, 0]);
  });

  it("leaves alone what costs more than the limit or is forbidden", () => {
    expect([...assign(Float64Array.of(0.81, Infinity), 2, 1, 0.8)]).toEqual([-1, -1]);
  });

  it("answers an empty side with nobody", () => {
    expect([...assign(new Float64Array(0), 0, 3, 1)]).toEqual([]);
    expect([...assign(new Float64Array(0), 2, 0, 1)]).toEqual([-1, -1]);
  });
});
