/** Dense tensors: the constants of a graph, in row-major order. */
import { PermanentError } from "../../protocol/index.ts";

/** Element types with the number the ONNX schema gives them, and the array that holds them. */
export const TENSOR_TYPES = {
  float32: { code: 1, array: Float32Array },
  uint8: { code: 2, array: Uint8Array },
  int8: { code: 3, array: Int8Array },
  uint16: { code: 4, array: Uint16Array },
  int16: { code: 5, array: Int16Array },
  int32: { code: 6, array: Int32Array },
  int64: { code: 7, array: BigInt64Array },
  bool: { code: 9, array: Uint8Array },
  /** Bit patterns of IEEE half floats. */
  float16: { code: 10, array: Uint16Array },
  float64: { code: 11, array: Float64Array },
  uint32: { code: 12, array: Uint32Array },
  uint64: { code: 13, array: BigUint64Array },
} as const;

export type TensorType = keyof typeof TENSOR_TYPES;
export type TensorData = InstanceType<(typeof TENSOR_TYPES)[TensorType]["array"]>;

export interface Tensor {
  readonly type: TensorType;
  readonly dims: readonly number[];
  readonly data: TensorData;
}

export function sizeOf(dims: readonly number[]): number {
  return dims.reduce((size, dim) => size * dim, 1);
}

export function float32(dims: readonly number[], values: Iterable<number>): Tensor {
  return checked({ type: "float32", dims, data: Float32Array.from(values) });
}

export function int32(dims: readonly number[], values: Iterable<number>): Tensor {
  return checked({ type: "int32", dims, data: Int32Array.from(values) });
}

/** A list of integers as a one-dimensional int64 tensor, as ONNX takes shapes, axes and pads. */
export function int64List(values: readonly number[]): Tensor {
  return { type: "int64", dims: [values.length], data: BigInt64Array.from(values.map(BigInt)) };
}

export function int64Scalar(value: number): Tensor {
  return { type: "int64", dims: [], data: BigInt64Array.of(BigInt(value)) };
}

/** Elements as plain numbers, whatever the element type. */
export function numbersOf(tensor: Tensor): number[] {
  return Array.from(tensor.data as Iterable<number | bigint>, Number);
}

/** A tensor of `type` with the given numbers, converted as a cast would. */
export function tensorOf(type: TensorType, dims: readonly number[], values: number[]): Tensor {
  const array = TENSOR_TYPES[type].array;
  const data =
    array === BigInt64Array || array === BigUint64Array
      ? array.from(values.map((value) => BigInt(Math.trunc(value))))
      : (array as Float32ArrayConstructor).from(values);
  return checked({ type, dims, data });
}

/** Row-major strides, in elements. */
export function stridesOf(dims: readonly number[]): number[] {
  const strides = new Array<number>(dims.length).fill(1);
  for (let axis = dims.length - 2; axis >= 0; axis -= 1) {
    strides[axis] = (strides[axis + 1] ?? 1) * (dims[axis + 1] ?? 1);
  }
  return strides;
}

/** The tensor with axis `i` of the result taken from axis `perm[i]` of the source. */
export function transposed(tensor: Tensor, perm: readonly number[]): Tensor {
  const dims = perm.map((axis) => tensor.dims[axis] ?? 1);
  const sourceStrides = stridesOf(tensor.dims);
  const strides = perm.map((axis) => sourceStrides[axis] ?? 0);
  const data = tensor.data.slice() as Float32Array;
  const source = tensor.data as Float32Array;
  const index = new Array<number>(dims.length).fill(0);
  for (let at = 0, from = 0; at < data.length; at += 1) {
    data[at] = source[from] as number;
    for (let axis = dims.length - 1; axis >= 0; axis -= 1) {
      const next = (index[axis] ?? 0) + 1;
      from += strides[axis] ?? 0;
      if (next < (dims[axis] ?? 1)) {
        index[axis] = next;
        break;
      }
      index[axis] = 0;
      from -= (strides[axis] ?? 0) * next;
    }
  }
  return { type: tensor.type, dims, data: data as TensorData };
}

export function reshaped(tensor: Tensor, dims: readonly number[]): Tensor {
  return checked({ ...tensor, dims });
}

function checked(tensor: Tensor): Tensor {
  if (tensor.data.length !== sizeOf(tensor.dims)) {
    throw new PermanentError("MODEL_INVALID", "A tensor has the wrong number of elements", {
      expected: `${String(sizeOf(tensor.dims))} for [${tensor.dims.join(", ")}]`,
      got: String(tensor.data.length),
    });
  }
  return tensor;
}
