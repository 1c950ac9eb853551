/** The protobuf messages of `onnx.proto`, as protobufjs sees them. */
import { readFileSync } from "node:fs";
import protobuf from "protobufjs";

const source = readFileSync(new URL("./onnx.proto", import.meta.url), "utf8");

/** Plain objects of the schema; integers are numbers, which holds every size a model can have. */
export const modelType = protobuf
  .parse(source, { keepCase: true })
  .root.lookupType("onnx.ModelProto");

export interface ModelProto {
  /** Absent messages are null. */
  readonly graph: GraphProto | null;
  readonly opset_import: readonly { readonly domain: string; readonly version: number }[];
}

export interface GraphProto {
  readonly name: string;
  readonly node: readonly NodeProto[];
  readonly initializer: readonly TensorProto[];
  readonly input: readonly ValueProto[];
  readonly output: readonly ValueProto[];
}

export interface NodeProto {
  readonly input: readonly string[];
  readonly output: readonly string[];
  readonly name: string;
  readonly op_type: string;
  readonly domain: string;
  readonly attribute: readonly AttributeProto[];
}

export interface AttributeProto {
  readonly name: string;
  readonly type: number;
  readonly f: number;
  readonly i: number;
  readonly s: Uint8Array;
  readonly t: TensorProto | null;
  readonly floats: readonly number[];
  readonly ints: readonly number[];
}

export interface TensorProto {
  readonly name: string;
  readonly dims: readonly number[];
  readonly data_type: number;
  readonly raw_data: Uint8Array;
  readonly float_data: readonly number[];
  readonly int32_data: readonly number[];
  readonly int64_data: readonly number[];
  readonly double_data: readonly number[];
  readonly uint64_data: readonly number[];
  readonly data_location: number;
}

export interface ValueProto {
  readonly name: string;
  readonly type: {
    readonly tensor_type: {
      readonly elem_type: number;
      readonly shape: {
        readonly dim: readonly { readonly dim_value?: number; readonly dim_param?: string }[];
      } | null;
    } | null;
  } | null;
}

/** AttributeProto.AttributeType. */
export const ATTRIBUTE_TYPE = {
  float: 1,
  int: 2,
  string: 3,
  tensor: 4,
  floats: 6,
  ints: 7,
} as const;
