import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readMultipart } from "../../../brain/reports/read-multipart.ts";

async function encode(form: FormData): Promise<{ body: Buffer; type: string }> {
  const response = new Response(form);
  const type = response.headers.get("content-type") ?? "";
  return { body: Buffer.from(await response.arrayBuffer()), type };
}

describe("readMultipart", () => {
  it("reads what the platform's own FormData writes, byte for byte", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 4 }),
        fc.string(),
        async (files, text) => {
          const form = new FormData();
          form.set("report", text);
          files.forEach((bytes) =>
            form.append("photo", new Blob([new Uint8Array(bytes)]), "照片.jpg"),
          );
          const { body, type } = await encode(form);
          const parts = readMultipart(body, type, 5) ?? [];
          expect(parts.map(({ name, isFile }) => [name, isFile])).toEqual([
            ["report", false],
            ...files.map(() => ["photo", true]),
          ]);
          expect(parts.slice(1).map(({ bytes }) => new Uint8Array(bytes))).toEqual(files);
        },
      ),
      { seed: 5, numRuns: 100 },
    );
  });

  it("refuses a body that is cut anywhere, and never throws", async () => {
    const form = new FormData();
    form.set("report", "{}");
    form.append("photo", new Blob(["\r\n--not the boundary\r\n"]), "a.jpg");
    const { body, type } = await encode(form);
    expect(readMultipart(body, type, 2)?.length).toBe(2);
    const end = body.lastIndexOf("--") + 2;
    for (let length = 0; length < end; length += 1) {
      expect(readMultipart(body.subarray(0, length), type, 2), String(length)).toBeUndefined();
    }
  });

  it("refuses too many parts, a missing boundary and parts without a name", async () => {
    const form = new FormData();
    form.append("photo", "1");
    form.append("photo", "2");
    const { body, type } = await encode(form);
    expect(readMultipart(body, type, 1)).toBeUndefined();
    expect(readMultipart(body, "multipart/form-data", 2)).toBeUndefined();
    const nameless = Buffer.from("--b\r\ncontent-disposition: form-data\r\n\r\nx\r\n--b--");
    expect(readMultipart(nameless, "multipart/form-data; boundary=b", 2)).toBeUndefined();
  });
});
