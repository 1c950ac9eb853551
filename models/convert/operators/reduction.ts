/** Reductions over axes. */
import { int, int64List } from "../../onnx/index.ts";
import type { Translator } from "../translation.ts";

/** Since operator set 18 the axes are an input. */
const reduced =
  (op: string): Translator =>
  (t) => {
    const axes = t.add(int64List(t.requiredNumbers(1, "the axes")));
    return [t.emit(op, [t.input(0), axes], { keepdims: int(t.flag("keep_dims") ? 1 : 0) })];
  };

const argReduced =
  (op: string): Translator =>
  (t) => {
    const [axis = 0] = t.requiredNumbers(1, "the axis");
    const index = t.emit(op, [t.input(0)], { axis: int(axis), keepdims: int(0) });
    return [t.cast(index, "int32")];
  };

export const REDUCTION: Readonly<Record<string, Translator>> = {
  Mean: reduced("ReduceMean"),
  Max: reduced("ReduceMax"),
  Min: reduced("ReduceMin"),
  Sum: reduced("ReduceSum"),
  Prod: reduced("ReduceProd"),
  ArgMax: argReduced("ArgMax"),
  ArgMin: argReduced("ArgMin"),
};
