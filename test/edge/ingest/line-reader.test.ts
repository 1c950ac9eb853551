import { describe, expect, it } from "vitest";
import { LineReader } from "../../../edge/ingest/line-reader.ts";

function read(...chunks: readonly string[]): string[] {
  const lines: string[] = [];
  const reader = new LineReader((line) => lines.push(line));
  chunks.forEach((chunk) => reader.write(Buffer.from(chunk, "latin1")));
  reader.end();
  return lines;
}

describe("LineReader", () => {
  it("joins split lines and drops empty ones", () => {
    expect(read("on", "e\ntw", "o\r\n\n", "three")).toEqual(["one", "two", "three"]);
  });

  it("cuts a line that never ends instead of growing", () => {
    const [line, next] = read(...Array<string>(100).fill("x".repeat(10_000)), "\nnext\n");
    expect(line).toHaveLength(1024);
    expect(next).toBe("next");
  });
});
