/** Makes a network whose resizes were written for one size of input take any size. */
import { PermanentError } from "../protocol/index.ts";
import type { ManifestInput } from "./manifest.ts";
import {
  float32,
  type Graph,
  ints,
  intsOf,
  type Node,
  numbersOf,
  stringOf,
  type Tensor,
} from "./onnx/index.ts";

/** Operators that move a window over a picture. */
const WINDOWS = new Set(["Conv", "MaxPool", "AveragePool"]);

/**
 * Follows how many pixels of the input each value's cell stands for, and turns every resize to a
 * constant size into one by a factor. Halving between neighbours is their mean, an average pool.
 * @throws PermanentError MODEL_INVALID when a resize cannot be followed
 */
export function withAnySize(graph: Graph, input: ManifestInput, where: string): Graph {
  const strides = new Map<string, number>([[input.name, 1]]);
  const constants = new Map(graph.constants);
  const producers = new Map(graph.nodes.flatMap((node) => node.outputs.map((it) => [it, node])));
  const nodes = graph.nodes.map((node) => {
    const from = strides.get(node.inputs.find((it) => strides.has(it)) ?? "");
    if (from === undefined) {
      return node;
    }
    const step = WINDOWS.has(node.op) ? (intsOf(node, "strides")?.[0] ?? 1) : 1;
    const factor = graph.constants.get(node.inputs[2] ?? "")?.data.at(-2);
    if (node.op === "Resize" && factor !== undefined) {
      strides.set(node.outputs[0] ?? "", from / Number(factor)); // It takes any size already.
      return node;
    }
    const height = node.op === "Resize" ? heightOf(node, producers, graph, where) : undefined;
    const to = height === undefined ? from * step : input.height / height;
    for (const output of node.outputs) {
      strides.set(output, to);
    }
    return height === undefined ? node : byFactor(node, from / to, constants);
  });
  const kept = used(nodes, graph);
  const read = new Set(kept.flatMap(({ inputs }) => inputs));
  for (const name of [...constants.keys()]) {
    if (!read.has(name)) {
      constants.delete(name);
    }
  }
  return { ...graph, nodes: kept, constants };
}

/** Rows that a resize gives, from the constant end of its sizes. */
function heightOf(
  node: Node,
  producers: ReadonlyMap<string, Node>,
  graph: Graph,
  where: string,
): number {
  const sizes = node.inputs[3] ?? "";
  const last =
    graph.constants.get(sizes) ?? graph.constants.get(producers.get(sizes)?.inputs.at(-1) ?? "");
  const height = last === undefined ? undefined : numbersOf(last).at(-2);
  if (height === undefined) {
    throw new PermanentError("MODEL_INVALID", "The model cannot be made to take any size", {
      where: `${where}: node ${node.name}`,
      expected: "a resize to a constant size",
      got: sizes,
    });
  }
  return height;
}

function byFactor(node: Node, factor: number, constants: Map<string, Tensor>): Node {
  const [picture = ""] = node.inputs;
  const isMean =
    factor === 0.5 &&
    stringOf(node, "mode") === "linear" &&
    stringOf(node, "coordinate_transformation_mode") === "half_pixel";
  if (isMean) {
    const attributes = { kernel_shape: ints([2, 2]), strides: ints([2, 2]) };
    return { ...node, op: "AveragePool", inputs: [picture], attributes };
  }
  const name = `${node.name}/scales`;
  constants.set(name, float32([4], [1, 1, factor, factor]));
  return { ...node, inputs: [picture, "", name] };
}

/** The nodes that an output depends on. */
function used(nodes: readonly Node[], { outputs }: Graph): Node[] {
  const wanted = new Set(outputs.map(({ name }) => name));
  for (const node of [...nodes].reverse()) {
    if (node.outputs.some((it) => wanted.has(it))) {
      for (const name of node.inputs) {
        wanted.add(name);
      }
    }
  }
  return nodes.filter((node) => node.outputs.some((it) => wanted.has(it)));
}
