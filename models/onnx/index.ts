export {
  type Attribute,
  type Attributes,
  float,
  type Graph,
  int,
  intOf,
  ints,
  intsOf,
  type Node,
  string,
  stringOf,
  type Value,
} from "./graph.ts";
export { readOnnx } from "./read.ts";
export {
  float32,
  int32,
  int64List,
  int64Scalar,
  numbersOf,
  reshaped,
  sizeOf,
  stridesOf,
  TENSOR_TYPES,
  type Tensor,
  type TensorData,
  tensorOf,
  type TensorType,
  transposed,
} from "./tensor.ts";
export { writeOnnx } from "./write.ts";
