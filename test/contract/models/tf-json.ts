/** Writes small TensorFlow.js graph models by hand. */
import { type Tensor, TENSOR_TYPES } from "../../../models/onnx/index.ts";
import type { TfModelFiles, TfModelJson } from "./oracle.ts";

export type Attribute = object;

export const i = (value: number): Attribute => ({ i: String(value) });
export const f = (value: number): Attribute => ({ f: value });
export const b = (value: boolean): Attribute => ({ b: value });
export const s = (value: string): Attribute => ({ s: Buffer.from(value).toString("base64") });
export const is = (...values: number[]): Attribute => ({ list: { i: values.map(String) } });
export const ss = (...values: string[]): Attribute => ({
  list: { s: values.map((value) => Buffer.from(value).toString("base64")) },
});
export const type = (name: "DT_FLOAT" | "DT_INT32" | "DT_BOOL"): Attribute => ({ type: name });

const DTYPES = { float32: "DT_FLOAT", int32: "DT_INT32", bool: "DT_BOOL" } as const;

/** An input fed at run time, or a constant of the model. */
export type Operand =
  | { readonly kind: "fed"; readonly tensor: Tensor }
  | { readonly kind: "constant"; readonly tensor: Tensor };

export const fed = (tensor: Tensor): Operand => ({ kind: "fed", tensor });
export const constant = (tensor: Tensor): Operand => ({ kind: "constant", tensor });

export interface NodeJson {
  readonly name: string;
  readonly op: string;
  readonly input?: readonly string[];
  readonly attr?: Readonly<Record<string, Attribute>>;
}

export interface SmallModel extends TfModelFiles {
  readonly inputs: Readonly<Record<string, Tensor>>;
}

/** One node `node` with operands `x0`, `x1`, … */
export function modelOf(
  op: string,
  operands: readonly Operand[],
  attr: Readonly<Record<string, Attribute>> = {},
): SmallModel {
  const input = operands.map((_, index) => `x${String(index)}`);
  const first = operands[0]?.tensor.type as keyof typeof DTYPES | undefined;
  const typed = first === undefined || "T" in attr ? attr : { T: type(DTYPES[first]), ...attr };
  return graphOf(Object.fromEntries(operands.map((it, n) => [`x${String(n)}`, it])), [
    { name: "node", op, input, attr: typed },
  ]);
}

export function graphOf(
  operands: Readonly<Record<string, Operand>>,
  nodes: readonly NodeJson[],
): SmallModel {
  const entries = Object.entries(operands);
  const constants = entries.filter(([, { kind }]) => kind === "constant");
  const json = {
    format: "graph-model",
    modelTopology: {
      node: [...entries.map(([name, operand]) => operandNode(name, operand)), ...nodes],
      versions: {},
    },
    weightsManifest: [
      {
        paths: ["weights.bin"],
        weights: constants.map(([name, { tensor }]) => ({
          name,
          shape: tensor.dims,
          dtype: tensor.type,
        })),
      },
    ],
  } satisfies TfModelJson & { readonly format: string };
  const fedEntries = entries.filter(([, { kind }]) => kind === "fed");
  return {
    json,
    weights: Buffer.concat(constants.map(([, { tensor }]) => bytesOf(tensor))),
    inputs: Object.fromEntries(fedEntries.map(([name, { tensor }]) => [name, tensor])),
  };
}

function operandNode(name: string, { kind, tensor }: Operand): NodeJson {
  const dtype = type(DTYPES[tensor.type as keyof typeof DTYPES]);
  const dim = tensor.dims.map((size) => ({ size: String(size) }));
  return kind === "fed"
    ? { name, op: "Placeholder", attr: { dtype, shape: { shape: { dim } } } }
    : { name, op: "Const", attr: { dtype } };
}

function bytesOf({ type: name, data }: Tensor): Uint8Array {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return name in TENSOR_TYPES ? bytes : new Uint8Array();
}
