/**
 * Puts the preparation of a picture in front of a model, inside its graph: the model then takes a
 * frame as a decoder gives it, planes of bytes (I420) of any size, and the part of it to look at;
 * JavaScript never touches a pixel.
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
import { withAnySize } from "./any-size.ts";
import { type Triple, YUV_TO_RGB, yuvOf } from "./yuv.ts";

/** The frame: bytes [1, height × 3 / 2, width], the planes Y, U and V one below the other. */
export const FRAME_INPUT = "frame";
/** What to look at: int64 [top, left, bottom, right] in pixels of the frame, even numbers. */
export const REGION_INPUT = "region";
/** How large the network sees it: int64 [height, width]. Only models of any size have it. */
export const SIZE_INPUT = "size";

const NCHW_TO_NHWC = [0, 2, 3, 1];

/**
 * The way from YUV to RGB, the standard deviation and the order of colours are folded into the first
 * convolution where there is one. The mean is not: the convolution pads with zeros, which stand for
 * the mean, so a bias would be wrong along the border.
 * @throws PermanentError MODEL_INVALID when the graph has no input as the manifest says, or cannot
 * take any size though the manifest says so
 */
export function withPreprocessing(graph: Graph, input: ManifestInput, where: string): Graph {
  const tail = new Tail(checked(graph, input, where));
  const body = input.sizeStep === undefined ? graph : withAnySize(graph, input, where);
  planes(tail, input);
  const constants = new Map(body.constants);
  const nodes = normalise(tail, body, input, constants);
  if (input.layout === "nhwc") {
    tail.append("Transpose", [tail.end], { perm: ints(NCHW_TO_NHWC) });
  }
  for (const [name, tensor] of tail.constants) {
    constants.set(name, tensor);
  }
  return {
    ...body,
    nodes: [...tail.finish(input.name), ...nodes],
    constants,
    inputs: [
      { name: FRAME_INPUT, tensor: { type: "uint8", dims: [1, "rows", "width"] } },
      { name: REGION_INPUT, tensor: { type: "int64", dims: [4] } },
      ...(input.sizeStep === undefined
        ? []
        : [{ name: SIZE_INPUT, tensor: { type: "int64", dims: [2] } } as const]),
    ],
  };
}

