/** At least one small graph for every operator in the converter's table. */
import { int32, type Tensor, tensorOf, float32 } from "../../../models/onnx/index.ts";
import { randomNumbers } from "./runtime.ts";
import {
  type Attribute,
  b,
  constant,
  f,
  fed,
  i,
  is,
  modelOf,
  type Operand,
  s,
  type SmallModel,
  ss,
  type,
} from "./tf-json.ts";

export interface OperatorCase {
  readonly op: string;
  readonly what: string;
  readonly model: SmallModel;
  readonly outputs: readonly string[];
}

const cases: OperatorCase[] = [];

function add(
  op: string,
  what: string,
  operands: readonly Operand[],
  attr: Readonly<Record<string, Attribute>> = {},
  outputCount = 1,
): void {
  const outputs = Array.from({ length: outputCount }, (_, index) => `node:${String(index)}`);
  cases.push({ op, what, model: modelOf(op, operands, attr), outputs });
}

function sized(dims: readonly number[]): number {
  return dims.reduce((size, dim) => size * dim, 1);
}

function real(dims: readonly number[], low = -2, high = 2, seed = 1): Tensor {
  return float32(dims, randomNumbers(sized(dims), seed + sized(dims), low, high));
}

function whole(dims: readonly number[], low: number, high: number, seed = 1): Tensor {
  return int32(dims, randomNumbers(sized(dims), seed, low, high).map(Math.floor));
}

function truth(dims: readonly number[], seed = 1): Tensor {
  return tensorOf(
    "bool",
    dims,
    randomNumbers(sized(dims), seed).map((it) => (it > 0 ? 1 : 0)),
  );
}

const list = (...values: number[]): Operand => constant(int32([values.length], values));
const scalar = (value: number): Operand => constant(int32([], [value]));
const picture = fed(real([1, 7, 6, 3]));

function convolutions(): void {
  const one = { strides: is(1, 1, 1, 1), dilations: is(1, 1, 1, 1) };
  const two = { strides: is(1, 2, 2, 1), dilations: is(1, 1, 1, 1) };
  const dilated = { strides: is(1, 1, 1, 1), dilations: is(1, 2, 2, 1) };
  const filter = constant(real([3, 3, 3, 4]));
  const bias = constant(real([4]));
  add("Conv2D", "VALID", [picture, filter], { ...one, padding: s("VALID") });
  add("Conv2D", "SAME", [picture, filter], { ...one, padding: s("SAME") });
  add("Conv2D", "SAME, stride 2, odd height", [picture, filter], { ...two, padding: s("SAME") });
  add("Conv2D", "SAME, dilated", [picture, filter], { ...dilated, padding: s("SAME") });
  add("Conv2D", "EXPLICIT", [picture, filter], {
    ...two,
    padding: s("EXPLICIT"),
    explicit_paddings: is(0, 0, 1, 2, 2, 1, 0, 0),
  });
  for (const activation of ["Relu", "Relu6", "Elu", "Sigmoid"]) {
    add("_FusedConv2D", activation, [picture, filter, bias], {
      ...one,
      padding: s("SAME"),
      fused_ops: ss("BiasAdd", activation),
      num_args: i(1),
    });
  }
  add("_FusedConv2D", "BiasAdd alone", [picture, filter, bias], {
    ...two,
    padding: s("SAME"),
    fused_ops: ss("BiasAdd"),
    num_args: i(1),
  });
  add("_FusedConv2D", "Prelu", [picture, filter, bias, constant(real([4], 0.1, 0.9))], {
    ...one,
    padding: s("SAME"),
    fused_ops: ss("BiasAdd", "Prelu"),
    num_args: i(2),
  });
  add("_FusedConv2D", "LeakyRelu", [picture, filter, bias], {
    ...one,
    padding: s("SAME"),
    fused_ops: ss("BiasAdd", "LeakyRelu"),
    leakyrelu_alpha: f(0.3),
    num_args: i(1),
  });
  const perChannel = constant(real([3, 3, 3, 2]));
  for (const op of ["DepthwiseConv2dNative", "DepthwiseConv2d"]) {
    add(op, "multiplier 2, SAME", [picture, perChannel], { ...one, padding: s("SAME") });
    add(op, "stride 2, VALID", [picture, perChannel], { ...two, padding: s("VALID") });
  }
  add("FusedDepthwiseConv2dNative", "Relu6", [picture, perChannel, constant(real([6]))], {
    ...one,
    padding: s("SAME"),
    fused_ops: ss("BiasAdd", "Relu6"),
    num_args: i(1),
  });
  for (const padding of ["SAME", "VALID"]) {
    const [height, width] = padding === "SAME" ? [14, 12] : [15, 13];
    add(
      "Conv2DBackpropInput",
      padding,
      [list(1, height, width, 5), constant(real([3, 3, 5, 3])), picture],
      { ...two, padding: s(padding), T: type("DT_FLOAT") },
    );
  }
  const window = { ksize: is(1, 3, 2, 1), strides: is(1, 2, 2, 1) };
  for (const op of ["MaxPool", "AvgPool"]) {
    add(op, "SAME", [picture], { ...window, padding: s("SAME") });
    add(op, "VALID", [picture], { ...window, padding: s("VALID") });
  }
  const statistics = [
    real([3], 0.5, 2),
    real([3], -1, 1),
    real([3], -1, 1, 5),
    real([3], 0.5, 2, 9),
  ];
  for (const op of ["FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3"]) {
    add(op, "fixed statistics", [picture, ...statistics.map(constant)], { epsilon: f(0.001) });
  }
}

