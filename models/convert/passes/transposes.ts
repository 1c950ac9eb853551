/**
 * Moves transposes down the graph until they meet their inverse. Convolutions stand between a pair
 * of them after translation; what lies between two convolutions works on elements or on single
 * axes, so it can run in either layout.
 */
import {
  int,
  int64List,
  intOf,
  ints,
  intsOf,
  type Node,
  numbersOf,
  reshaped,
  transposed,
} from "../../onnx/index.ts";
import type { Draft, Rule } from "./draft.ts";
import {
  composed,
  inverted,
  isEqual,
  isIdentity,
  type Permutation,
  sourceAxis,
  without,
} from "./permutation.ts";

const ELEMENTWISE = new Set(
  (
    "Abs Add And Cast Ceil Clip Div Elu Equal Exp Floor Greater GreaterOrEqual LeakyRelu Less " +
    "LessOrEqual Log Max Min Mod Mul Neg Not Or PRelu Pow Reciprocal Relu Round Selu Sigmoid " +
    "Softplus Sqrt Sub Sum Tanh Where"
  ).split(" "),
);

export const mergeTransposes: Rule = (draft, node) => {
  const outer = permOf(node);
  if (outer === undefined) {
    return false;
  }
  if (isIdentity(outer)) {
    draft.replace(node, { ...node, op: "Identity", attributes: {} });
    return true;
  }
  const source = draft.producer(node.inputs[0]);
  const inner = permOf(source);
  if (source === undefined || inner === undefined) {
    return false;
  }
  const attributes = { perm: ints(composed(inner, outer)) };
  draft.replace(node, { ...node, inputs: source.inputs, attributes });
  return true;
};

/** Two transposes of one value by one permutation become one. */
export const shareTransposes: Rule = (draft, node) => {
  const perm = permOf(node);
  const [source = "", output = ""] = [node.inputs[0], node.outputs[0]];
  const twin =
    perm &&
    draft.consumers(source).find((other) => {
      const otherPerm = permOf(other);
      return otherPerm !== undefined && isEqual(otherPerm, perm);
    });
  if (twin === undefined || twin === node || draft.isOutput(output)) {
    return false;
  }
  draft.redirect(output, twin.outputs[0] ?? "");
  return draft.consumers(output).length === 0;
};

/** An elementwise operator all of whose inputs are transposed alike, or constant. */
export const sinkThroughElementwise: Rule = (draft, node) => {
  if (!ELEMENTWISE.has(node.op)) {
    return false;
  }
  const perm = node.inputs.map((input) => permOf(draft.producer(input))).find((it) => it);
  if (perm === undefined) {
    return false;
  }
  const inputs: (string | undefined)[] = node.inputs.map((input) =>
    untransposed(draft, input, perm),
  );
  if (inputs.some((input) => input === undefined)) {
    return false;
  }
  sink(draft, node, { inputs: inputs as string[] }, perm);
  return true;
};

/** The value that `input` is the transpose of; constants are transposed back here and now. */
function untransposed(draft: Draft, input: string, perm: Permutation): string | undefined {
  const producer = draft.producer(input);
  const own = permOf(producer);
  if (own !== undefined) {
    return isEqual(own, perm) ? producer?.inputs[0] : undefined;
  }
  const constant = draft.constant(input);
  if (input === "" || constant?.data.length === 1) {
    return input;
  }
  if (constant === undefined || constant.dims.length > perm.length) {
    return undefined;
  }
  const missing = perm.length - constant.dims.length;
  const dims = [...new Array<number>(missing).fill(1), ...constant.dims];
  return draft.addConstant(input, transposed(reshaped(constant, dims), inverted(perm)));
}

