/** Multipart bodies (RFC 7578) that are in memory already, as browsers and curl write them. */

export interface FormPart {
  readonly name: string;
  readonly isFile: boolean;
  readonly bytes: Buffer;
}

const BOUNDARY = /;\s*boundary=(?:"([^"\r\n]{1,70})"|([^\s;"]{1,70}))\s*(?:;|$)/i;
const NAME = /;\s*name="([^"\r\n]{1,64})"/i;
const FILE = /;\s*filename\*?=/i;
const HEADER_END = Buffer.from("\r\n\r\n");
/** Headers of one part. */
const MAX_HEADER_BYTES = 2_048;

/** Undefined for what is no multipart, is cut off, or has more than `maxParts` parts. */
export function readMultipart(
  body: Buffer,
  contentType: string,
  maxParts: number,
): FormPart[] | undefined {
  const match = BOUNDARY.exec(contentType);
  const boundary = match?.[1] ?? match?.[2];
  if (boundary === undefined) {
    return undefined;
  }
  // With the line end before it, which belongs to the boundary and not to the part.
  const mark = Buffer.from(`\r\n--${boundary}`);
  const parts: FormPart[] = [];
  let at = body.subarray(0, mark.length - 2).equals(mark.subarray(2)) ? mark.length - 2 : -1;
  while (at !== -1) {
    const next = body.subarray(at, at + 2).toString("latin1");
    if (next === "--") {
      return parts;
    }
    const end = body.indexOf(mark, at);
    const part = end === -1 ? undefined : readPart(body.subarray(at + 2, end));
    if (next !== "\r\n" || part === undefined || parts.length === maxParts) {
      return undefined;
    }
    parts.push(part);
    at = end + mark.length;
  }
  return undefined;
}

function readPart(part: Buffer): FormPart | undefined {
  const headerEnd = part.subarray(0, MAX_HEADER_BYTES).indexOf(HEADER_END);
  if (headerEnd === -1) {
    return undefined;
  }
  const disposition = part
    .subarray(0, headerEnd)
    .toString("utf8")
    .split("\r\n")
    .find((line) => /^content-disposition:\s*form-data\s*;/i.test(line));
  const name = NAME.exec(disposition ?? "")?.[1];
  if (disposition === undefined || name === undefined) {
    return undefined;
  }
  const bytes = part.subarray(headerEnd + HEADER_END.length);
  return { name, isFile: FILE.test(disposition), bytes };
}
