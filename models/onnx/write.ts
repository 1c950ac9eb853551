/** Writes a graph as an ONNX file. The same graph gives the same bytes. */
import type { Attribute, Graph, Node, Value } from "./graph.ts";
import { ATTRIBUTE_TYPE, modelType } from "./schema.ts";
import { TENSOR_TYPES, type Tensor } from "./tensor.ts";

/** IR version 8 is the one that goes with operator set 18. */
const IR_VERSION = 8;

export function writeOnnx(graph: Graph, producer = "sharp-eyes"): Uint8Array {
  const model = modelType.fromObject({
    ir_version: IR_VERSION,
    producer_name: producer,
    opset_import: Object.entries(graph.opsets).map(([domain, version]) => ({ domain, version })),
    graph: {
      name: graph.name,
      node: graph.nodes.map(nodeProto),
      initializer: [...graph.constants].map(([name, tensor]) => ({ name, ...tensorProto(tensor) })),
      input: graph.inputs.map(valueProto),
      output: graph.outputs.map(valueProto),
    },
  });
  return modelType.encode(model).finish();
}

function nodeProto(node: Node): object {
  return {
    op_type: node.op,
    domain: node.domain,
    name: node.name,
    input: node.inputs,
    output: node.outputs,
    attribute: Object.entries(node.attributes).map(([name, attribute]) => ({
      name,
      ...attributeProto(attribute),
    })),
  };
}

function attributeProto(attribute: Attribute): object {
  switch (attribute.kind) {
    case "int":
      return { type: ATTRIBUTE_TYPE.int, i: attribute.value };
    case "float":
      return { type: ATTRIBUTE_TYPE.float, f: attribute.value };
    case "string":
      return { type: ATTRIBUTE_TYPE.string, s: Buffer.from(attribute.value, "utf8") };
    case "ints":
      return { type: ATTRIBUTE_TYPE.ints, ints: attribute.value };
    case "floats":
      return { type: ATTRIBUTE_TYPE.floats, floats: attribute.value };
    case "tensor":
      return { type: ATTRIBUTE_TYPE.tensor, t: tensorProto(attribute.value) };
    case "opaque":
      return attribute.value;
  }
}

function tensorProto({ type, dims, data }: Tensor): object {
  return {
    dims,
    data_type: TENSOR_TYPES[type].code,
    raw_data: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
  };
}

function valueProto({ name, tensor }: Value): object {
  if (tensor === undefined) {
    return { name };
  }
  const dim = tensor.dims.map((size) =>
    typeof size === "number" ? { dim_value: size } : { dim_param: size },
  );
  const elementType = TENSOR_TYPES[tensor.type].code;
  return { name, type: { tensor_type: { elem_type: elementType, shape: { dim } } } };
}
