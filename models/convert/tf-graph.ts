/** A TensorFlow.js graph model: `model.json` and its weights, read into plain data. */
import { z } from "zod";
import { fromZodError, PermanentError } from "../../protocol/index.ts";
import { sizeOf, type Tensor, TENSOR_TYPES, type TensorType } from "../onnx/index.ts";
import { type TfAttributes, tfAttributeSchema } from "./attributes.ts";
import { halfToFloat } from "./half.ts";

const quantizationSchema = z.object({
  dtype: z.enum(["float16", "uint8", "uint16"]),
  scale: z.number().optional(),
  min: z.number().optional(),
});
const weightSchema = z.object({
  name: z.string(),
  shape: z.array(z.number().int().nonnegative()),
  dtype: z.enum(["float32", "int32", "bool", "uint8"]),
  quantization: quantizationSchema.optional(),
});
type Weight = z.infer<typeof weightSchema>;

const nodeSchema = z.object({
  name: z.string(),
  op: z.string(),
  input: z.array(z.string()).default([]),
  attr: z.record(z.string(), tfAttributeSchema).default({}),
});
const signatureSchema = z.record(z.string(), z.object({ name: z.string() }));
const modelSchema = z.object({
  format: z.literal("graph-model"),
  signature: z
    .object({ inputs: signatureSchema.optional(), outputs: signatureSchema.optional() })
    .optional(),
  modelTopology: z.object({
    node: z.array(nodeSchema).min(1),
    library: z.object({ function: z.array(z.unknown()).optional() }).optional(),
  }),
  weightsManifest: z.array(
    z.object({ paths: z.array(z.string()).min(1), weights: z.array(weightSchema) }),
  ),
});

export interface TfNode {
  readonly name: string;
  readonly op: string;
  /** Data inputs as `node:index`; control inputs are left out. */
  readonly inputs: readonly string[];
  readonly attributes: TfAttributes;
}

export interface TfGraph {
  /** Producers before consumers. */
  readonly nodes: readonly TfNode[];
  readonly weights: ReadonlyMap<string, Tensor>;
  /** `node:index` in the order of the signature, or of every node nobody consumes. */
  readonly outputs: readonly string[];
}

/**
 * @param readWeights gives the bytes of one file of the weights' manifest.
 * @throws PermanentError MODEL_INVALID
 */
export async function readTfGraph(
  json: unknown,
  readWeights: (path: string) => Promise<Uint8Array>,
  where: string,
): Promise<TfGraph> {
  const parsed = modelSchema.safeParse(json, { reportInput: true });
  if (!parsed.success) {
    throw fromZodError("MODEL_INVALID", "The TensorFlow.js graph model", parsed.error, where);
  }
  const { modelTopology, weightsManifest, signature } = parsed.data;
  const weights = new Map<string, Tensor>();
  for (const group of weightsManifest) {
    const files = await Promise.all(group.paths.map(readWeights));
    readGroup(Buffer.concat(files), group.weights, weights, where);
  }
  const nodes = inOrder(modelTopology.node.map(nodeOf), where);
  const declared = Object.values(signature?.outputs ?? {}).map(({ name }) => withIndex(name));
  return { nodes, weights, outputs: declared.length > 0 ? declared : openEnds(nodes) };
}

export function withIndex(name: string): string {
  return /:\d+$/.test(name) ? name : `${name}:0`;
}

export function nodeNameOf(valueName: string): string {
  return valueName.replace(/:\d+$/, "");
}

function nodeOf({ name, op, input, attr }: z.infer<typeof nodeSchema>): TfNode {
  const inputs = input.filter((it) => !it.startsWith("^")).map(withIndex);
  return { name, op, inputs, attributes: attr };
}

function readGroup(
  bytes: Buffer,
  weights: readonly Weight[],
  into: Map<string, Tensor>,
  where: string,
): void {
  let offset = 0;
  for (const weight of weights) {
    const stored = weight.quantization?.dtype ?? weight.dtype;
    const array = TENSOR_TYPES[stored].array;
    const end = offset + sizeOf(weight.shape) * array.BYTES_PER_ELEMENT;
    if (end > bytes.length) {
      throw new PermanentError("MODEL_INVALID", "The file of weights is too short", {
        where: `${where}: ${weight.name}`,
        expected: `at least ${String(end)} bytes`,
        got: String(bytes.length),
      });
    }
    // A copy, because a weight inside the file need not be aligned to its element size.
    const raw = Uint8Array.prototype.slice.call(bytes, offset, end);
    const values = new array(raw.buffer, 0, sizeOf(weight.shape)) as Float32Array<ArrayBuffer>;
    into.set(weight.name, dequantized(weight, values));
    offset = end;
  }
  if (offset !== bytes.length) {
    throw new PermanentError("MODEL_INVALID", "The file of weights is too long", {
      where,
      expected: `${String(offset)} bytes`,
      got: String(bytes.length),
    });
  }
}

function dequantized(weight: Weight, values: Float32Array<ArrayBuffer>): Tensor {
  const { quantization, dtype, shape } = weight;
  // TensorFlow.js holds bytes as int32.
  const type: TensorType = dtype === "uint8" ? "int32" : dtype;
  const array = TENSOR_TYPES[type].array as Float32ArrayConstructor;
  if (quantization === undefined) {
    return { type, dims: shape, data: type === dtype ? values : array.from(values) };
  }
  if (quantization.dtype === "float16") {
    return { type, dims: shape, data: array.from(values, halfToFloat) };
  }
  const { scale = 1, min = 0 } = quantization;
  const restore = (value: number): number => value * scale + min;
  const data = array.from(values, type === "int32" ? (it) => Math.round(restore(it)) : restore);
  return { type, dims: shape, data };
}

/** Depth-first, so that the order depends on the file alone. */
function inOrder(nodes: readonly TfNode[], where: string): TfNode[] {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const state = new Map<string, "open" | "done">();
  const ordered: TfNode[] = [];
  const visit = (root: TfNode): void => {
    const stack: { node: TfNode; next: number }[] = [{ node: root, next: 0 }];
    state.set(root.name, "open");
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const input = top.node.inputs[top.next++];
      if (input === undefined) {
        state.set(top.node.name, "done");
        ordered.push(top.node);
        stack.pop();
        continue;
      }
      const producer = byName.get(nodeNameOf(input));
      if (producer === undefined) {
        throw new PermanentError("MODEL_INVALID", "The graph has an unknown input", {
          where: `${where}: node ${top.node.name}`,
          got: input,
        });
      }
      if (state.get(producer.name) === "open") {
        const reason = `Operator ${producer.op} of node ${producer.name} closes a loop`;
        throw new PermanentError("OPERATOR_UNSUPPORTED", reason, { where, got: producer.op });
      }
      if (!state.has(producer.name)) {
        state.set(producer.name, "open");
        stack.push({ node: producer, next: 0 });
      }
    }
  };
  for (const node of nodes) {
    if (!state.has(node.name)) {
      visit(node);
    }
  }
  return ordered;
}

/** Operators nobody runs a model for. */
const NO_RESULT = new Set(["Const", "NoOp"]);

function openEnds(nodes: readonly TfNode[]): string[] {
  const consumed = new Set(nodes.flatMap(({ inputs }) => inputs.map(nodeNameOf)));
  const isResult = ({ name, op }: TfNode): boolean => !consumed.has(name) && !NO_RESULT.has(op);
  return nodes.filter(isResult).map(({ name }) => `${name}:0`);
}
