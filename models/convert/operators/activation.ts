/** Functions of one element, and the normalising exponentials. */
import { float, float32, int } from "../../onnx/index.ts";
import type { Translation, Translator } from "../translation.ts";

/** TensorFlow's default slope of LeakyRelu. */
const LEAKY_SLOPE = 0.2;
/** Constants of the self-normalising unit (Klambauer et al. 2017), as TensorFlow.js has them. */
const SELU = { alpha: 1.7580993408473768599 / 1.0507009873554804934, gamma: 1.0507009873554804934 };

/** The activation `name` over `value`; `slopeInput` is where a Prelu keeps its slope. */
export function activated(t: Translation, name: string, value: string, slopeInput: number): string {
  switch (name) {
    case "Relu6":
      return clipped(t, value, 0, 6);
    case "LeakyRelu": {
      const slope = t.float("leakyrelu_alpha", t.float("alpha", LEAKY_SLOPE));
      return t.emit("LeakyRelu", [value], { alpha: float(slope) });
    }
    case "Prelu":
      return t.emit("PRelu", [value, t.input(slopeInput)]);
    case "Selu":
      return t.emit("Selu", [value], { alpha: float(SELU.alpha), gamma: float(SELU.gamma) });
    case "Relu":
    case "Elu":
    case "Sigmoid":
    case "Tanh":
    case "Softplus":
      return t.emit(name, [value]);
    default:
      throw t.unsupported(`the activation ${name} is unknown`);
  }
}

function clipped(t: Translation, value: string, low: number, high: number): string {
  return t.emit("Clip", [value, t.add(float32([], [low])), t.add(float32([], [high]))]);
}

const activation =
  (name: string): Translator =>
  (t) => [activated(t, name, t.input(0), 1)];

/** An operator ONNX has under the name `op` with the same meaning. */
const same =
  (op: string): Translator =>
  (t) => [t.emit(op, [t.input(0)])];

const overLastAxis =
  (op: string): Translator =>
  (t) => [t.emit(op, [t.input(0)], { axis: int(-1) })];

export const ACTIVATION: Readonly<Record<string, Translator>> = {
  Relu: activation("Relu"),
  Relu6: activation("Relu6"),
  LeakyRelu: activation("LeakyRelu"),
  Prelu: activation("Prelu"),
  Elu: activation("Elu"),
  Selu: activation("Selu"),
  Sigmoid: activation("Sigmoid"),
  Tanh: activation("Tanh"),
  Softplus: activation("Softplus"),
  Exp: same("Exp"),
  Log: same("Log"),
  Sqrt: same("Sqrt"),
  Rsqrt: (t) => [t.emit("Reciprocal", [t.emit("Sqrt", [t.input(0)])])],
  Square: (t) => [t.emit("Mul", [t.input(0), t.input(0)])],
  Abs: same("Abs"),
  Neg: same("Neg"),
  Floor: same("Floor"),
  Ceil: same("Ceil"),
  Round: same("Round"),
  Reciprocal: same("Reciprocal"),
  Softmax: overLastAxis("Softmax"),
  ClipByValue: (t) => [t.emit("Clip", [t.input(0), t.input(1), t.input(2)])],
};
