/**
 * An ONNX model as plain data, for translation and surgery. Values are named; a name is produced
 * once, by a node, a constant or an input.
 */
import type { Tensor, TensorType } from "./tensor.ts";

export type Attribute =
  | { readonly kind: "int"; readonly value: number }
  | { readonly kind: "float"; readonly value: number }
  | { readonly kind: "string"; readonly value: string }
  | { readonly kind: "ints"; readonly value: readonly number[] }
  | { readonly kind: "floats"; readonly value: readonly number[] }
  | { readonly kind: "tensor"; readonly value: Tensor }
  /** Subgraphs and other rarities, carried through untouched as their protobuf object. */
  | { readonly kind: "opaque"; readonly value: object };

export type Attributes = Readonly<Record<string, Attribute>>;

export interface Node {
  readonly op: string;
  /** Empty for ONNX's own operators. */
  readonly domain: string;
  readonly name: string;
  /** Empty strings stand for optional inputs left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Attributes;
}

export interface Value {
  readonly name: string;
  /** Left out where the runtime works type and shape out for itself, which outputs allow. */
  readonly tensor?: {
    readonly type: TensorType;
    /** A number, or a name for a dimension known at run time only. */
    readonly dims: readonly (number | string)[];
  };
}

export interface Graph {
  readonly name: string;
  /** In an order in which every node comes after its producers. */
  readonly nodes: readonly Node[];
  readonly constants: ReadonlyMap<string, Tensor>;
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  /** Operator-set version per domain; "" is ONNX's own. */
  readonly opsets: Readonly<Record<string, number>>;
}

export const int = (value: number): Attribute => ({ kind: "int", value });
export const float = (value: number): Attribute => ({ kind: "float", value });
export const string = (value: string): Attribute => ({ kind: "string", value });
export const ints = (value: readonly number[]): Attribute => ({ kind: "ints", value });

/** The list of integers in attribute `name`, or undefined when it is absent or of another kind. */
export function intsOf(node: Node, name: string): readonly number[] | undefined {
  const attribute = node.attributes[name];
  return attribute?.kind === "ints" ? attribute.value : undefined;
}

export function intOf(node: Node, name: string): number | undefined {
  const attribute = node.attributes[name];
  return attribute?.kind === "int" ? attribute.value : undefined;
}

export function stringOf(node: Node, name: string): string | undefined {
  const attribute = node.attributes[name];
  return attribute?.kind === "string" ? attribute.value : undefined;
}