export const sinkThroughConcat: Rule = (draft, node) => {
  const perms = node.inputs.map((input) => permOf(draft.producer(input)));
  const [perm] = perms;
  if (node.op !== "Concat" || !perm || perms.some((it) => !it || !isEqual(it, perm))) {
    return false;
  }
  const inputs = node.inputs.map((input) => draft.producer(input)?.inputs[0] ?? input);
  const axis = int(sourceAxis(perm, intOf(node, "axis") ?? 0));
  sink(draft, node, { inputs, attributes: { ...node.attributes, axis } }, perm);
  return true;
};

/** Operators with one transposed input and an `axis` attribute. */
export const sinkThroughAxis: Rule = (draft, node) => {
  const { source, perm } = transposedInput(draft, node);
  if (perm === undefined || !["Split", "Softmax"].includes(node.op)) {
    return false;
  }
  const axis = int(sourceAxis(perm, intOf(node, "axis") ?? (node.op === "Split" ? 0 : -1)));
  const inputs = [source, ...node.inputs.slice(1)];
  sink(draft, node, { inputs, attributes: { ...node.attributes, axis } }, perm);
  return true;
};

export const sinkThroughPad: Rule = (draft, node) => {
  const { source, perm } = transposedInput(draft, node);
  const pads = draft.constant(node.inputs[1]);
  if (node.op !== "Pad" || perm === undefined || pads === undefined || node.inputs.length > 3) {
    return false;
  }
  const amounts = numbersOf(pads);
  const moved = new Array<number>(amounts.length).fill(0);
  for (const [axis, from] of perm.entries()) {
    moved[from] = amounts[axis] ?? 0;
    moved[from + perm.length] = amounts[axis + perm.length] ?? 0;
  }
  const inputs = [source, draft.addConstant("pads", int64List(moved)), ...node.inputs.slice(2)];
  sink(draft, node, { inputs }, perm);
  return true;
};

/** Where an operator of named axes keeps them, and whether it takes those axes away. */
const AXES_INPUT: Readonly<Record<string, number>> = {
  ReduceMax: 1,
  ReduceMean: 1,
  ReduceMin: 1,
  ReduceProd: 1,
  ReduceSum: 1,
  Slice: 3,
  Squeeze: 1,
};

export const sinkThroughAxes: Rule = (draft, node) => {
  const { source, perm } = transposedInput(draft, node);
  const at = AXES_INPUT[node.op];
  const axes = at === undefined ? undefined : draft.constant(node.inputs[at]);
  if (perm === undefined || at === undefined || axes === undefined) {
    return false;
  }
  const listed = numbersOf(axes);
  const moved = draft.addConstant("axes", int64List(listed.map((axis) => sourceAxis(perm, axis))));
  const inputs = node.inputs.map((input, index) =>
    index === 0 ? source : index === at ? moved : input,
  );
  const isReduction = node.op.startsWith("Reduce");
  const dropsAxes = node.op === "Squeeze" || (isReduction && intOf(node, "keepdims") === 0);
  sink(draft, node, { inputs }, dropsAxes ? without(perm, listed) : perm);
  return true;
};

/** `node` with `changes` before the transpose instead of after it. */
function sink(draft: Draft, node: Node, changes: Partial<Node>, perm: Permutation): void {
  const inner = node.outputs.map((output) => draft.fresh(output));
  const after = node.outputs.map((output, index) => ({
    op: "Transpose",
    domain: "",
    name: draft.fresh(`${node.name}/Transpose`),
    inputs: [inner[index] ?? ""],
    outputs: [output],
    attributes: { perm: ints(perm) },
  }));
  draft.replace(node, { ...node, ...changes, outputs: inner }, ...after);
}

function transposedInput(
  draft: Draft,
  node: Node,
): { readonly source: string; readonly perm: Permutation | undefined } {
  const producer = draft.producer(node.inputs[0]);
  return { source: producer?.inputs[0] ?? "", perm: permOf(producer) };
}

function permOf(node: Node | undefined): Permutation | undefined {
  return node?.op === "Transpose" ? intsOf(node, "perm") : undefined;
}
