import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { ensureModel, resolveModel } from "../../models/store.ts";
import { tinyBytes, tinyManifest } from "./tiny-model.ts";

describe("store", () => {
  let folder = "";
  let cacheDir = "";
  const manifestPath = (): string => join(folder, "tiny.yaml");

  async function writeManifest(more: Readonly<Record<string, unknown>> = {}): Promise<void> {
    await writeFile(manifestPath(), stringify(tinyManifest(tinyBytes(), more)));
  }

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "store-test-"));
    cacheDir = join(folder, "cache");
    await writeFile(join(folder, "tiny.onnx"), tinyBytes());
    await writeManifest();
  });
  afterEach(() => rm(folder, { recursive: true }));

  it("prepares a user's own model from its manifest", async () => {
    const model = await resolveModel(manifestPath(), { cacheDir });
    expect(model.manifest.id).toBe("tiny");
    expect(model.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(await readdir(join(cacheDir, "tiny-1.0.0"))).toEqual(["meta.json", "model.onnx"]);
  });

  it("gives the same bytes every time", async () => {
    const first = await resolveModel(manifestPath(), { cacheDir });
    const second = await ensureModel(manifestPath(), { cacheDir: join(folder, "other") });
    expect(second.sha256).toBe(first.sha256);
    expect(await readFile(second.path)).toEqual(await readFile(first.path));
  });

  it("does the work once", async () => {
    const steps: string[] = [];
    const options = { cacheDir, onProgress: ({ step }: { step: string }) => void steps.push(step) };
    await ensureModel(manifestPath(), options);
    await ensureModel(manifestPath(), options);
    expect(steps).toEqual(["convert", "ready", "ready"]);
  });

  it("makes a damaged model again", async () => {
    const { path, sha256 } = await resolveModel(manifestPath(), { cacheDir });
    await truncate(path, 100);
    expect((await resolveModel(manifestPath(), { cacheDir })).sha256).toBe(sha256);
  });

  it("makes the model again when its manifest changes", async () => {
    const before = await resolveModel(manifestPath(), { cacheDir });
    const { input } = tinyManifest(tinyBytes());
    await writeManifest({ input: { ...input, colour: "rgb" } });
    expect((await resolveModel(manifestPath(), { cacheDir })).sha256).not.toBe(before.sha256);
  });

  it("refuses a file that is another than the manifest says", async () => {
    await writeFile(join(folder, "tiny.onnx"), "something else");
    await expect(resolveModel(manifestPath(), { cacheDir })).rejects.toMatchObject({
      code: "MODEL_DIGEST_WRONG",
    });
  });

  it("refuses a prepared model of another digest", async () => {
    await writeManifest({ onnxSha256: "0".repeat(64) });
    await expect(resolveModel(manifestPath(), { cacheDir })).rejects.toMatchObject({
      code: "MODEL_DIGEST_WRONG",
    });
    expect(await readdir(join(cacheDir, "tiny-1.0.0"))).toEqual([]);
  });

  it("says which file is missing", async () => {
    await rm(join(folder, "tiny.onnx"));
    await expect(ensureModel(manifestPath(), { cacheDir })).rejects.toMatchObject({
      code: "MODEL_MISSING",
      message: expect.stringContaining("tiny.onnx") as string,
    });
  });

  it("tells how to get a model of ours that is not here", async () => {
    await expect(resolveModel("nanodet", { cacheDir })).rejects.toMatchObject({
      code: "MODEL_MISSING",
      message: expect.stringContaining("npm run models nanodet") as string,
    });
  });

  it("refuses a model whose input is not as the manifest says", async () => {
    const { input } = tinyManifest(tinyBytes());
    await writeManifest({ input: { ...input, width: 16 } });
    await expect(resolveModel(manifestPath(), { cacheDir })).rejects.toMatchObject({
      code: "MODEL_INVALID",
      message: expect.stringContaining("[1, 3, 8, 16]") as string,
    });
  });

  it("refuses a model whose outputs are not as the manifest says", async () => {
    await writeManifest({ labels: ["cup", "plate", "spoon"] });
    await expect(resolveModel(manifestPath(), { cacheDir })).rejects.toMatchObject({
      code: "MODEL_INVALID",
      message: expect.stringContaining("8 elements") as string,
    });
  });
});
