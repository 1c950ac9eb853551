import { describe, expect, it } from "vitest";
import { optimise, readTfGraph, translate } from "../../../models/convert/index.ts";
import { float32, type Graph, int32, intsOf, numbersOf } from "../../../models/onnx/index.ts";
import {
  constant,
  fed,
  graphOf,
  is,
  type NodeJson,
  type Operand,
  s,
} from "../../contract/models/tf-json.ts";
import { randomNumbers, runGraph } from "../../contract/models/runtime.ts";

async function graphFrom(operands: Readonly<Record<string, Operand>>, nodes: readonly NodeJson[]) {
  const model = graphOf(operands, nodes);
  const tf = await readTfGraph(model.json, () => Promise.resolve(model.weights), "small");
  const plain = translate(tf, "small");
  return { inputs: model.inputs, plain, folded: optimise(plain) };
}

const real = (dims: readonly number[], seed = 1) =>
  float32(
    dims,
    randomNumbers(
      dims.reduce((a, b) => a * b, 1),
      seed,
    ),
  );
const opsOf = ({ nodes }: Graph): string[] => nodes.map(({ op }) => op);
const conv = (name: string, input: string, filter: string): NodeJson => ({
  name,
  op: "Conv2D",
  input: [input, filter],
  attr: { strides: is(1, 1, 1, 1), dilations: is(1, 1, 1, 1), padding: s("VALID") },
});

const OPERANDS = {
  x: fed(real([1, 6, 6, 2])),
  f: constant(real([3, 3, 2, 4])),
  g: constant(real([1, 1, 4, 3], 2)),
  bias: constant(real([4], 3)),
  pads: constant(int32([4, 2], [0, 0, 1, 2, 2, 1, 0, 0])),
  axes: constant(int32([2], [1, 2])),
};

async function expectEqualResults(built: Awaited<ReturnType<typeof graphFrom>>): Promise<void> {
  const [before, after] = await Promise.all(
    [built.plain, built.folded].map((graph) => runGraph(graph, built.inputs)),
  );
  for (const [name, { dims, data }] of Object.entries(before ?? {})) {
    expect(after?.[name]?.dims).toEqual(dims);
    for (const [at, value] of (data as Float32Array).entries()) {
      expect(Number(after?.[name]?.data[at])).toBeCloseTo(value, 5);
    }
  }
}

describe("translation", () => {
  it("names the operator and the node it does not know", async () => {
    const nodes = [{ name: "tower/odd", op: "Bessel", input: ["x"] }];
    await expect(graphFrom(OPERANDS, nodes)).rejects.toMatchObject({
      code: "OPERATOR_UNSUPPORTED",
      message: expect.stringMatching(/Operator Bessel of node tower\/odd/) as string,
    });
  });

  it.each([
    ["a filter of run time", { name: "c", op: "Conv2D", input: ["x", "x"] }, /filter/],
    [
      "another layout",
      { name: "c", op: "MaxPool", input: ["x"], attr: { data_format: s("NCHW") } },
      /layout NCHW/,
    ],
    [
      "an unknown activation",
      {
        name: "c",
        op: "_FusedConv2D",
        input: ["x", "f"],
        attr: { fused_ops: { list: { s: ["R2VsdQ=="] } } },
      },
      /Gelu/,
    ],
  ])("refuses %s", async (_, node, reason) => {
    await expect(graphFrom(OPERANDS, [node])).rejects.toThrow(reason);
  });

  it("works out at once what depends on constants alone", async () => {
    const operands = {
      a: constant(int32([2], [3, 4])),
      b: constant(int32([2], [1, 2])),
    };
    const { plain } = await graphFrom(operands, [{ name: "sum", op: "AddV2", input: ["a", "b"] }]);
    expect(opsOf(plain)).toEqual(["Identity"]);
    expect([...plain.constants.values()].map(numbersOf)).toEqual([[4, 6]]);
  });
});

