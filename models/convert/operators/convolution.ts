/** Convolutions, plain and depthwise, with the bias and activation TensorFlow fuses into them. */
import {
  int,
  int64List,
  ints,
  float32,
  type Attributes,
  string,
  transposed,
  reshaped,
  type Tensor,
} from "../../onnx/index.ts";
import type { Translation, Translator } from "../translation.ts";
import { activated } from "./activation.ts";

const conv2d: Translator = (t) => [convolved(t, dense(t))];
const depthwise: Translator = (t) => [convolved(t, perChannel(t))];

interface Kernel {
  /** [outputs, inputs per group, height, width]. */
  readonly weights: string;
  readonly size: readonly [number, number];
  readonly groups: number;
}

function convolved(t: Translation, kernel: Kernel): string {
  const [, strideY = 1, strideX = 1] = picked(t, "strides");
  const [, dilationY = 1, dilationX = 1] = picked(t, "dilations", [1, 1, 1, 1]);
  const strides = [strideY, strideX];
  const dilations = [dilationY, dilationX];
  const attributes: Attributes = {
    kernel_shape: ints(kernel.size),
    strides: ints(strides),
    dilations: ints(dilations),
    group: int(kernel.groups),
    ...padding(t, kernel.size, strides, dilations),
  };
  const fused = t.texts("fused_ops");
  const inputs = fused.includes("BiasAdd") ? [kernel.weights, t.input(2)] : [kernel.weights];
  const picture = t.inChannelsFirst(t.input(0), (value) =>
    t.emit("Conv", [value, ...inputs], attributes),
  );
  return withFusedActivation(t, picture, 3);
}

/** Applies what follows BiasAdd in `fused_ops`; `slopeInput` is where a Prelu keeps its slope. */
export function withFusedActivation(t: Translation, value: string, slopeInput: number): string {
  return t
    .texts("fused_ops")
    .filter((name) => name !== "BiasAdd" && name !== "")
    .reduce((current, name) => activated(t, name, current, slopeInput), value);
}

function dense(t: Translation): Kernel {
  const filter = t.constant(1);
  if (filter === undefined) {
    throw t.unsupported("the filter is not constant");
  }
  const [height = 1, width = 1] = filter.dims;
  return { weights: t.add(transposed(filter, [3, 2, 0, 1])), size: [height, width], groups: 1 };
}

/** [height, width, channels, multiplier] becomes [channels × multiplier, 1, height, width]. */
function perChannel(t: Translation): Kernel {
  const filter: Tensor = t.required(1, "the filter");
  const [height = 1, width = 1, channels = 1, multiplier = 1] = filter.dims;
  const weights = reshaped(transposed(filter, [2, 3, 0, 1]), [
    channels * multiplier,
    1,
    height,
    width,
  ]);
  return { weights: t.add(weights), size: [height, width], groups: channels };
}

/** An NHWC list of four; ONNX takes the two in the middle. */
export function picked(
  t: Translation,
  name: string,
  fallback: readonly number[] = [],
): readonly number[] {
  const format = t.text("data_format", "NHWC");
  if (format !== "NHWC") {
    throw t.unsupported(`layout ${format}, expected NHWC`);
  }
  const list = t.ints(name);
  return list.length === 0 ? fallback : list;
}

/**
 * VALID, SAME or EXPLICIT as ONNX attributes. SAME at stride 1 does not depend on the picture's
 * size and becomes explicit, which dilations need; onnxruntime works out the others.
 */
export function padding(
  t: Translation,
  size: readonly [number, number],
  strides: readonly number[],
  dilations: readonly number[],
): Attributes {
  const kind = t.text("padding", "VALID");
  if (kind === "VALID") {
    return { pads: ints([0, 0, 0, 0]) };
  }
  if (kind === "EXPLICIT") {
    const [, , top = 0, bottom = 0, left = 0, right = 0] = t.ints("explicit_paddings");
    return { pads: ints([top, left, bottom, right]) };
  }
  if (strides.some((stride) => stride !== 1)) {
    return { auto_pad: string("SAME_UPPER") };
  }
  const total = size.map((length, axis) => (length - 1) * (dilations[axis] ?? 1));
  const before = total.map((length) => Math.floor(length / 2));
  return { pads: ints([...before, ...total.map((length, axis) => length - (before[axis] ?? 0))]) };
}

/** Gradient of a convolution by its input: a transposed convolution. */
const transposedConv: Translator = (t) => {
  const [, height = 0, width = 0] = t.requiredNumbers(0, "the output's shape");
  const filter = t.required(1, "the filter");
  const [kernelY = 1, kernelX = 1, channels = 1] = filter.dims;
  const [, strideY = 1, strideX = 1] = picked(t, "strides");
  if (t.text("padding", "VALID") === "EXPLICIT") {
    throw t.unsupported("padding EXPLICIT, expected SAME or VALID");
  }
  const attributes: Attributes = {
    kernel_shape: ints([kernelY, kernelX]),
    strides: ints([strideY, strideX]),
  };
  const weights = t.add(transposed(filter, [3, 2, 0, 1]));
  const same = t.text("padding", "VALID") === "SAME";
  // The full result is cut to the stated size: from the middle for SAME, from the start for VALID.
  const cut = (length: number, kernel: number, stride: number): number => {
    const total = Math.max((Math.ceil(length / stride) - 1) * stride + kernel - length, 0);
    return same ? Math.floor(total / 2) : 0;
  };
  const top = cut(height, kernelY, strideY);
  const left = cut(width, kernelX, strideX);
  return [
    t.inChannelsFirst(t.input(2), (value) => {
      const full = t.emit("ConvTranspose", [value, weights], attributes);
      const long = t.emit("Pad", [
        full,
        t.add(int64List([0, 0, 0, 0, 0, 0, kernelY, kernelX])),
        t.add(float32([], [0])),
      ]);
      return t.emit("Slice", [
        long,
        t.add(int64List([0, top, left])),
        t.add(int64List([channels, top + height, left + width])),
        t.add(int64List([1, 2, 3])),
      ]);
    }),
  ];
};

export const CONVOLUTION: Readonly<Record<string, Translator>> = {
  Conv2D: conv2d,
  _FusedConv2D: conv2d,
  DepthwiseConv2d: depthwise,
  DepthwiseConv2dNative: depthwise,
  FusedDepthwiseConv2dNative: depthwise,
  Conv2DBackpropInput: transposedConv,
};
