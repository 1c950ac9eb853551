/** Operators that move or relabel elements without changing them. */
import { int, int64List, string } from "../../onnx/index.ts";
import type { Translation, Translator } from "../translation.ts";

const identity: Translator = (t) => [t.input(0)];

function permutation(t: Translation): readonly string[] {
  return [t.transpose(t.input(0), t.requiredNumbers(1, "the permutation"))];
}

function reshape(t: Translation): readonly string[] {
  // In TensorFlow a 0 is a dimension without elements; ONNX needs to be told so.
  return [t.emit("Reshape", [t.input(0), t.asInt64(1)], { allowzero: int(1) })];
}

const squeeze: Translator = (t) => {
  const axes = t.ints("squeeze_dims").length > 0 ? t.ints("squeeze_dims") : t.ints("axis");
  return [
    t.emit("Squeeze", axes.length === 0 ? [t.input(0)] : [t.input(0), t.add(int64List(axes))]),
  ];
};

const expandDims: Translator = (t) => [
  t.emit("Unsqueeze", [t.input(0), t.add(int64List(t.requiredNumbers(1, "the axis")))]),
];

const cast: Translator = (t) => {
  const value = t.input(0);
  return t.type("SrcT") === t.type("DstT") ? [value] : [t.cast(value, t.type("DstT"))];
};

/** ONNX knows shapes as int64, TensorFlow.js as int32. */
const shape: Translator = (t) => [t.cast(t.emit("Shape", [t.input(0)]), "int32")];

const pack: Translator = (t) => {
  const axes = t.add(int64List([t.int("axis", 0)]));
  const slices = t.inputs().map((value) => t.emit("Unsqueeze", [value, axes]));
  return [t.emit("Concat", slices, { axis: int(t.int("axis", 0)) })];
};

const unpack: Translator = (t) => {
  const axis = t.int("axis", 0);
  const count = t.int("num", 0);
  const axes = t.add(int64List([axis]));
  const attributes = { axis: int(axis), num_outputs: int(count) };
  return t
    .emitAll("Split", [t.input(0)], attributes, count)
    .map((slice) => t.emit("Squeeze", [slice, axes]));
};

const fill: Translator = (t) => [t.emit("Expand", [t.input(1), t.asInt64(0)])];

const tile: Translator = (t) => [t.emit("Tile", [t.input(0), t.asInt64(1)])];

const depthToSpace: Translator = (t) => {
  const attributes = { blocksize: int(t.int("block_size", 2)), mode: string("DCR") };
  return [t.inChannelsFirst(t.input(0), (value) => t.emit("DepthToSpace", [value], attributes))];
};

/** A dense tensor of `default` with `values` at `indices`. */
const sparseToDense: Translator = (t) => {
  const rank = t.required(1, "the shape").data.length;
  const base = t.emit("Expand", [t.input(3), t.asInt64(1)]);
  const rows = t.emit("Reshape", [t.asInt64(0), t.add(int64List([-1, rank]))]);
  const values = t.emit("Expand", [
    t.input(2),
    t.emit("Slice", [t.emit("Shape", [rows]), t.add(int64List([0])), t.add(int64List([1]))]),
  ]);
  return [t.emit("ScatterND", [base, rows, values])];
};

export const SHAPE: Readonly<Record<string, Translator>> = {
  Identity: identity,
  StopGradient: identity,
  Snapshot: identity,
  Transpose: permutation,
  Reshape: reshape,
  Squeeze: squeeze,
  ExpandDims: expandDims,
  Cast: cast,
  Shape: shape,
  Pack: pack,
  Unpack: unpack,
  Fill: fill,
  Tile: tile,
  DepthToSpace: depthToSpace,
  SparseToDense: sparseToDense,
};
