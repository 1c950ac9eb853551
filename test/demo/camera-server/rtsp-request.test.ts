import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  MAX_BODY_BYTES,
  MAX_HEADER_BYTES,
  RtspRequestReader,
} from "../../../demo/camera-server/rtsp-request.ts";
import type { RtspItem } from "../../../demo/camera-server/rtsp-request.ts";

const PLAY = "PLAY rtsp://h/cam RTSP/1.0\r\nCSeq: 3\r\nSession:  abc ;x\r\n\r\n";
const SET = "SET_PARAMETER rtsp://h/cam RTSP/1.0\r\nCSeq: 4\r\nContent-Length: 5\r\n\r\nhello";

function read(...chunks: readonly (string | Buffer)[]): readonly RtspItem[] {
  const reader = new RtspRequestReader();
  return chunks.flatMap((chunk) => [...reader.push(Buffer.from(chunk as string))]);
}

describe("RtspRequestReader", () => {
  it("reads method, URI, headers and body", () => {
    const [first, second] = read(PLAY + SET);
    expect(first).toMatchObject({ kind: "request", method: "PLAY", uri: "rtsp://h/cam" });
    expect(first?.kind === "request" && first.headers.get("session")).toBe("abc ;x");
    expect(second?.kind === "request" && second.body.toString()).toBe("hello");
  });

  it("reads the same from any pieces", () => {
    const frame = Buffer.from([0x24, 1, 0, 3, 0x0d, 0x0a, 0x24]);
    const stream = Buffer.concat([Buffer.from(PLAY), frame, Buffer.from(`\r\n${SET}`), frame]);
    const whole = read(stream);
    expect(whole.map(({ kind }) => kind)).toEqual([
      "request",
      "interleaved",
      "request",
      "interleaved",
    ]);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: stream.length })), (cuts) => {
        const marks = [0, ...cuts.sort((a, b) => a - b), stream.length];
        const pieces = marks.slice(1).map((end, index) => stream.subarray(marks[index], end));
        expect(read(...pieces)).toEqual(whole);
      }),
      { seed: 1, numRuns: 100 },
    );
  });

  it("joins repeated headers", () => {
    const [item] = read("PLAY * RTSP/1.0\r\nA: 1\r\na: 2\r\n\r\n");
    expect(item?.kind === "request" && item.headers.get("a")).toBe("1, 2");
  });

  it.each([
    ["garbage bytes", Buffer.from([0, 1, 2, 3]), 400],
    ["a TLS greeting", Buffer.from([0x16, 3, 1, 2, 0]), 400],
    ["a first line without version", "PLAY rtsp://h/cam\r\n\r\n", 400],
    ["a first line of four words", "PLAY a b RTSP/1.0\r\n\r\n", 400],
    ["an HTTP request", "GET / HTTP/1.1\r\nHost: h\r\n\r\n", 400],
    ["a header without colon", "PLAY * RTSP/1.0\r\nCSeq 3\r\n\r\n", 400],
    ["headers past the bound", `PLAY * RTSP/1.0\r\nA: ${"x".repeat(MAX_HEADER_BYTES)}`, 400],
    ["a length that is no number", "PLAY * RTSP/1.0\r\nContent-Length: -1\r\n\r\n", 400],
    [
      "a body past the bound",
      `PLAY * RTSP/1.0\r\nContent-Length: ${String(MAX_BODY_BYTES + 1)}\r\n\r\n`,
      413,
    ],
  ])("refuses %s", (_name, bytes, status) => {
    expect(read(bytes)).toMatchObject([{ kind: "malformed", status }]);
  });

  it("reads nothing after a malformed request", () => {
    expect(read("!\r\n\r\n", PLAY)).toHaveLength(1);
  });

  it("survives any bytes", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 200 })), (chunks) => {
        read(...chunks.map((chunk) => Buffer.from(chunk)));
      }),
      { seed: 2, numRuns: 300 },
    );
  });
});
