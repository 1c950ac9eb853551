/** Pooling over windows of a picture. */
import { type Attributes, int, ints } from "../../onnx/index.ts";
import type { Translation, Translator } from "../translation.ts";
import { padding, picked } from "./convolution.ts";

function pooled(t: Translation, op: string, more: Attributes): string {
  const [, height = 1, width = 1] = picked(t, "ksize");
  const [, strideY = 1, strideX = 1] = picked(t, "strides");
  const strides = [strideY, strideX];
  const attributes: Attributes = {
    kernel_shape: ints([height, width]),
    strides: ints(strides),
    ...padding(t, [height, width], strides, [1, 1]),
    ...more,
  };
  return t.inChannelsFirst(t.input(0), (value) => t.emit(op, [value], attributes));
}

export const POOLING: Readonly<Record<string, Translator>> = {
  MaxPool: (t) => [pooled(t, "MaxPool", {})],
  // TensorFlow divides by the number of elements inside the picture.
  AvgPool: (t) => [pooled(t, "AveragePool", { count_include_pad: int(0) })],
};
