/** Translates a TensorFlow.js graph into an ONNX graph, node by node, by the table of operators. */
import { PermanentError } from "../../protocol/index.ts";
import type { Graph, Tensor, Value } from "../onnx/index.ts";
import { typeOf } from "./attributes.ts";
import { folded } from "./fold.ts";
import { OPERATORS } from "./operators/index.ts";
import { nodeNameOf, type TfGraph, type TfNode } from "./tf-graph.ts";
import { type Sink, Translation } from "./translation.ts";

/** The operator set the translators speak. */
export const OPSET = 18;

/**
 * The graph still stands in TensorFlow's layout with transposes around pictures; see `optimise`.
 * Outputs carry the name of their TensorFlow node.
 * @throws PermanentError OPERATOR_UNSUPPORTED naming node and operator.
 */
export function translate(tf: TfGraph, name: string): Graph {
  const sink: Sink = { nodes: [], constants: new Map(), values: new Map(), folded: new Map() };
  const inputs: Value[] = [];
  for (const node of needed(tf)) {
    if (node.op === "Placeholder" || node.op === "PlaceholderWithDefault") {
      inputs.push(placeholder(node));
      sink.values.set(`${node.name}:0`, node.name);
    } else if (node.op !== "NoOp") {
      translateNode(node, tf, sink, name);
    }
  }
  const outputs = tf.outputs.map((output) => exposed(output, sink, name));
  return {
    name,
    nodes: sink.nodes,
    constants: sink.constants,
    inputs,
    outputs,
    opsets: { "": OPSET },
  };
}

function translateNode(node: TfNode, tf: TfGraph, sink: Sink, where: string): void {
  const constant = constantOf(node, tf, sink);
  if (constant !== undefined) {
    sink.folded.set(`${node.name}:0`, constant);
    return;
  }
  const translator = OPERATORS[node.op];
  if (translator === undefined) {
    throw new PermanentError(
      "OPERATOR_UNSUPPORTED",
      `Operator ${node.op} of node ${node.name} is not known to the converter`,
      { where, got: node.op, expected: "an operator of models/convert/operators" },
    );
  }
  const outputs = translator(new Translation(node, sink, where));
  for (const [index, output] of outputs.entries()) {
    sink.values.set(`${node.name}:${String(index)}`, output);
  }
}

function constantOf(node: TfNode, tf: TfGraph, sink: Sink): Tensor | undefined {
  if (node.op !== "Const") {
    return folded(
      node,
      node.inputs.map((input) => sink.folded.get(input)),
    );
  }
  const weight = tf.weights.get(node.name);
  if (weight === undefined) {
    throw new PermanentError("MODEL_INVALID", `Constant ${node.name} has no weights`, {
      expected: "an entry in weightsManifest",
    });
  }
  return weight;
}

/** Nodes that an output depends on, and every input: a caller relies on those. */
function needed(tf: TfGraph): TfNode[] {
  const wanted = new Set(tf.outputs.map(nodeNameOf));
  for (const node of [...tf.nodes].reverse()) {
    if (wanted.has(node.name)) {
      for (const input of node.inputs) {
        wanted.add(nodeNameOf(input));
      }
    }
  }
  return tf.nodes.filter(({ name, op }) => wanted.has(name) || op === "Placeholder");
}

function placeholder(node: TfNode): Value {
  const shape = node.attributes["shape"]?.shape;
  const dims = (shape?.dim ?? []).map(({ size }, axis) =>
    size > 0 ? size : `${node.name}_${String(axis)}`,
  );
  return { name: node.name, tensor: { type: typeOf(node.attributes["dtype"]) ?? "float32", dims } };
}

function exposed(output: string, sink: Sink, where: string): Value {
  const name = output.endsWith(":0") ? nodeNameOf(output) : output;
  const constant = sink.folded.get(output);
  const source = sink.values.get(output) ?? (constant === undefined ? undefined : output);
  if (source === undefined) {
    throw new PermanentError("MODEL_INVALID", `Output ${output} is produced by no node`, { where });
  }
  if (constant !== undefined) {
    sink.constants.set(output, constant);
  }
  sink.nodes.push({
    op: "Identity",
    domain: "",
    name: `${name}/Output`,
    inputs: [source],
    outputs: [name],
    attributes: {},
  });
  return { name };
}
