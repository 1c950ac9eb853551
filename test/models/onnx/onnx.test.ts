import { describe, expect, it } from "vitest";
import {
  float32,
  type Graph,
  int32,
  int64List,
  readOnnx,
  tensorOf,
  transposed,
  writeOnnx,
} from "../../../models/onnx/index.ts";

const graph: Graph = {
  name: "everything",
  opsets: { "": 18, "com.example": 1 },
  inputs: [{ name: "x", tensor: { type: "uint8", dims: [1, "height", 3] } }],
  outputs: [{ name: "y" }, { name: "z", tensor: { type: "float32", dims: [2] } }],
  constants: new Map([
    ["reals", float32([2, 2], [1.5, -2, Number.POSITIVE_INFINITY, 0])],
    ["wholes", int32([3], [-1, 2 ** 31 - 1, 0])],
    ["longs", int64List([-1, 2 ** 40])],
    ["flags", tensorOf("bool", [2], [1, 0])],
    ["scalar", float32([], [7])],
    ["nothing", float32([0], [])],
  ]),
  nodes: [
    {
      op: "Anything",
      domain: "com.example",
      name: "n",
      inputs: ["x", "", "reals"],
      outputs: ["y", "z"],
      attributes: {
        whole: { kind: "int", value: -3 },
        real: { kind: "float", value: 0.5 },
        text: { kind: "string", value: "距离" },
        wholes: { kind: "ints", value: [0, -1, 2 ** 40] },
        reals: { kind: "floats", value: [0.25, -8] },
        tensor: { kind: "tensor", value: int64List([5, 6]) },
      },
    },
  ],
};

describe("ONNX files", () => {
  it("reads back what it wrote", () => {
    expect(readOnnx(writeOnnx(graph), "test")).toEqual(graph);
  });

  it("reads from the middle of a larger buffer", () => {
    const bytes = writeOnnx(graph);
    const larger = Buffer.concat([Buffer.from([1, 2, 3]), bytes, Buffer.from([4])]);
    expect(readOnnx(larger.subarray(3, 3 + bytes.length), "test")).toEqual(graph);
  });

  it("writes the same bytes every time", () => {
    expect(writeOnnx(graph)).toEqual(writeOnnx(graph));
  });

  it.each([
    ["text", Buffer.from("this is no model at all")],
    ["nothing", new Uint8Array()],
    ["half a model", writeOnnx(graph).subarray(0, 60)],
  ])("refuses %s", (_, bytes) => {
    expect(() => readOnnx(bytes, "some.onnx")).toThrow(
      expect.objectContaining({
        code: "MODEL_INVALID",
        message: expect.stringContaining("some.onnx") as string,
      }),
    );
  });
});

describe("tensors", () => {
  it("transposes by taking axis i from axis perm[i]", () => {
    const tensor = int32([1, 2, 3], [0, 1, 2, 3, 4, 5]);
    expect(transposed(tensor, [2, 0, 1])).toEqual(int32([3, 1, 2], [0, 3, 1, 4, 2, 5]));
  });

  it("refuses the wrong number of elements", () => {
    expect(() => float32([2, 2], [1, 2, 3])).toThrow(/expected 4 for \[2, 2\]; got 3/);
  });
});
