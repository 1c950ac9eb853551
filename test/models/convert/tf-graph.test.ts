import { describe, expect, it } from "vitest";
import { readTfGraph } from "../../../models/convert/index.ts";
import { halfToFloat } from "../../../models/convert/half.ts";
import { numbersOf } from "../../../models/onnx/index.ts";

function modelOf(
  weights: readonly object[],
  node: readonly object[] = [{ name: "w", op: "Const" }],
) {
  return {
    format: "graph-model",
    modelTopology: { node },
    weightsManifest: [{ paths: ["a.bin", "b.bin"], weights }],
  };
}

const read = (json: unknown, ...parts: readonly Uint8Array[]) => {
  const files: Record<string, Uint8Array> = {
    "a.bin": parts[0] ?? new Uint8Array(),
    "b.bin": parts[1] ?? new Uint8Array(),
  };
  return readTfGraph(json, (path) => Promise.resolve(files[path] ?? new Uint8Array()), "test.json");
};

describe("weights of a TensorFlow.js model", () => {
  it("restores half precision", async () => {
    const weights = [
      { name: "w", shape: [2], dtype: "float32", quantization: { dtype: "float16" } },
    ];
    const graph = await read(modelOf(weights), Uint8Array.of(0x00, 0x3c, 0x00, 0xc0));
    expect(graph.weights.get("w")).toMatchObject({ type: "float32", dims: [2] });
    expect(numbersOf(graph.weights.get("w") as never)).toEqual([1, -2]);
  });

  it.each(["uint8", "uint16"] as const)("restores %s by scale and minimum", async (dtype) => {
    const quantization = { dtype, scale: 0.5, min: -1 };
    const weights = [{ name: "w", shape: [2], dtype: "float32", quantization }];
    const bytes = dtype === "uint8" ? [0, 4] : [0, 0, 4, 0];
    const graph = await read(modelOf(weights), Uint8Array.from(bytes));
    expect(numbersOf(graph.weights.get("w") as never)).toEqual([-1, 1]);
  });

  it("joins the files of a group, and reads unaligned weights", async () => {
    const weights = [
      { name: "flag", shape: [1], dtype: "bool" },
      { name: "w", shape: [], dtype: "int32" },
    ];
    const graph = await read(modelOf(weights), Uint8Array.of(1, 5, 0), Uint8Array.of(0, 0));
    expect(numbersOf(graph.weights.get("w") as never)).toEqual([5]);
  });

  it.each([
    ["short", [0, 0]],
    ["long", [0, 0, 0, 0, 0]],
  ])("refuses a file that is too %s", async (word, bytes) => {
    const weights = [{ name: "w", shape: [1], dtype: "float32" }];
    await expect(read(modelOf(weights), Uint8Array.from(bytes))).rejects.toMatchObject({
      code: "MODEL_INVALID",
      message: expect.stringContaining(word) as string,
    });
  });

  it("knows every kind of half-precision number", () => {
    const bits = [0x0000, 0x8000, 0x3555, 0x7bff, 0x0001, 0x7c00, 0xfc00];
    expect(bits.map(halfToFloat)).toEqual([
      0,
      -0,
      0.333251953125,
      65504,
      2 ** -24,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
    ]);
    expect(halfToFloat(0x7e00)).toBeNaN();
  });
});

describe("the graph of a TensorFlow.js model", () => {
  it("puts producers before consumers", async () => {
    const graph = await read(
      modelOf(
        [],
        [
          { name: "last", op: "Relu", input: ["middle", "^first"] },
          { name: "middle", op: "Relu", input: ["first:0"] },
          { name: "first", op: "Placeholder" },
        ],
      ),
    );
    expect(graph.nodes.map(({ name }) => name)).toEqual(["first", "middle", "last"]);
    expect(graph.outputs).toEqual(["last:0"]);
  });

  it("refuses a loop, and names where it closes", async () => {
    const nodes = [
      { name: "a", op: "Merge", input: ["b"] },
      { name: "b", op: "NextIteration", input: ["a"] },
    ];
    await expect(read(modelOf([], nodes))).rejects.toMatchObject({
      code: "OPERATOR_UNSUPPORTED",
      message: expect.stringMatching(/Operator Merge of node a closes a loop/) as string,
    });
  });

  it("refuses an input nobody makes", async () => {
    const nodes = [{ name: "a", op: "Relu", input: ["ghost"] }];
    await expect(read(modelOf([], nodes))).rejects.toThrow(/ghost/);
  });

  it("refuses what is no graph model, and says where it differs", async () => {
    await expect(read({ format: "layers-model" })).rejects.toMatchObject({
      code: "MODEL_INVALID",
      message: expect.stringContaining("format") as string,
    });
  });
});
