/**
 * Evaluates operators whose inputs are all constant: shapes, axes and paddings that a graph works
 * out from constants become constants, which most translators need them to be.
 */
import { numbersOf, reshaped, sizeOf, type Tensor, tensorOf, transposed } from "../onnx/index.ts";
import { typeOf } from "./attributes.ts";
import type { TfNode } from "./tf-graph.ts";

type Folder = (inputs: readonly Tensor[], node: TfNode) => Tensor | undefined;

/** The node's single result, or undefined when it cannot be known before run time. */
export function folded(node: TfNode, inputs: readonly (Tensor | undefined)[]): Tensor | undefined {
  const folder = FOLDERS[node.op];
  const known = inputs.filter((input) => input !== undefined);
  return folder === undefined || known.length !== inputs.length ? undefined : folder(known, node);
}

/** Of equal shapes, or with one side a single element; other broadcasting is left to run time. */
const elementwise =
  (compute: (a: number, b: number) => number): Folder =>
  ([a, b]) => {
    if (a === undefined || b === undefined) {
      return undefined;
    }
    const [x, y] = [numbersOf(a), numbersOf(b)];
    const isEqual = a.dims.length === b.dims.length && a.dims.every((dim, i) => dim === b.dims[i]);
    if (!isEqual && sizeOf(a.dims) !== 1 && sizeOf(b.dims) !== 1) {
      return undefined;
    }
    const dims =
      isEqual || (b.dims.length <= a.dims.length && sizeOf(b.dims) === 1) ? a.dims : b.dims;
    const values = Array.from({ length: sizeOf(dims) }, (_, index) =>
      compute(x[x.length === 1 ? 0 : index] ?? 0, y[y.length === 1 ? 0 : index] ?? 0),
    );
    return tensorOf(a.type, dims, values);
  };

const identity: Folder = ([value]) => value;

const cast: Folder = ([value], node) =>
  value && tensorOf(typeOf(node.attributes["DstT"]) ?? value.type, value.dims, numbersOf(value));

const pack: Folder = (inputs, node) => {
  const [first] = inputs;
  if (first === undefined || (node.attributes["axis"]?.i ?? 0) !== 0) {
    return undefined;
  }
  return tensorOf(first.type, [inputs.length, ...first.dims], inputs.flatMap(numbersOf));
};

const concat: Folder = (inputs) => {
  const values = inputs.slice(0, -1);
  const [first] = values;
  if (first === undefined || values.some(({ dims }) => dims.length !== 1)) {
    return undefined;
  }
  const joined = values.flatMap(numbersOf);
  return tensorOf(first.type, [joined.length], joined);
};

const reshape: Folder = ([value, shape]) => {
  if (value === undefined || shape === undefined) {
    return undefined;
  }
  const dims = numbersOf(shape);
  const known = dims.filter((dim) => dim !== -1).reduce((size, dim) => size * dim, 1);
  return reshaped(
    value,
    dims.map((dim) => (dim === -1 ? sizeOf(value.dims) / known : dim)),
  );
};

const transpose: Folder = ([value, perm]) =>
  value === undefined || perm === undefined ? undefined : transposed(value, numbersOf(perm));

const expandDims: Folder = ([value, at]) => {
  if (value === undefined || at === undefined) {
    return undefined;
  }
  const [axis = 0] = numbersOf(at);
  const dims = [...value.dims];
  dims.splice(axis < 0 ? axis + dims.length + 1 : axis, 0, 1);
  return reshaped(value, dims);
};

const fill: Folder = ([shape, value]) => {
  if (shape === undefined || value === undefined) {
    return undefined;
  }
  const dims = numbersOf(shape);
  const [element = 0] = numbersOf(value);
  return tensorOf(value.type, dims, new Array<number>(sizeOf(dims)).fill(element));
};

const sparseToDense: Folder = ([indices, shape, values, base]) => {
  if (!indices || !shape || !values || !base || shape.data.length !== 1) {
    return undefined;
  }
  const dims = numbersOf(shape);
  const dense = new Array<number>(sizeOf(dims)).fill(numbersOf(base)[0] ?? 0);
  const elements = numbersOf(values);
  for (const [position, index] of numbersOf(indices).entries()) {
    dense[index] = elements[elements.length === 1 ? 0 : position] ?? 0;
  }
  return tensorOf(base.type, dims, dense);
};

const FOLDERS: Readonly<Record<string, Folder>> = {
  Identity: identity,
  StopGradient: identity,
  Add: elementwise((a, b) => a + b),
  AddV2: elementwise((a, b) => a + b),
  Sub: elementwise((a, b) => a - b),
  Mul: elementwise((a, b) => a * b),
  Maximum: elementwise(Math.max),
  Minimum: elementwise(Math.min),
  Cast: cast,
  Pack: pack,
  ConcatV2: concat,
  Reshape: reshape,
  Transpose: transpose,
  ExpandDims: expandDims,
  Fill: fill,
  SparseToDense: sparseToDense,
};