describe("folding", () => {
  it("lets no transpose stand between convolutions", async () => {
    const built = await graphFrom(OPERANDS, [
      conv("one", "x", "f"),
      { name: "biased", op: "BiasAdd", input: ["one", "bias"] },
      { name: "active", op: "Relu", input: ["biased"] },
      conv("two", "active", "g"),
    ]);
    expect(opsOf(built.folded)).toEqual(["Transpose", "Conv", "Relu", "Conv", "Transpose"]);
    await expectEqualResults(built);
  });

  it("folds a bias into the convolution before it", async () => {
    const built = await graphFrom(OPERANDS, [
      conv("one", "x", "f"),
      { name: "biased", op: "AddV2", input: ["bias", "one"] },
    ]);
    expect(opsOf(built.folded)).toEqual(["Transpose", "Conv", "Transpose"]);
    await expectEqualResults(built);
  });

  it("keeps an addition when somebody else uses the convolution", async () => {
    const built = await graphFrom(OPERANDS, [
      conv("one", "x", "f"),
      { name: "biased", op: "AddV2", input: ["one", "bias"] },
      { name: "other", op: "Relu", input: ["one"] },
    ]);
    expect(opsOf(built.folded)).toContain("Add");
    await expectEqualResults(built);
  });

  it("folds zero padding into the convolution after it, on unequal sides too", async () => {
    const built = await graphFrom(OPERANDS, [
      { name: "wide", op: "Pad", input: ["x", "pads"] },
      conv("one", "wide", "f"),
    ]);
    expect(opsOf(built.folded)).toEqual(["Transpose", "Conv", "Transpose"]);
    const folded = built.folded.nodes.find(({ op }) => op === "Conv");
    expect(folded && intsOf(folded, "pads")).toEqual([1, 2, 2, 1]);
    await expectEqualResults(built);
  });

  it("does not fold padding with a number into a convolution", async () => {
    const built = await graphFrom({ ...OPERANDS, one: constant(float32([], [1])) }, [
      { name: "wide", op: "PadV2", input: ["x", "pads", "one"] },
      conv("conv", "wide", "f"),
    ]);
    expect(opsOf(built.folded)).toContain("Pad");
    await expectEqualResults(built);
  });

  it("folds padding with the lowest number into a maximum, and zeros not", async () => {
    const pool: NodeJson = {
      name: "pool",
      op: "MaxPool",
      input: ["wide"],
      attr: { ksize: is(1, 3, 3, 1), strides: is(1, 2, 2, 1), padding: s("VALID") },
    };
    for (const [value, isFolded] of [
      [Number.NEGATIVE_INFINITY, true],
      [0, false],
    ] as const) {
      const operands = { ...OPERANDS, low: constant(float32([], [value])) };
      const pad = { name: "wide", op: "PadV2", input: ["x", "pads", "low"] };
      const built = await graphFrom(operands, [pad, pool]);
      expect(opsOf(built.folded).includes("Pad")).toBe(!isFolded);
      await expectEqualResults(built);
    }
  });

  it("moves transposes through joining, cutting, reducing and padding", async () => {
    const operands = {
      ...OPERANDS,
      last: constant(int32([], [3])),
      sizes: constant(int32([2], [1, 3])),
    };
    const built = await graphFrom(operands, [
      conv("one", "x", "f"),
      conv("two", "x", "f"),
      { name: "joined", op: "ConcatV2", input: ["one", "two", "last"] },
      { name: "wide", op: "Pad", input: ["joined", "pads"] },
      { name: "mean", op: "Mean", input: ["wide", "axes"], attr: { keep_dims: { b: false } } },
      {
        name: "parts",
        op: "SplitV",
        input: ["one", "sizes", "last"],
        attr: { num_split: { i: 2 } },
      },
      { name: "soft", op: "Softmax", input: ["parts:1"] },
    ]);
    expect(opsOf(built.folded).filter((op) => op === "Transpose")).toHaveLength(2);
    await expectEqualResults(built);
  });

  it("keeps the name of an output that is only passed on", async () => {
    const built = await graphFrom(OPERANDS, [
      conv("one", "x", "f"),
      { name: "result", op: "Identity", input: ["one"] },
    ]);
    expect(built.folded.outputs.map(({ name }) => name)).toEqual(["result"]);
    expect(opsOf(built.folded)).not.toContain("Identity");
    await expectEqualResults(built);
  });
});
