/** Batch normalisation with fixed statistics. */
import { float } from "../../onnx/index.ts";
import type { Translator } from "../translation.ts";

/** TensorFlow's default, which protobuf leaves out of the file. */
const EPSILON = 1e-4;

const batchNorm: Translator = (t) => {
  if (t.flag("is_training")) {
    throw t.unsupported("is_training, expected statistics that are fixed");
  }
  const parameters = [1, 2, 3, 4].map((index) => t.input(index));
  const normalised = t.inChannelsFirst(t.input(0), (value) =>
    t.emit("BatchNormalization", [value, ...parameters], {
      epsilon: float(t.float("epsilon", EPSILON)),
    }),
  );
  return [normalised];
};

export const NORMALIZATION: Readonly<Record<string, Translator>> = {
  FusedBatchNorm: batchNorm,
  FusedBatchNormV2: batchNorm,
  FusedBatchNormV3: batchNorm,
};
