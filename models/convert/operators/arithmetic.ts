/** Functions of two elements, with the broadcasting that both sides share (numpy's). */
import { float32, int } from "../../onnx/index.ts";
import type { Translation, Translator } from "../translation.ts";

const same =
  (op: string): Translator =>
  (t) => [t.emit(op, [t.input(0), t.input(1)])];

const negated =
  (op: string): Translator =>
  (t) => [t.emit("Not", [t.emit(op, [t.input(0), t.input(1)])])];

/** Rounds towards minus infinity, also for whole numbers, where ONNX's Div cuts towards zero. */
function floorDiv(t: Translation): readonly string[] {
  if (t.type("T") !== "int32") {
    return [t.emit("Floor", [t.emit("Div", [t.input(0), t.input(1)])])];
  }
  const remainder = t.emit("Mod", [t.input(0), t.input(1)]);
  return [t.emit("Div", [t.emit("Sub", [t.input(0), remainder]), t.input(1)])];
}

/** The remainder with the divisor's sign. */
function floorMod(t: Translation): readonly string[] {
  if (t.type("T") === "int32") {
    return [t.emit("Mod", [t.input(0), t.input(1)], { fmod: int(0) })];
  }
  const whole = t.emit("Floor", [t.emit("Div", [t.input(0), t.input(1)])]);
  return [t.emit("Sub", [t.input(0), t.emit("Mul", [whole, t.input(1)])])];
}

/** TensorFlow.js divides whole numbers to whole numbers, also where TensorFlow would not. */
function realDiv(t: Translation): readonly string[] {
  return t.type("T") === "int32" ? floorDiv(t) : [t.emit("Div", [t.input(0), t.input(1)])];
}

const squaredDifference: Translator = (t) => {
  const difference = t.emit("Sub", [t.input(0), t.input(1)]);
  return [t.emit("Mul", [difference, difference])];
};

const select: Translator = (t) => [t.emit("Where", t.inputs())];

export const ARITHMETIC: Readonly<Record<string, Translator>> = {
  Add: same("Add"),
  AddV2: same("Add"),
  BiasAdd: same("Add"),
  AddN: (t) => [t.emit("Sum", t.inputs())],
  Sub: same("Sub"),
  Mul: same("Mul"),
  RealDiv: realDiv,
  Div: realDiv,
  DivNoNan: (t) => {
    const [a, b] = [t.input(0), t.input(1)];
    const zero = t.add(float32([], [0]));
    return [t.emit("Where", [t.emit("Equal", [b, zero]), zero, t.emit("Div", [a, b])])];
  },
  Maximum: same("Max"),
  Minimum: same("Min"),
  Pow: same("Pow"),
  SquaredDifference: squaredDifference,
  FloorDiv: floorDiv,
  FloorMod: floorMod,
  Equal: same("Equal"),
  NotEqual: negated("Equal"),
  Greater: same("Greater"),
  GreaterEqual: same("GreaterOrEqual"),
  Less: same("Less"),
  LessEqual: same("LessOrEqual"),
  LogicalAnd: same("And"),
  LogicalOr: same("Or"),
  LogicalNot: (t) => [t.emit("Not", [t.input(0)])],
  SelectV2: select,
  Select: select,
};
