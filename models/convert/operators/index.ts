/** Every TensorFlow operator that can be translated. */
import type { Translator } from "../translation.ts";
import { ACTIVATION } from "./activation.ts";
import { ARITHMETIC } from "./arithmetic.ts";
import { CONVOLUTION } from "./convolution.ts";
import { MATRIX } from "./matrix.ts";
import { NORMALIZATION } from "./normalization.ts";
import { PADDING } from "./padding.ts";
import { POOLING } from "./pooling.ts";
import { REDUCTION } from "./reduction.ts";
import { RESIZE } from "./resize.ts";
import { SHAPE } from "./shape.ts";
import { SLICING } from "./slicing.ts";

export const OPERATORS: Readonly<Record<string, Translator>> = {
  ...ACTIVATION,
  ...ARITHMETIC,
  ...CONVOLUTION,
  ...MATRIX,
  ...NORMALIZATION,
  ...PADDING,
  ...POOLING,
  ...REDUCTION,
  ...RESIZE,
  ...SHAPE,
  ...SLICING,
};
