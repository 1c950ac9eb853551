/** Reads RTSP 1.0 requests (RFC 2326) and interleaved frames from what a client sends. */

export interface RtspRequest {
  readonly kind: "request";
  readonly method: string;
  readonly uri: string;
  readonly version: string;
  /** Names in lower case; repeated headers joined by ", ". */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
}

/** A frame on the control connection (RFC 2326 §10.12): receiver reports of the client. */
export interface InterleavedFrame {
  readonly kind: "interleaved";
  readonly channel: number;
  readonly payload: Buffer;
}

/** What comes after cannot be understood: answer `status` and close. */
export interface Malformed {
  readonly kind: "malformed";
  readonly status: 400 | 413;
  readonly reason: string;
}

export type RtspItem = RtspRequest | InterleavedFrame | Malformed;

export const MAX_HEADER_BYTES = 8_192;
export const MAX_BODY_BYTES = 16_384;

const DOLLAR = 0x24;
const CR = 0x0d;
const LF = 0x0a;
const FRAME_HEADER_BYTES = 4;
const HEADER_END = "\r\n\r\n";
const TOKEN = /^[A-Z_]{1,32}$/;

/** Takes bytes as they come, in any pieces; never holds more than one request or frame. */
export class RtspRequestReader {
  #buffered: Buffer = Buffer.alloc(0);
  #isBroken = false;

  /** What became complete with `chunk`. After a `malformed` item nothing more is read. */
  push(chunk: Buffer): readonly RtspItem[] {
    const items: RtspItem[] = [];
    if (this.#isBroken) {
      return items;
    }
    this.#buffered = this.#buffered.length === 0 ? chunk : Buffer.concat([this.#buffered, chunk]);
    for (let item = this.#take(); item !== undefined; item = this.#take()) {
      items.push(item);
      if (item.kind === "malformed") {
        this.#isBroken = true;
        this.#buffered = Buffer.alloc(0);
        break;
      }
    }
    return items;
  }

  #take(): RtspItem | undefined {
    let start = 0;
    while (this.#buffered[start] === CR || this.#buffered[start] === LF) {
      start += 1;
    }
    this.#buffered = this.#buffered.subarray(start);
    const first = this.#buffered[0];
    if (first === undefined) {
      return undefined;
    }
    return first === DOLLAR ? this.#takeFrame() : this.#takeRequest();
  }

  #takeFrame(): InterleavedFrame | undefined {
    if (this.#buffered.length < FRAME_HEADER_BYTES) {
      return undefined;
    }
    const end = FRAME_HEADER_BYTES + this.#buffered.readUInt16BE(2);
    if (this.#buffered.length < end) {
      return undefined;
    }
    const channel = this.#buffered.readUInt8(1);
    const payload = this.#buffered.subarray(FRAME_HEADER_BYTES, end);
    this.#buffered = this.#buffered.subarray(end);
    return { kind: "interleaved", channel, payload };
  }

  #takeRequest(): RtspRequest | Malformed | undefined {
    if (!isUpperCase(this.#buffered[0] ?? 0)) {
      return malformed(400, "a request begins with a method in capitals");
    }
    const headerEnd = this.#buffered.indexOf(HEADER_END);
    const headerBytes = headerEnd < 0 ? this.#buffered.length : headerEnd;
    if (headerBytes > MAX_HEADER_BYTES) {
      return malformed(400, `headers are longer than ${String(MAX_HEADER_BYTES)} bytes`);
    }
    if (headerEnd < 0) {
      return undefined;
    }
    const head = parseHead(this.#buffered.toString("latin1", 0, headerEnd));
    if (head.kind === "malformed") {
      return head;
    }
    const length = head.headers.get("content-length") ?? "0";
    if (!/^\d{1,9}$/.test(length)) {
      return malformed(400, "Content-Length is not a number");
    }
    if (Number(length) > MAX_BODY_BYTES) {
      return malformed(413, `the body is longer than ${String(MAX_BODY_BYTES)} bytes`);
    }
    const bodyStart = headerEnd + HEADER_END.length;
    const end = bodyStart + Number(length);
    if (this.#buffered.length < end) {
      return undefined;
    }
    const body = this.#buffered.subarray(bodyStart, end);
    this.#buffered = this.#buffered.subarray(end);
    return { ...head, body };
  }
}

function parseHead(text: string): RtspRequest | Malformed {
  const [requestLine = "", ...lines] = text.split("\r\n");
  const [method = "", uri = "", version = "", ...rest] = requestLine.split(" ");
  if (!TOKEN.test(method) || uri === "" || !/^RTSP\/\d\.\d$/.test(version) || rest.length > 0) {
    return malformed(400, "the first line is not METHOD URI RTSP/1.0");
  }
  const headers = new Map<string, string>();
  for (const line of lines) {
    const header = /^([!#$%&'*+.^_`|~\w-]+)[ \t]*:(.*)$/.exec(line);
    if (header?.[1] === undefined || header[2] === undefined) {
      return malformed(400, "a header line is not Name: value");
    }
    const name = header[1].toLowerCase();
    const value = header[2].trim();
    const before = headers.get(name);
    headers.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  return { kind: "request", method, uri, version, headers, body: Buffer.alloc(0) };
}

function isUpperCase(byte: number): boolean {
  return byte >= 0x41 && byte <= 0x5a;
}

function malformed(status: Malformed["status"], reason: string): Malformed {
  return { kind: "malformed", status, reason };
}
