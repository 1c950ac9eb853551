/** Reads an ONNX file into a graph. */
import { PermanentError } from "../../protocol/index.ts";
import type { Attribute, Graph, Node, Value } from "./graph.ts";
import {
  ATTRIBUTE_TYPE,
  type AttributeProto,
  type ModelProto,
  modelType,
  type NodeProto,
  type TensorProto,
  type ValueProto,
} from "./schema.ts";
import { sizeOf, TENSOR_TYPES, type Tensor, type TensorData, type TensorType } from "./tensor.ts";

const TYPE_OF_CODE = new Map<number, TensorType>(
  Object.entries(TENSOR_TYPES).map(([type, { code }]) => [code, type as TensorType]),
);

/** @throws PermanentError MODEL_INVALID when the bytes are no ONNX model, or one we cannot read. */
export function readOnnx(bytes: Uint8Array, where: string): Graph {
  const { graph, opset_import } = decode(bytes, where);
  if (graph === null || graph.node.length === 0) {
    throw invalid("The file holds no graph", "an ONNX model", where);
  }
  const constants = new Map(
    graph.initializer.map((tensor) => [tensor.name, tensorOfProto(tensor, where)]),
  );
  return {
    name: graph.name,
    nodes: graph.node.map((node) => nodeOf(node, where)),
    constants,
    // Old files list their constants among the inputs as well.
    inputs: graph.input.filter(({ name }) => !constants.has(name)).map((it) => valueOf(it, where)),
    outputs: graph.output.map((value) => valueOf(value, where)),
    opsets: Object.fromEntries(opset_import.map(({ domain, version }) => [domain, version])),
  };
}

function decode(bytes: Uint8Array, where: string): ModelProto {
  try {
    return modelType.toObject(modelType.decode(bytes), {
      longs: Number,
      arrays: true,
      defaults: true,
      oneofs: false,
    }) as ModelProto;
  } catch (cause) {
    throw new PermanentError(
      "MODEL_INVALID",
      "The file is no ONNX model",
      { where, expected: "protobuf of the ONNX schema", got: (cause as Error).message },
      cause,
    );
  }
}

function nodeOf(node: NodeProto, where: string): Node {
  return {
    op: node.op_type,
    domain: node.domain,
    name: node.name,
    inputs: node.input,
    outputs: node.output,
    attributes: Object.fromEntries(
      node.attribute.map((attribute) => [attribute.name, attributeOf(attribute, where)]),
    ),
  };
}

function attributeOf(attribute: AttributeProto, where: string): Attribute {
  switch (attribute.type) {
    case ATTRIBUTE_TYPE.int:
      return { kind: "int", value: attribute.i };
    case ATTRIBUTE_TYPE.float:
      return { kind: "float", value: attribute.f };
    case ATTRIBUTE_TYPE.string:
      return { kind: "string", value: Buffer.from(attribute.s).toString("utf8") };
    case ATTRIBUTE_TYPE.ints:
      return { kind: "ints", value: attribute.ints };
    case ATTRIBUTE_TYPE.floats:
      return { kind: "floats", value: attribute.floats };
    case ATTRIBUTE_TYPE.tensor:
      if (attribute.t !== null) {
        return { kind: "tensor", value: tensorOfProto(attribute.t, where) };
      }
      break;
  }
  return { kind: "opaque", value: attribute };
}

function tensorOfProto(proto: TensorProto, where: string): Tensor {
  const type = TYPE_OF_CODE.get(proto.data_type);
  if (type === undefined || proto.data_location !== 0) {
    const got = type === undefined ? `element type ${String(proto.data_type)}` : "external data";
    throw invalid(
      `Tensor ${proto.name} cannot be read`,
      "a numeric tensor in the file",
      where,
      got,
    );
  }
  const data = proto.raw_data.length > 0 ? fromRaw(type, proto.raw_data) : fromLists(type, proto);
  if (data.length !== sizeOf(proto.dims)) {
    throw invalid(`Tensor ${proto.name} is incomplete`, String(sizeOf(proto.dims)), where);
  }
  return { type, dims: proto.dims, data };
}

function fromRaw(type: TensorType, raw: Uint8Array): TensorData {
  const array = TENSOR_TYPES[type].array;
  // A copy, because the bytes inside the file need not be aligned (and a Buffer's slice is none).
  const copy = new Uint8Array(raw);
  return new array(copy.buffer, 0, copy.byteLength / array.BYTES_PER_ELEMENT);
}

function fromLists(type: TensorType, proto: TensorProto): TensorData {
  switch (type) {
    case "float32":
      return Float32Array.from(proto.float_data);
    case "float64":
      return Float64Array.from(proto.double_data);
    case "int64":
      return BigInt64Array.from(proto.int64_data.map(BigInt));
    case "uint64":
    case "uint32": {
      const values = proto.uint64_data;
      return type === "uint32" ? Uint32Array.from(values) : BigUint64Array.from(values.map(BigInt));
    }
    default:
      return (TENSOR_TYPES[type].array as Int32ArrayConstructor).from(proto.int32_data);
  }
}

function valueOf({ name, type }: ValueProto, where: string): Value {
  const tensor = type?.tensor_type ?? undefined;
  if (tensor === undefined) {
    return { name };
  }
  const elementType = TYPE_OF_CODE.get(tensor.elem_type);
  if (elementType === undefined) {
    throw invalid(`Input or output ${name} is no numeric tensor`, "a numeric tensor", where);
  }
  const dims = (tensor.shape?.dim ?? []).map((dim, axis) =>
    dim.dim_value !== undefined && dim.dim_value > 0
      ? dim.dim_value
      : (dim.dim_param ?? `${name}_${String(axis)}`),
  );
  return { name, tensor: { type: elementType, dims } };
}

function invalid(message: string, expected: string, where: string, got?: string): PermanentError {
  const detail = { expected, where, ...(got === undefined ? {} : { got }) };
  return new PermanentError("MODEL_INVALID", message, detail);
}
