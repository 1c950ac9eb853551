/** Joining, cutting and gathering. */
import { int, int64List } from "../../onnx/index.ts";
import type { Translation, Translator } from "../translation.ts";

/** As far as a slice can reach; onnxruntime clamps it to the axis. */
const END = 2 ** 31 - 1;

const concat: Translator = (t) => {
  const last = t.inputCount - 1;
  const [axis = 0] = t.requiredNumbers(last, "the axis");
  const values = t.node.inputs.slice(0, last).map((_, index) => t.input(index));
  return [t.emit("Concat", values, { axis: int(axis) })];
};

const split: Translator = (t) => {
  const [axis = 0] = t.requiredNumbers(0, "the axis");
  const count = t.int("num_split", 1);
  return t.emitAll("Split", [t.input(1)], { axis: int(axis), num_outputs: int(count) }, count);
};

const splitV: Translator = (t) => {
  const sizes = t.requiredNumbers(1, "the sizes");
  if (sizes.includes(-1)) {
    throw t.unsupported("a size of -1, expected every size stated");
  }
  const [axis = 0] = t.requiredNumbers(2, "the axis");
  const inputs = [t.input(0), t.add(int64List(sizes))];
  return t.emitAll("Split", inputs, { axis: int(axis) }, sizes.length);
};

const slice: Translator = (t) => {
  const begin = t.requiredNumbers(1, "the begin");
  const size = t.requiredNumbers(2, "the size");
  const ends = begin.map((start, axis) => (size[axis] === -1 ? END : start + (size[axis] ?? 0)));
  const axes = begin.map((_, axis) => axis);
  const lists = [begin, ends, axes].map((list) => t.add(int64List(list)));
  return [t.emit("Slice", [t.input(0), ...lists])];
};

interface Cut {
  readonly axes: number[];
  readonly starts: number[];
  readonly ends: number[];
  readonly steps: number[];
  /** Axes dropped after cutting, counted in the source. */
  readonly shrunk: number[];
}

function cutOf(t: Translation): Cut {
  if (["ellipsis_mask", "new_axis_mask"].some((mask) => t.int(mask, 0) !== 0)) {
    throw t.unsupported("ellipsis_mask or new_axis_mask, expected neither");
  }
  const begin = t.requiredNumbers(1, "the begin");
  const end = t.requiredNumbers(2, "the end");
  const stride = t.requiredNumbers(3, "the strides");
  const has = (mask: string, axis: number): boolean => ((t.int(mask, 0) >> axis) & 1) === 1;
  const cut: Cut = { axes: [], starts: [], ends: [], steps: [], shrunk: [] };
  for (const [axis, from] of begin.entries()) {
    const step = stride[axis] ?? 1;
    const isShrunk = has("shrink_axis_mask", axis);
    const first = step > 0 ? 0 : END;
    const beyond = step > 0 ? END : -END;
    const afterOne = from === -1 ? END : from + 1;
    cut.axes.push(axis);
    cut.starts.push(has("begin_mask", axis) && !isShrunk ? first : from);
    cut.ends.push(isShrunk ? afterOne : has("end_mask", axis) ? beyond : (end[axis] ?? END));
    cut.steps.push(isShrunk ? 1 : step);
    if (isShrunk) {
      cut.shrunk.push(axis);
    }
  }
  return cut;
}

const stridedSlice: Translator = (t) => {
  const { axes, starts, ends, steps, shrunk } = cutOf(t);
  const lists = [starts, ends, axes, steps].map((list) => t.add(int64List(list)));
  const cut = t.emit("Slice", [t.input(0), ...lists]);
  return [shrunk.length === 0 ? cut : t.emit("Squeeze", [cut, t.add(int64List(shrunk))])];
};

const gather: Translator = (t) => {
  const [axis = 0] = t.inputCount > 2 ? t.requiredNumbers(2, "the axis") : [0];
  if (t.int("batch_dims", 0) !== 0) {
    throw t.unsupported(`batch_dims ${String(t.int("batch_dims", 0))}, expected 0`);
  }
  return [t.emit("Gather", [t.input(0), t.asInt64(1)], { axis: int(axis) })];
};

const gatherNd: Translator = (t) => [t.emit("GatherND", [t.input(0), t.asInt64(1)])];

const topK: Translator = (t) => {
  const [count = 1] = t.requiredNumbers(1, "k");
  const inputs = [t.input(0), t.add(int64List([count]))];
  const [values = "", indices = ""] = t.emitAll("TopK", inputs, { axis: int(-1) }, 2);
  return [values, t.cast(indices, "int32")];
};

export const SLICING: Readonly<Record<string, Translator>> = {
  ConcatV2: concat,
  Split: split,
  SplitV: splitV,
  Slice: slice,
  StridedSlice: stridedSlice,
  Gather: gather,
  GatherV2: gather,
  GatherNd: gatherNd,
  TopKV2: topK,
};