function elements(): void {
  const x = fed(real([2, 3, 4], -8, 8));
  const positive = fed(real([2, 3, 4], 0.1, 5));
  for (const op of "Relu Relu6 Elu Selu Sigmoid Tanh Softplus Exp Square Abs Neg Floor Ceil Softmax".split(
    " ",
  )) {
    add(op, "of reals", [op === "Exp" ? fed(real([2, 3, 4])) : x]);
  }
  add("Round", "halves to even", [fed(float32([6], [-2.5, -1.5, -0.5, 0.5, 1.5, 2.4]))]);
  add("LeakyRelu", "its own slope", [x], { alpha: f(0.1) });
  add("Prelu", "a slope per channel", [x, constant(real([4], 0.1, 0.9))]);
  add("ClipByValue", "between two", [x, constant(float32([], [-1])), constant(float32([], [2]))]);
  for (const op of ["Log", "Sqrt", "Rsqrt", "Reciprocal"]) {
    add(op, "of positive numbers", [positive]);
  }
  const row = fed(real([4], -3, 3, 7));
  for (const op of "Add AddV2 Sub Mul RealDiv Div DivNoNan Maximum Minimum SquaredDifference".split(
    " ",
  )) {
    add(op, "broadcast", [x, row]);
  }
  add("DivNoNan", "by nought", [fed(float32([3], [1, 0, -2])), fed(float32([3], [0, 0, 4]))]);
  add("BiasAdd", "per channel", [picture, constant(real([3]))]);
  add("AddN", "three", [x, fed(real([2, 3, 4], -8, 8, 3)), fed(real([2, 3, 4], -8, 8, 4))], {
    N: i(3),
  });
  add("Pow", "of positive numbers", [positive, row]);
  const [a, z] = [fed(whole([3, 4], -9, 9)), fed(int32([4], [3, -2, 5, -7]))];
  for (const op of ["FloorDiv", "FloorMod"]) {
    add(op, "of whole numbers, of either sign", [a, z]);
  }
  add("FloorMod", "of reals", [x, fed(float32([4], [3, -2, 1.5, -0.7]))]);
  add("RealDiv", "of whole numbers", [a, z]);
  const [p, q] = [fed(whole([3, 4], 0, 3)), fed(whole([3, 4], 0, 3, 8))];
  for (const op of "Equal NotEqual Greater GreaterEqual Less LessEqual".split(" ")) {
    add(op, "of whole numbers", [p, q]);
  }
  const [yes, no] = [fed(truth([3, 4])), fed(truth([3, 4], 5))];
  add("LogicalAnd", "", [yes, no]);
  add("LogicalOr", "", [yes, no]);
  add("LogicalNot", "", [yes]);
  for (const op of ["Select", "SelectV2"]) {
    add(op, "by a mask", [yes, fed(real([3, 4])), fed(real([3, 4], -2, 2, 9))], {
      T: type("DT_FLOAT"),
    });
  }
}

