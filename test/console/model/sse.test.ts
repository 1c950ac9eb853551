import { describe, expect, it } from "vitest";
import { createSseParser } from "../../../console/model/index.ts";

describe("reader of the event stream", () => {
  it("gives a message once its empty line has come, wherever the stream is cut", () => {
    const text = 'id: 7\r\nevent: case\r\ndata: {"a":\r\ndata: 1}\r\n\r\n: note\n\ndata:x\n\n';
    for (let cut = 0; cut <= text.length; cut++) {
      const parser = createSseParser();
      const messages = [...parser.push(text.slice(0, cut)), ...parser.push(text.slice(cut))];
      expect(messages).toEqual([
        { event: "case", data: '{"a":\n1}', id: "7" },
        { event: "message", data: "x", id: "7" },
      ]);
    }
  });

  it("holds back a message that is not complete", () => {
    expect(createSseParser().push("event: tick\ndata: {}\n")).toEqual([]);
  });

  it("ignores a block without data", () => {
    expect(createSseParser().push("event: tick\n\n")).toEqual([]);
  });
});
