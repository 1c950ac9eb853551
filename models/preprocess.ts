/**
 * Puts the preparation of a picture in front of a model, inside its graph: the model then takes a
 * frame as a decoder gives it, bytes [1, height, width, 3] in RGB of any size, and JavaScript never
 * touches a pixel.
 */
import { PermanentError } from "../protocol/index.ts";
import type { ManifestInput } from "./manifest.ts";
import {
  type Attributes,
  float32,
  type Graph,
  int,
  int64List,
  ints,
  type Node,
  numbersOf,
  sizeOf,
  string,
  TENSOR_TYPES,
  type Tensor,
} from "./onnx/index.ts";

/** Name of the input that a prepared model has. */
export const FRAME_INPUT = "frame";

const NHWC_TO_NCHW = [0, 3, 1, 2];
const NCHW_TO_NHWC = [0, 2, 3, 1];

/**
 * Layout first, while a pixel is three bytes; then floats, then the resize, which is the cheapest
 * order that rounds nowhere (2.8 ms for 768×576 to 416×416 on one thread, 0.4 ms for a frame of the
 * model's own size). The standard deviation and the order of colours are folded into the first
 * convolution where there is one. The mean is not: the convolution pads with zeros, which stand for
 * the mean, so a bias would be wrong along the border.
 * @throws PermanentError MODEL_INVALID when the graph has no input as the manifest says
 */
export function withPreprocessing(graph: Graph, input: ManifestInput, where: string): Graph {
  const tail = new Tail(checked(graph, input, where));
  tail.append("Transpose", [FRAME_INPUT], { perm: ints(NHWC_TO_NCHW) });
  tail.append("Cast", [tail.end], { to: int(TENSOR_TYPES.float32.code) });
  resize(tail, input);
  const constants = new Map(graph.constants);
  const nodes = normalise(tail, graph, input, constants);
  if (input.layout === "nhwc") {
    tail.append("Transpose", [tail.end], { perm: ints(NCHW_TO_NHWC) });
  }
  for (const [name, tensor] of tail.constants) {
    constants.set(name, tensor);
  }
  const frame = { type: "uint8", dims: [1, "height", "width", 3] } as const;
  return {
    ...graph,
    nodes: [...tail.finish(input.name), ...nodes],
    constants,
    inputs: [{ name: FRAME_INPUT, tensor: frame }],
  };
}

/** A chain of nodes that grows at its end. */
class Tail {
  readonly constants = new Map<string, Tensor>();
  readonly opset: number;
  end = FRAME_INPUT;
  readonly #nodes: Node[] = [];

  constructor(opset: number) {
    this.opset = opset;
  }

  append(op: string, inputs: readonly string[], attributes: Attributes = {}): string {
    const name = `preprocess/${op}_${String(this.#nodes.length)}`;
    this.#nodes.push({ op, domain: "", name, inputs, outputs: [name], attributes });
    this.end = name;
    return name;
  }

  constant(name: string, tensor: Tensor): string {
    this.constants.set(`preprocess/${name}`, tensor);
    return `preprocess/${name}`;
  }

