/** The model as a literal translation, to show what folding the transposes is worth. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readTfGraph, translate } from "../../models/convert/index.ts";
import type { Model } from "../../models/index.ts";
import { writeOnnx } from "../../models/onnx/index.ts";
import { withPreprocessing } from "../../models/preprocess.ts";

export async function plainVariant(
  { manifest }: Model,
  cacheDir: string,
  folder: string,
): Promise<Model> {
  const main = manifest.source.files[0]?.path ?? "";
  const source = join(cacheDir, `${manifest.id}-${manifest.version}`, "source", main);
  const json: unknown = JSON.parse(await readFile(source, "utf8"));
  const tf = await readTfGraph(json, (name) => readFile(join(source, "..", name)), manifest.id);
  const graph = withPreprocessing(translate(tf, manifest.id), manifest.input, manifest.id);
  const path = join(folder, "plain.onnx");
  await writeFile(path, writeOnnx(graph));
  return { manifest, path, sha256: "" };
}
