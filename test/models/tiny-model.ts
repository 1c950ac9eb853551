/** A detector small enough to write by hand: one 3×3 convolution, and outputs of YOLOX's form. */
import { createHash } from "node:crypto";
import { float32, type Graph, int, int64List, ints, writeOnnx } from "../../models/onnx/index.ts";

/** Input [1, 3, 8, 8], stride 8, two classes: one cell of [x, y, w, h, objectness, a, b]. */
export const TINY_SIZE = 8;

const node = (op: string, inputs: string[], output: string, attributes = {}) => ({
  op,
  domain: "",
  name: output,
  inputs,
  outputs: [output],
  attributes,
});

export function tinyGraph(): Graph {
  const weights = Array.from({ length: 7 * 3 * 9 }, (_, index) => Math.sin(index) / 100);
  return {
    name: "tiny",
    opsets: { "": 18 },
    inputs: [{ name: "images", tensor: { type: "float32", dims: [1, 3, TINY_SIZE, TINY_SIZE] } }],
    outputs: [{ name: "output" }],
    constants: new Map([
      ["weights", float32([7, 3, 3, 3], weights)],
      ["axes", int64List([2, 3])],
      ["shape", int64List([1, 1, 7])],
    ]),
    nodes: [
      node("Conv", ["images", "weights"], "features", { pads: ints([1, 1, 1, 1]) }),
      node("ReduceMean", ["features", "axes"], "pooled", { keepdims: int(0) }),
      node("Sigmoid", ["pooled"], "scores"),
      node("Reshape", ["scores", "shape"], "output"),
    ],
  };
}

export interface TinyManifest {
  readonly input: object;
  readonly [key: string]: unknown;
}

export function tinyManifest(
  bytes: Uint8Array,
  more: Readonly<Record<string, unknown>> = {},
): TinyManifest {
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  return {
    id: "tiny",
    version: "1.0.0",
    role: "objects",
    title: "A detector of nothing",
    source: { kind: "file", files: [{ path: "tiny.onnx", sha256 }] },
    licence: { spdx: "Apache-2.0", attribution: "the authors of this test" },
    input: {
      name: "images",
      layout: "nchw",
      width: TINY_SIZE,
      height: TINY_SIZE,
      colour: "bgr",
      mean: [10, 20, 30],
      std: [2, 4, 8],
      resize: "letterbox",
    },
    decoder: { kind: "yolox", strides: [8], output: "output" },
    labels: ["cup", "plate"],
    thresholds: { score: 0.1, iou: 0.5 },
    ...more,
  };
}

export const tinyBytes = (): Uint8Array => writeOnnx(tinyGraph());
