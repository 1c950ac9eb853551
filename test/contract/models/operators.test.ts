import { beforeAll, describe, expect, it } from "vitest";
import { optimise, OPERATORS, readTfGraph, translate } from "../../../models/convert/index.ts";
import { OPERATOR_CASES } from "./operator-cases.ts";
import { largestDifference, runOracle, startOracle } from "./oracle.ts";
import { runGraph } from "./runtime.ts";

const TOLERANCE = 1e-4;

describe("every operator gives what TensorFlow.js gives", () => {
  beforeAll(async () => {
    expect(["wasm", "tensorflow"]).toContain(await startOracle());
  });

  it("has a case for every operator in the table", () => {
    const covered = new Set(OPERATOR_CASES.map(({ op }) => op));
    expect(Object.keys(OPERATORS).filter((op) => !covered.has(op))).toEqual([]);
  });

  it.each(OPERATOR_CASES)("$op $what", async ({ model, outputs }) => {
    const expected = await runOracle(model, model.inputs, outputs);
    const tf = await readTfGraph(model.json, () => Promise.resolve(model.weights), "case");
    const plain = translate({ ...tf, outputs }, "case");
    for (const graph of [plain, optimise(plain)]) {
      const got = await runGraph(graph, model.inputs);
      for (const [index, output] of outputs.entries()) {
        const ours = got[output.replace(/:0$/, "")];
        const theirs = expected[index];
        expect(ours?.dims).toEqual(theirs?.dims);
        expect(ours && theirs && largestDifference(ours, theirs)).toBeLessThan(TOLERANCE);
      }
    }
  });
});
