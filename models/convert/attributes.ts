/**
 * Attributes of TensorFlow nodes, as their protobuf-JSON has them: integers may be strings, strings
 * are base64, enumerations are names or numbers, empty lists may be missing.
 */
import { z } from "zod";

const integer = z.union([z.number(), z.string()]).transform(Number);
const real = z.union([z.number(), z.string()]).transform(Number);
const text = z
  .union([z.string(), z.array(z.number())])
  .transform((value) =>
    typeof value === "string"
      ? Buffer.from(value, "base64").toString("utf8")
      : Buffer.from(value).toString("utf8"),
  );
const shape = z.object({
  unknownRank: z.boolean().optional(),
  dim: z.array(z.object({ size: integer.default(0) })).default([]),
});

export const tfAttributeSchema = z.object({
  i: integer.optional(),
  f: real.optional(),
  b: z.boolean().optional(),
  s: text.optional(),
  type: z.union([z.string(), z.number()]).optional(),
  shape: shape.optional(),
  list: z
    .object({ i: z.array(integer).optional(), s: z.array(text).optional() })
    .optional()
    .nullable(),
});
export type TfAttribute = z.infer<typeof tfAttributeSchema>;
export type TfAttributes = Readonly<Record<string, TfAttribute>>;

/** DataType of TensorFlow, number and name, to ours. */
const TYPES: Readonly<Record<string, "float32" | "int32" | "bool" | "uint8" | "int64">> = {
  DT_FLOAT: "float32",
  1: "float32",
  // TensorFlow.js knows float32, int32 and bool only, and reads the others as those.
  DT_DOUBLE: "float32",
  2: "float32",
  DT_HALF: "float32",
  19: "float32",
  DT_INT32: "int32",
  3: "int32",
  DT_INT64: "int32",
  9: "int32",
  DT_UINT8: "int32",
  4: "int32",
  DT_INT8: "int32",
  6: "int32",
  DT_INT16: "int32",
  5: "int32",
  DT_BOOL: "bool",
  10: "bool",
};

export function typeOf(
  attribute: TfAttribute | undefined,
): "float32" | "int32" | "bool" | undefined {
  return TYPES[String(attribute?.type)] as "float32" | "int32" | "bool" | undefined;
}
