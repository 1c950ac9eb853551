/** Folds small operators into the convolution or pooling beside them. */
import {
  type Attribute,
  float32,
  ints,
  intsOf,
  type Node,
  numbersOf,
  stringOf,
  type Tensor,
} from "../../onnx/index.ts";
import type { Draft, Rule } from "./draft.ts";

/** Below this no activation ever lies; converters write it for "nothing" before a maximum. */
const LOWEST = -3.4e38;

export const dropIdentity: Rule = (draft, node) => {
  const [source = ""] = node.inputs;
  const [output = ""] = node.outputs;
  if (node.op !== "Identity") {
    return false;
  }
  if (!draft.isOutput(output)) {
    draft.redirect(output, source);
    return true;
  }
  // An output must keep its name, and be made by a node.
  if (draft.producer(source) === undefined || draft.isOutput(source)) {
    return false;
  }
  draft.replace(node);
  draft.rename(source, output);
  return true;
};

/** Zero padding before a convolution, and padding with the lowest number before a maximum. */
export const foldPad: Rule = (draft, node) => {
  const neutral = { Conv: 0, MaxPool: LOWEST }[node.op];
  const pads = intsOf(node, "pads");
  const [input = "", ...others] = node.inputs;
  if (neutral === undefined || pads === undefined || stringOf(node, "auto_pad") !== undefined) {
    return false;
  }
  const direct = draft.producer(input);
  // A graph that begins with padding has the transpose to the convolution's layout after it.
  const turn = direct?.op === "Transpose" ? direct : undefined;
  const pad = turn === undefined ? direct : draft.producer(turn.inputs[0]);
  const perm = turn && intsOf(turn, "perm");
  const added = pad && spatialPads(draft, pad, neutral, perm ?? [0, 1, 2, 3]);
  if (pad === undefined || added === undefined) {
    return false;
  }
  const total: Attribute = ints(pads.map((amount, index) => amount + (added[index] ?? 0)));
  const attributes = { ...node.attributes, pads: total };
  const [source = ""] = pad.inputs;
  if (turn === undefined) {
    draft.replace(node, { ...node, inputs: [source, ...others], attributes });
  } else {
    const output = draft.fresh(input);
    const early = { ...turn, name: output, inputs: [source], outputs: [output] };
    draft.replace(node, early, { ...node, inputs: [output, ...others], attributes });
  }
  return true;
};

/** [top, left, bottom, right], if the padding is of that kind and of a neutral value. */
function spatialPads(
  draft: Draft,
  pad: Node,
  neutral: number,
  perm: readonly number[],
): number[] | undefined {
  const amounts = draft.constant(pad.inputs[1]);
  const value = pad.inputs[2] === undefined ? 0 : scalar(draft.constant(pad.inputs[2]));
  const isNeutral = neutral === 0 ? value === 0 : value !== undefined && value <= neutral;
  const isPlain = (stringOf(pad, "mode") ?? "constant") === "constant" && pad.inputs.length <= 3;
  if (pad.op !== "Pad" || amounts?.data.length !== 8 || !isNeutral || !isPlain) {
    return undefined;
  }
  const listed = numbersOf(amounts);
  const [n0, c0, top = 0, left = 0] = perm.map((axis) => listed[axis] ?? 0);
  const [n1, c1, bottom = 0, right = 0] = perm.map((axis) => listed[axis + 4] ?? 0);
  const spatial = [top, left, bottom, right];
  const isElsewhere = [n0, c0, n1, c1].some((amount) => amount !== 0);
  return isElsewhere || spatial.some((amount) => amount < 0) ? undefined : spatial;
}

/** An addition of one number per channel after a convolution becomes its bias. */
export const foldBias: Rule = (draft, node) => {
  if (node.op !== "Add") {
    return false;
  }
  for (const [side, other] of [
    [0, 1],
    [1, 0],
  ] as const) {
    const conv = draft.producer(node.inputs[side]);
    const added = draft.constant(node.inputs[other]);
    const bias = conv && added && biasWith(draft, conv, added);
    if (conv !== undefined && bias !== undefined) {
      const inputs = [...conv.inputs.slice(0, 2), draft.addConstant(`${conv.name}/bias`, bias)];
      draft.replace(node, { ...conv, inputs, outputs: node.outputs });
      return true;
    }
  }
  return false;
};

function biasWith(draft: Draft, conv: Node, added: Tensor): Tensor | undefined {
  const channels = draft.constant(conv.inputs[1])?.dims[0];
  const [output = ""] = conv.outputs;
  if (conv.op !== "Conv" || channels === undefined || !draft.isPrivate(output)) {
    return undefined;
  }
  const old = conv.inputs[2] === undefined ? undefined : draft.constant(conv.inputs[2]);
  const isPerChannel = added.data.length === channels && added.dims.at(-3) === channels;
  if ((conv.inputs[2] !== undefined && old === undefined) || !(isPerChannel || isScalar(added))) {
    return undefined;
  }
  const amounts = numbersOf(added);
  const before = old === undefined ? [] : numbersOf(old);
  const sum = Array.from(
    { length: channels },
    (_, index) => (before[index] ?? 0) + (amounts[amounts.length === 1 ? 0 : index] ?? 0),
  );
  return float32([channels], sum);
}

function isScalar({ dims, data }: Tensor): boolean {
  return data.length === 1 && dims.length <= 4;
}

function scalar(tensor: Tensor | undefined): number | undefined {
  return tensor?.data.length === 1 ? numbersOf(tensor)[0] : undefined;
}
