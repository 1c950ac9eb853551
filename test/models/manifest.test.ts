import { describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { COCO_80 } from "../../models/labels.ts";
import { loadManifest, manifestIds, parseManifest } from "../../models/manifest.ts";
import { tinyBytes, tinyManifest } from "./tiny-model.ts";

const parse = (more: Readonly<Record<string, unknown>>) =>
  parseManifest(stringify(tinyManifest(tinyBytes(), more)), "/models/tiny.yaml");

describe("manifest", () => {
  it("describes every model of ours", async () => {
    const ids = await manifestIds();
    expect(ids).toContain("nanodet");
    for (const id of ids) {
      expect((await loadManifest(id)).id).toBe(id);
    }
  });

  it("names the labels of a known set", async () => {
    expect((await loadManifest("nanodet")).labels).toEqual(COCO_80);
  });

  it("knows the folder it lies in", () => {
    expect(parse({}).folder).toBe("/models");
  });

  it.each([
    ["an unknown key", { colour: "red" }, "colour"],
    ["no licence", { licence: undefined }, "licence"],
    [
      "a short digest",
      { source: { kind: "file", files: [{ path: "a", sha256: "12" }] } },
      "sha256",
    ],
    [
      "a path that leaves its folder",
      { source: { kind: "file", files: [{ path: "../a", sha256: "0".repeat(64) }] } },
      "path",
    ],
    ["a label about a trait", { labels: ["male", "female"] }, "gender"],
  ])("refuses %s", (_, more, named) => {
    expect(() => parse(more)).toThrow(
      expect.objectContaining({
        code: "MODEL_INVALID",
        message: expect.stringContaining(named) as string,
      }),
    );
  });

  it("refuses a model of a registry without the digest of the prepared model", () => {
    const source = {
      kind: "npm",
      package: "@scope/models",
      version: "1.2.3",
      sizeBytes: 10,
      integrity: `sha512-${"A".repeat(86)}==`,
      files: [{ path: "model.onnx", sha256: "0".repeat(64) }],
    };
    expect(() => parse({ source })).toThrow(/onnxSha256/);
    expect(parse({ source, onnxSha256: "1".repeat(64) }).source.kind).toBe("npm");
  });

  it("says what there is when an id is unknown", async () => {
    await expect(loadManifest("yolo9000")).rejects.toMatchObject({
      code: "MODEL_MISSING",
      message: expect.stringContaining("nanodet") as string,
    });
  });

  it("says which manifest is missing", async () => {
    await expect(loadManifest("/nowhere/model.yaml")).rejects.toMatchObject({
      code: "MODEL_MISSING",
      message: expect.stringContaining("/nowhere/model.yaml") as string,
    });
  });
});