/** A chain of nodes that grows at its end. */
class Tail {
  readonly constants = new Map<string, Tensor>();
  readonly opset: number;
  end: string = FRAME_INPUT;
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

/**
 * Cuts the region out of the planes while a pixel is one byte, then floats, then the resize, which
 * rounds nowhere. The end is [1, 3, height, width] in YUV.
 */
function planes(tail: Tail, input: ManifestInput): void {
  const { starts, ends } = corners(tail, REGION_INPUT);
  const sizes = fittedSize(tail, tail.append("Sub", [ends, starts]), input);
  const picture = unsqueezed(tail, FRAME_INPUT);
  const luma = cut(tail, picture, starts, ends);
  const two = tail.constant("two", int64List([2]));
  const half = corners(tail, tail.append("Div", [REGION_INPUT, two]));
  const chroma = cut(tail, chromaOf(tail), half.starts, half.ends);
  const resized = [
    { plane: luma, channels: 1, padding: yuvOf([input.padding, input.padding, input.padding])[0] },
    { plane: chroma, channels: 2, padding: yuvOf([0, 0, 0])[1] },
  ].map(({ plane, channels, padding }) => {
    tail.append("Cast", [plane], { to: int(TENSOR_TYPES.float32.code) });
    resize(tail, sizes, channels, input);
    return input.resize === "letterbox" ? padded(tail, sizes, padding, channels) : tail.end;
  });
  tail.append("Concat", resized, { axis: int(1) });
}

interface Sizes {
  /** Names of int64 lists of height and width: of the resized picture, and of the whole input. */
  readonly fitted: string;
  readonly target: string;
}

function corners(tail: Tail, region: string): { readonly starts: string; readonly ends: string } {
  const at = [0, 2, 4].map((it) => tail.constant(`at_${String(it)}`, int64List([it])));
  const [zero = "", two = "", four = ""] = at;
  return {
    starts: tail.append("Slice", [region, zero, two]),
    ends: tail.append("Slice", [region, two, four]),
  };
}

function cut(tail: Tail, value: string, starts: string, ends: string): string {
  return tail.append("Slice", [value, starts, ends, tail.constant("sides", int64List([2, 3]))]);
}

function unsqueezed(tail: Tail, value: string): string {
  // Before operator set 13 the axes were an attribute.
  return tail.opset >= 13
    ? tail.append("Unsqueeze", [value, tail.constant("axis", int64List([1]))])
    : tail.append("Unsqueeze", [value], { axes: ints([1]) });
}

/** U and V, which lie one after the other below Y, as [1, 2, height / 2, width / 2]. */
function chromaOf(tail: Tail): string {
  const [one = "", two = "", three = ""] = [1, 2, 3].map((it) =>
    tail.constant(`number_${String(it)}`, int64List([it])),
  );
  const shape = tail.append("Shape", [FRAME_INPUT]);
  const rows = tail.append("Div", [tail.append("Slice", [shape, one, two]), three]);
  const columns = tail.append("Div", [tail.append("Slice", [shape, two, three]), two]);
  const height = tail.append("Mul", [rows, two]);
  const end = tail.append("Mul", [rows, three]);
  const bytes = tail.append("Slice", [FRAME_INPUT, height, end, one]);
  const head = tail.constant("chroma", int64List([1, 2]));
  const target = tail.append("Concat", [head, rows, columns], { axis: int(0) });
  return tail.append("Reshape", [bytes, target]);
}

function resize(tail: Tail, { fitted }: Sizes, channels: number, input: ManifestInput): void {
  const picture = tail.end;
  const head = tail.constant(`head_${String(channels)}`, int64List([1, channels]));
  const sizes = tail.append("Concat", [head, fitted], { axis: int(0) });
  // Before operator set 13 the unused inputs had to be empty tensors.
  const none = tail.opset >= 13 ? "" : tail.constant("none", float32([0], []));
  tail.append("Resize", [picture, none, none, sizes], {
    mode: string("linear"),
    coordinate_transformation_mode: string("half_pixel"),
    ...(input.antialias ? { antialias: int(1) } : {}),
  });
}

/** Fills the rest of the input right and below with the number. */
function padded(tail: Tail, { fitted, target }: Sizes, padding: number, channels: number): string {
  const resized = tail.end;
  const missing = tail.append("Sub", [target, fitted]);
  const start = tail.constant("start", int64List([0, 0, 0, 0, 0, 0]));
  const pads = tail.append("Concat", [start, missing], { axis: int(0) });
  const value = tail.constant(`padding_${String(channels)}`, float32([], [padding]));
  return tail.append("Pad", [resized, pads, value]);
}

/** The region scaled to fit the input, cut to whole pixels. */
function fittedSize(tail: Tail, extent: string, input: ManifestInput): Sizes {
  const { width, height, sizeStep } = input;
  const target =
    sizeStep === undefined ? tail.constant("size", int64List([height, width])) : SIZE_INPUT;
  if (input.resize === "stretch") {
    return { fitted: target, target };
  }
  const toFloat = { to: int(TENSOR_TYPES.float32.code) };
  const real = tail.append("Cast", [extent], toFloat);
  const wanted = tail.append("Cast", [target], toFloat);
  const scales = tail.append("Div", [wanted, real]);
  const scale = tail.append("ReduceMin", [scales], { keepdims: int(1) });
  // The share of a pixel keeps a product that is whole from falling below it by rounding.
  const product = tail.append("Mul", [real, scale]);
  const nudged = tail.append("Add", [product, tail.constant("nudge", float32([], [1e-3]))]);
  return {
    fitted: tail.append("Cast", [nudged], { to: int(TENSOR_TYPES.int64.code) }),
    target,
  };
}

/** Appends what normalisation is left, and gives the model's nodes with the rest folded in. */
function normalise(
  tail: Tail,
  graph: Graph,
  input: ManifestInput,
  constants: Map<string, Tensor>,
): readonly Node[] {
  const [x, y, z] = input.mean;
  const mean = yuvOf(input.colour === "bgr" ? [z, y, x] : [x, y, z]);
  tail.append("Sub", [tail.end, tail.constant("mean", float32([1, 3, 1, 1], mean))]);
  const conv = firstConv(graph, input);
  if (conv === undefined) {
    const unit = float32([3, 3, 1, 1], [1, 0, 0, 0, 1, 0, 0, 0, 1]);
    tail.append("Conv", [tail.end, tail.constant("colours", foldedWeights(unit, input))]);
    return graph.nodes;
  }
  const name = `preprocess/${conv.name}/weights`;
  constants.set(name, foldedWeights(conv.weights, input));
  const old = conv.node.inputs[1] ?? "";
  if (!graph.nodes.some((node) => node !== conv.node && node.inputs.includes(old))) {
    constants.delete(old);
  }
  return graph.nodes.map((node) =>
    node === conv.node ? { ...node, inputs: node.inputs.with(1, name) } : node,
  );
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

/** [outputs, 3, height, width]: divided by the deviation, and made to take YUV. */
function foldedWeights(weights: Tensor, input: ManifestInput): Tensor {
  const area = sizeOf(weights.dims.slice(2));
  const values = numbersOf(weights);
  const rows: readonly Triple[] = input.colour === "bgr" ? [...YUV_TO_RGB].reverse() : YUV_TO_RGB;
  const folded = values.map((_, index) => {
    const plane = Math.floor(index / area) % 3;
    const first = index - plane * area;
    return rows.reduce((sum, row, channel) => {
      const weight = values[first + channel * area] ?? 0;
      return sum + (weight * (row[plane] ?? 0)) / (input.std[channel] ?? 1);
    }, 0);
  });
  return float32(weights.dims, folded);
}
