/**
 * Arrays as PostgreSQL reads them in its binary form (`array_recv`): a thousand values travel as
 * one parameter, and neither side escapes or unescapes a text of JSON.
 */

const OID = { uuid: 2950, text: 25, json: 114, timestamptz: 1184, int4: 23 } as const;

/** One dimension, no nulls, element type, length, first index 1. */
const HEADER_BYTES = 20;
/** PostgreSQL counts microseconds from 2000-01-01. */
const POSTGRES_EPOCH_MS = 946_684_800_000;

function arrayOf(type: keyof typeof OID, count: number, valueBytes: number): Buffer {
  const array = Buffer.allocUnsafe(HEADER_BYTES + 4 * count + valueBytes);
  array.writeInt32BE(1, 0);
  array.writeInt32BE(0, 4);
  array.writeInt32BE(OID[type], 8);
  array.writeInt32BE(count, 12);
  array.writeInt32BE(1, 16);
  return array;
}

/** Of strings in well-formed Unicode without NUL. */
export function textArray(values: readonly string[]): Buffer {
  const lengths = values.map((value) => Buffer.byteLength(value));
  const array = arrayOf(
    "text",
    values.length,
    lengths.reduce((sum, length) => sum + length, 0),
  );
  let at = HEADER_BYTES;
  values.forEach((value, index) => {
    at = array.writeInt32BE(lengths[index] as number, at);
    at += array.write(value, at, "utf8");
  });
  return array;
}

/** Of JSON texts in UTF-8. */
export function jsonArray(values: readonly Buffer[]): Buffer {
  const bytes = values.reduce((sum, value) => sum + value.length, 0);
  const array = arrayOf("json", values.length, bytes);
  let at = HEADER_BYTES;
  for (const value of values) {
    at = array.writeInt32BE(value.length, at);
    at += value.copy(array, at);
  }
  return array;
}

/** Of uuids in their 36-character form. */
export function uuidArray(values: readonly string[]): Buffer {
  const array = arrayOf("uuid", values.length, 16 * values.length);
  let at = HEADER_BYTES;
  for (const value of values) {
    at = array.writeInt32BE(16, at);
    at += array.write(value.replaceAll("-", ""), at, "hex");
  }
  return array;
}

/** Of epoch ms. */
export function timeArray(values: readonly number[]): Buffer {
  const array = arrayOf("timestamptz", values.length, 8 * values.length);
  let at = HEADER_BYTES;
  for (const value of values) {
    at = array.writeInt32BE(8, at);
    // Exact: |µs| stays below 2^53 for years 1715 to 2285.
    at = array.writeBigInt64BE(BigInt((value - POSTGRES_EPOCH_MS) * 1000), at);
  }
  return array;
}

export function intArray(values: readonly number[]): Buffer {
  const array = arrayOf("int4", values.length, 4 * values.length);
  let at = HEADER_BYTES;
  for (const value of values) {
    at = array.writeInt32BE(4, at);
    at = array.writeInt32BE(value, at);
  }
  return array;
}