  /** The nodes, the last of which makes the value `name`. */
  finish(name: string): readonly Node[] {
    const last = this.#nodes.at(-1);
    return last === undefined ? [] : [...this.#nodes.slice(0, -1), { ...last, outputs: [name] }];
  }
}

/** The graph's operator set, once everything surgery relies on has been looked at. */
function checked(graph: Graph, input: ManifestInput, where: string): number {
  const fail = (message: string, expected: string, got: string): PermanentError =>
    new PermanentError("MODEL_INVALID", message, { where, expected, got });
  const [first, ...others] = graph.inputs;
  if (first?.name !== input.name || others.length > 0) {
    const names = graph.inputs.map(({ name }) => name).join(", ");
    throw fail("The model's inputs differ from the manifest's", `only ${input.name}`, names);
  }
  const { width, height, layout } = input;
  const wanted = layout === "nchw" ? [1, 3, height, width] : [1, height, width, 3];
  const dims = first.tensor?.dims ?? [];
  const isRight =
    dims.length === 4 && dims.every((dim, axis) => typeof dim === "string" || dim === wanted[axis]);
  if (first.tensor?.type !== "float32" || !isRight) {
    const got = `${first.tensor?.type ?? "no type"} [${dims.join(", ")}]`;
    throw fail("The model's input has another shape", `float32 [${wanted.join(", ")}]`, got);
  }
  const opset = graph.opsets[""] ?? 0;
  const needed = input.antialias ? 18 : 11;
  if (opset < needed) {
    throw fail("The operator set is too old", `at least ${String(needed)}`, String(opset));
  }
  return opset;
}

function resize(tail: Tail, input: ManifestInput): void {
  const picture = tail.end;
  const { width, height } = input;
  const isLetterbox = input.resize === "letterbox";
  const sizes = isLetterbox
    ? letterboxSizes(tail, picture, input)
    : tail.constant("sizes", int64List([1, 3, height, width]));
  // Before operator set 13 the unused inputs had to be empty tensors.
  const none = tail.opset >= 13 ? "" : tail.constant("none", float32([0], []));
  tail.append("Resize", [picture, none, none, sizes], {
    mode: string("linear"),
    coordinate_transformation_mode: string("half_pixel"),
    ...(input.antialias ? { antialias: int(1) } : {}),
  });
  if (isLetterbox) {
    const resized = tail.end;
    const target = tail.constant("target", int64List([1, 3, height, width]));
    const missing = tail.append("Sub", [target, sizes]);
    const start = tail.constant("start", int64List([0, 0, 0, 0]));
    const pads = tail.append("Concat", [start, missing], { axis: int(0) });
    tail.append("Pad", [resized, pads, tail.constant("padding", float32([], [input.padding]))]);
  }
}

/** [1, 3, height, width] of the picture scaled to fit, cut to whole pixels. */
function letterboxSizes(tail: Tail, picture: string, input: ManifestInput): string {
  const shape = tail.append("Shape", [picture]);
  const bounds = [2, 4].map((at) => tail.constant(`bound_${String(at)}`, int64List([at])));
  const size = tail.append("Slice", [shape, ...bounds]);
  const real = tail.append("Cast", [size], { to: int(TENSOR_TYPES.float32.code) });
  const target = tail.constant("target_size", float32([2], [input.height, input.width]));
  const scales = tail.append("Div", [target, real]);
  const scale = tail.append("ReduceMin", [scales], { keepdims: int(1) });
  // The share of a pixel keeps a product that is whole from falling below it by rounding.
  const fitted = tail.append("Mul", [real, scale]);
  const nudged = tail.append("Add", [fitted, tail.constant("nudge", float32([], [1e-3]))]);
  const whole = tail.append("Cast", [nudged], { to: int(TENSOR_TYPES.int64.code) });
  const head = tail.constant("head", int64List([1, 3]));
  return tail.append("Concat", [head, whole], { axis: int(0) });
}

/** Appends what normalisation is left, and gives the model's nodes with the rest folded in. */
function normalise(
  tail: Tail,
  graph: Graph,
  input: ManifestInput,
  constants: Map<string, Tensor>,
): readonly Node[] {
  const isReversed = input.colour === "bgr";
  const isScaled = input.std.some((it) => it !== 1);
  const conv = firstConv(graph, input);
  const subtract = (mean: readonly number[]): void => {
    if (mean.some((it) => it !== 0)) {
      tail.append("Sub", [tail.end, tail.constant("mean", float32([1, 3, 1, 1], mean))]);
    }
  };
  if (conv !== undefined) {
    // From here to the convolution the channels stay in the frame's order, RGB.
    subtract(isReversed ? [...input.mean].reverse() : input.mean);
    const name = `preprocess/${conv.name}/weights`;
    constants.set(name, foldedWeights(conv.weights, input, isReversed));
    const old = conv.node.inputs[1] ?? "";
    if (!graph.nodes.some((node) => node !== conv.node && node.inputs.includes(old))) {
      constants.delete(old);
    }
    return graph.nodes.map((node) =>
      node === conv.node ? { ...node, inputs: node.inputs.with(1, name) } : node,
    );
  }
  if (isReversed) {
    const order = tail.constant("order", int64List([2, 1, 0]));
    tail.append("Gather", [tail.end, order], { axis: int(1) });
  }
  subtract(input.mean);
  if (isScaled) {
    tail.append("Div", [tail.end, tail.constant("std", float32([1, 3, 1, 1], input.std))]);
  }
  return graph.nodes;
}

interface FirstConv {
  readonly node: Node;
  readonly name: string;
  readonly weights: Tensor;
}

/** The convolution that alone uses the input, if it takes all three channels together. */
function firstConv(graph: Graph, input: ManifestInput): FirstConv | undefined {
  const users = graph.nodes.filter(({ inputs }) => inputs.includes(input.name));
  const [node] = users;
  const weights = graph.constants.get(node?.inputs[1] ?? "");
  const isFit = node?.op === "Conv" && weights?.type === "float32" && weights.dims[1] === 3;
  return users.length === 1 && input.layout === "nchw" && isFit
    ? { node, name: node.name, weights }
    : undefined;
}

/** [outputs, 3, height, width]: divided by the deviation, and reordered to take RGB. */
function foldedWeights(weights: Tensor, input: ManifestInput, isReversed: boolean): Tensor {
  const area = sizeOf(weights.dims.slice(2));
  const values = numbersOf(weights);
  const folded = values.map((_, index) => {
    const channel = Math.floor(index / area) % 3;
    const source = isReversed ? 2 - channel : channel;
    return (values[index + (source - channel) * area] ?? 0) / (input.std[source] ?? 1);
  });
  return float32(weights.dims, folded);
}