function shapes(): void {
  const x = fed(real([2, 3, 4]));
  for (const op of ["Identity", "StopGradient", "Snapshot"]) {
    add(op, "", [x]);
  }
  add("Transpose", "", [x, list(2, 0, 1)]);
  add("Reshape", "with a dimension to work out", [x, list(4, -1)]);
  add("Squeeze", "of one axis", [fed(real([2, 1, 3, 1]))], { squeeze_dims: is(1) });
  add("Squeeze", "of all axes of one", [fed(real([2, 1, 3, 1]))]);
  add("ExpandDims", "before the last", [x, scalar(-1)]);
  add("Cast", "to whole numbers", [x], { SrcT: type("DT_FLOAT"), DstT: type("DT_INT32") });
  add("Cast", "to reals", [fed(whole([3], -5, 5))], {
    SrcT: type("DT_INT32"),
    DstT: type("DT_FLOAT"),
  });
  add("Shape", "", [x]);
  add("Pack", "along a middle axis", [x, fed(real([2, 3, 4], -2, 2, 5))], { axis: i(1), N: i(2) });
  add("Unpack", "", [x], { axis: i(1), num: i(3) }, 3);
  add("Fill", "with a value of run time", [list(2, 3), fed(float32([], [1.5]))], {
    T: type("DT_FLOAT"),
  });
  add("Tile", "", [x, list(1, 2, 3)]);
  add("DepthToSpace", "", [fed(real([1, 2, 3, 8]))], { block_size: i(2), data_format: s("NHWC") });
  add(
    "SparseToDense",
    "",
    [constant(int32([2], [1, 3])), list(5), fed(float32([2], [7, 8])), constant(float32([], [-1]))],
    { T: type("DT_FLOAT") },
  );
  add("Pad", "with zeros", [picture, constant(int32([4, 2], [0, 0, 1, 2, 3, 0, 0, 0]))]);
  add("PadV2", "with a number", [
    picture,
    constant(int32([4, 2], [0, 0, 1, 2, 3, 0, 1, 1])),
    constant(float32([], [-4])),
  ]);
  add("MirrorPad", "reflecting", [picture, constant(int32([4, 2], [0, 0, 1, 2, 2, 1, 0, 0]))], {
    mode: s("REFLECT"),
  });
}

function cuts(): void {
  const x = fed(real([2, 6, 4]));
  add("ConcatV2", "along the last axis", [x, fed(real([2, 6, 1])), scalar(-1)], { N: i(2) });
  add("Split", "", [scalar(1), x], { num_split: i(3), T: type("DT_FLOAT") }, 3);
  add("SplitV", "", [x, list(1, 5), scalar(1)], { num_split: i(2) }, 2);
  add("Slice", "to the end", [x, list(0, 2, 1), list(2, 3, -1)]);
  add("StridedSlice", "masks, steps", [x, list(0, 5, 0), list(0, 0, 3), list(1, -2, 1)], {
    begin_mask: i(1),
    end_mask: i(3),
  });
  add("StridedSlice", "dropping an axis", [x, list(0, -1), list(2, 0), list(1, 1)], {
    shrink_axis_mask: i(2),
  });
  for (const op of ["Gather", "GatherV2"]) {
    const axis = op === "Gather" ? [] : [scalar(1)];
    add(op, "", [x, constant(int32([2, 2], [1, 0, 1, 1])), ...axis]);
  }
  add("GatherNd", "", [x, fed(int32([3, 2], [0, 5, 1, 2, 1, 0]))]);
  add("TopKV2", "", [fed(real([3, 8])), scalar(3)], { sorted: b(true) }, 2);
}

function reductions(): void {
  for (const op of ["Mean", "Max", "Min", "Sum", "Prod"]) {
    add(op, "over height and width", [picture, list(1, 2)], { keep_dims: b(false) });
    add(op, "over the last axis, kept", [picture, list(-1)], { keep_dims: b(true) });
  }
  add("ArgMax", "", [picture, scalar(3)]);
  add("ArgMin", "", [picture, scalar(1)]);
  const [a, c] = [fed(real([3, 4])), constant(real([4, 5]))];
  add("MatMul", "", [a, c], { transpose_a: b(false), transpose_b: b(false) });
  add("MatMul", "both transposed", [fed(real([4, 3])), constant(real([5, 4]))], {
    transpose_a: b(true),
    transpose_b: b(true),
  });
  add("_FusedMatMul", "BiasAdd, Relu", [a, c, constant(real([5]))], {
    fused_ops: ss("BiasAdd", "Relu"),
    num_args: i(1),
  });
  for (const op of ["BatchMatMul", "BatchMatMulV2"]) {
    add(op, "", [fed(real([2, 3, 4])), fed(real([2, 4, 5]))]);
  }
}

function resizes(): void {
  for (const op of ["ResizeBilinear", "ResizeNearestNeighbor"]) {
    for (const [height, width] of [
      [14, 12],
      [3, 11],
    ] as const) {
      const size = list(height, width);
      const what = `to ${String(height)}×${String(width)}`;
      add(op, what, [picture, size]);
      add(op, `${what}, aligned corners`, [picture, size], { align_corners: b(true) });
      add(op, `${what}, half-pixel centres`, [picture, size], { half_pixel_centers: b(true) });
    }
  }
}

convolutions();
elements();
shapes();
cuts();
reductions();
resizes();

export const OPERATOR_CASES: readonly OperatorCase[] = cases;
