/** JSON as the database keeps it, and one text per value for comparing what was sent twice. */
import { createHash } from "node:crypto";

/** NUL and lone surrogates: valid in JSON strings, but no text that a database can keep. */
const UNSTORABLE = /\u0000|\p{Surrogate}/u;

/** Deeper values are refused: nothing of ours nests like that. */
const MAX_DEPTH = 32;

export class UnstorableJsonError extends Error {}

/** The escapes by which UTF-8 may carry what is unstorable, and now and then something harmless. */
const SUSPICIOUS_ESCAPE = /\\u(0000|d[89a-f])/i;

/**
 * Checks a JSON text and its value; the walk through the value is left out where the text cannot
 * hold anything unstorable.
 *
 * @throws UnstorableJsonError
 */
export function checkStorable(text: Buffer, value: unknown): void {
  if (text.includes("\\u") && SUSPICIOUS_ESCAPE.test(text.toString())) {
    canonicalJson(value);
  }
}

/**
 * JSON with sorted keys and no spaces, so that equal values have equal texts.
 *
 * @throws UnstorableJsonError for text that cannot be stored and for deep nesting.
 */
export function canonicalJson(value: unknown, depth = 0): string {
  if (depth > MAX_DEPTH) {
    throw new UnstorableJsonError(`expected at most ${MAX_DEPTH} levels of nesting`);
  }
  if (typeof value === "string") {
    return canonicalString(value);
  }
  if (Array.isArray(value)) {
    return `[${value.map((item) => canonicalJson(item, depth + 1)).join(",")}]`;
  }
  if (typeof value === "object" && value !== null) {
    const fields = Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => `${canonicalString(key)}:${canonicalJson(item, depth + 1)}`);
    return `{${fields.join(",")}}`;
  }
  return JSON.stringify(value);
}

function canonicalString(text: string): string {
  if (UNSTORABLE.test(text)) {
    throw new UnstorableJsonError("expected text without NUL and lone surrogates");
  }
  return JSON.stringify(text);
}

export function sha256Hex(data: string | Buffer): string {
  return createHash("sha256").update(data).digest("hex");
}
