/**
 * Takes a batch apart into its events, each with the bytes that travelled, so that what is stored
 * needs not be written anew.
 */
import { isUtf8 } from "node:buffer";
import { PermanentError } from "../../protocol/index.ts";
import type { SentEvent } from "./event-check.ts";

const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN_LIST = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/**
 * The elements of a JSON array; undefined where the value is something else.
 *
 * @throws PermanentError BODY_MALFORMED unless the bytes are UTF-8 JSON.
 */
export function parseBatch(body: Buffer): SentEvent[] | undefined {
  return (isUtf8(body) ? parseAtSeams(body) : undefined) ?? parseAsWhole(body);
}

/** @throws PermanentError BODY_MALFORMED unless the bytes are UTF-8 JSON. */
export function parseJson(body: Buffer): unknown {
  try {
    if (isUtf8(body)) {
      return JSON.parse(body.toString());
    }
  } catch (error) {
    throw malformed(body, error);
  }
  throw malformed(body);
}

function malformed(body: Buffer, cause?: unknown): PermanentError {
  const got = `${body.length} bytes that do not parse`;
  const detail = { where: "body", expected: "UTF-8 JSON", got };
  return new PermanentError("BODY_MALFORMED", "The body is not JSON", detail, cause);
}

function parseAsWhole(body: Buffer): SentEvent[] | undefined {
  const value = parseJson(body);
  if (!Array.isArray(value)) {
    return undefined;
  }
  const texts = elementTexts(body);
  return value.map((element: unknown, index) => ({
    text: texts[index] as Buffer,
    value: element,
  }));
}

/**
 * Senders write all events alike: without spaces, the same key first. Where the bytes fall apart
 * at `},{"<that key>"` into pieces that all parse, these are the elements, because any JSON texts
 * with commas between them make an array. Undefined where they do not.
 */
function parseAtSeams(body: Buffer): SentEvent[] | undefined {
  const isList = body[0] === OPEN_LIST && body.at(-1) === CLOSE_LIST;
  if (!isList || body[1] !== OPEN_OBJECT || body[2] !== QUOTE) {
    return undefined;
  }
  const seam = Buffer.concat([Buffer.from("},"), body.subarray(1, body.indexOf(QUOTE, 3) + 1)]);
  const events: SentEvent[] = [];
  try {
    for (let at = 1; at < body.length; ) {
      const next = body.indexOf(seam, at);
      const end = next === -1 ? body.length - 1 : next + 1;
      const text = body.subarray(at, end);
      events.push({ text, value: JSON.parse(text.toString()) as unknown });
      at = end + 1;
    }
    return events;
  } catch {
    return undefined; // The whole body will tell what it is.
  }
}

/** The texts of the elements of a JSON array that has been parsed before; views, not copies. */
function elementTexts(json: Buffer): Buffer[] {
  const texts: Buffer[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at < json.length; at += 1) {
    const byte = json[at];
    if (byte === QUOTE) {
      at = endOfString(json, at);
    } else if (byte === OPEN_LIST || byte === OPEN_OBJECT) {
      depth += 1;
      if (depth === 1) {
        start = at + 1;
      }
    } else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) {
      depth -= 1;
      if (depth === 0) {
        texts.push(json.subarray(start, at));
      }
    } else if (byte === COMMA && depth === 1) {
      texts.push(json.subarray(start, at));
      start = at + 1;
    }
  }
  return texts;
}

/** Place of the quote that ends the string beginning at `at`. */
function endOfString(json: Buffer, at: number): number {
  let end = at + 1;
  while (json[end] !== QUOTE && end < json.length) {
    end += json[end] === BACKSLASH ? 2 : 1;
  }
  return end;
}
