/**
 * What a translator of one operator sees: the node, its inputs as values or constants, and a way to
 * emit ONNX nodes. Pictures keep TensorFlow's layout (NHWC) between operators; an operator that
 * ONNX knows in NCHW only stands between two transposes, which a later pass folds away.
 */
import { PermanentError } from "../../protocol/index.ts";
import {
  type Attributes,
  int64List,
  ints,
  type Node,
  numbersOf,
  type Tensor,
  type TensorType,
  int,
  TENSOR_TYPES,
} from "../onnx/index.ts";
import { type TfAttribute, typeOf } from "./attributes.ts";
import type { TfNode } from "./tf-graph.ts";

/** Gives the names of the ONNX values that stand for the node's outputs. */
export type Translator = (t: Translation) => readonly string[];

/** What translation has gathered so far. */
export interface Sink {
  readonly nodes: Node[];
  readonly constants: Map<string, Tensor>;
  /** TensorFlow's `node:index` to a value or a constant. */
  readonly values: Map<string, string>;
  readonly folded: Map<string, Tensor>;
}

export const NHWC_TO_NCHW = [0, 3, 1, 2] as const;
export const NCHW_TO_NHWC = [0, 2, 3, 1] as const;

export class Translation {
  readonly node: TfNode;
  readonly #sink: Sink;
  readonly #where: string;
  #emitted = 0;

  constructor(node: TfNode, sink: Sink, where: string) {
    this.node = node;
    this.#sink = sink;
    this.#where = where;
  }

  get inputCount(): number {
    return this.node.inputs.length;
  }

  attribute(name: string): TfAttribute | undefined {
    return this.node.attributes[name];
  }

  int(name: string, fallback: number): number {
    return this.attribute(name)?.i ?? fallback;
  }

  float(name: string, fallback: number): number {
    return this.attribute(name)?.f ?? fallback;
  }

  flag(name: string): boolean {
    return this.attribute(name)?.b ?? false;
  }

  text(name: string, fallback: string): string {
    return this.attribute(name)?.s ?? fallback;
  }

  ints(name: string): readonly number[] {
    return this.attribute(name)?.list?.i ?? [];
  }

  texts(name: string): readonly string[] {
    return this.attribute(name)?.list?.s ?? [];
  }

  /** Element type in attribute `name`; float32 where TensorFlow.js wrote none. */
  type(name: string): "float32" | "int32" | "bool" {
    return typeOf(this.attribute(name)) ?? "float32";
  }

  /** The name of input `index` as a value; a constant becomes one when it is first asked for. */
  input(index: number): string {
    const source = this.#source(index);
    const known = this.#sink.values.get(source);
    if (known !== undefined) {
      return known;
    }
    const constant = this.#sink.folded.get(source);
    if (constant === undefined) {
      throw this.unsupported(`input ${String(index)} (${source}) has no value`);
    }
    this.#sink.constants.set(source, constant);
    this.#sink.values.set(source, source);
    return source;
  }

  inputs(): string[] {
    return this.node.inputs.map((_, index) => this.input(index));
  }

  /** The constant at input `index`, or undefined when it is known at run time only. */
  constant(index: number): Tensor | undefined {
    const source = this.node.inputs[index];
    return source === undefined ? undefined : this.#sink.folded.get(source);
  }

  required(index: number, what: string): Tensor {
    const constant = this.constant(index);
    if (constant === undefined) {
      throw this.unsupported(`${what} (input ${String(index)}) is not constant`);
    }
    return constant;
  }

  requiredNumbers(index: number, what: string): number[] {
    return numbersOf(this.required(index, what));
  }

  /** Input `index` as int64, as ONNX takes shapes and indices. */
  asInt64(index: number): string {
    const constant = this.constant(index);
    if (constant === undefined) {
      return this.cast(this.input(index), "int64");
    }
    return this.add({ ...int64List(numbersOf(constant)), dims: constant.dims });
  }

  cast(value: string, type: TensorType): string {
    return this.emit("Cast", [value], { to: int(TENSOR_TYPES[type].code) });
  }

  add(tensor: Tensor): string {
    const name = this.#fresh("const");
    this.#sink.constants.set(name, tensor);
    return name;
  }

  emit(op: string, inputs: readonly string[], attributes: Attributes = {}): string {
    return this.emitAll(op, inputs, attributes, 1)[0] as string;
  }

  emitAll(op: string, inputs: readonly string[], attributes: Attributes, count: number): string[] {
    const name = this.#fresh(op);
    const outputs = Array.from({ length: count }, (_, index) =>
      index === 0 ? name : `${name}:${String(index)}`,
    );
    this.#sink.nodes.push({ op, domain: "", name, inputs, outputs, attributes });
    return outputs;
  }

  transpose(value: string, perm: readonly number[]): string {
    return this.emit("Transpose", [value], { perm: ints(perm) });
  }

  /** Runs `inner` on the picture at `value` in NCHW, and gives its result back in NHWC. */
  inChannelsFirst(value: string, inner: (value: string) => string): string {
    return this.transpose(inner(this.transpose(value, NHWC_TO_NCHW)), NCHW_TO_NHWC);
  }

  unsupported(reason: string): PermanentError {
    return new PermanentError(
      "OPERATOR_UNSUPPORTED",
      `Operator ${this.node.op} of node ${this.node.name} cannot be translated: ${reason}`,
      { where: this.#where, got: this.node.op },
    );
  }

  #source(index: number): string {
    const source = this.node.inputs[index];
    if (source === undefined) {
      throw this.unsupported(`input ${String(index)} is missing`);
    }
    return source;
  }

  #fresh(kind: string): string {
    this.#emitted += 1;
    return `${this.node.name}/${kind}${this.#emitted === 1 ? "" : `_${String(this.#emitted)}`}`;
  }
}
