/** The model as a literal translation, to show what the work on the graph is worth. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { withAnySize } from "../../models/any-size.ts";
import { optimise, readTfGraph, translate } from "../../models/convert/index.ts";
import type { Manifest } from "../../models/index.ts";
import type { Graph } from "../../models/onnx/index.ts";

/** The network alone, without the preparation of frames: as it is written, and as it is run. */
export async function bodiesOf(
  manifest: Manifest,
  cacheDir: string,
): Promise<{ readonly plain: Graph; readonly ours: Graph }> {
  const main = manifest.source.files[0]?.path ?? "";
  const source = join(cacheDir, `${manifest.id}-${manifest.version}`, "source", main);
  const json: unknown = JSON.parse(await readFile(source, "utf8"));
  const tf = await readTfGraph(json, (name) => readFile(join(source, "..", name)), manifest.id);
  const plain = translate(tf, manifest.id);
  const optimised = optimise(plain);
  const { input, id } = manifest;
  return {
    plain,
    ours: input.sizeStep === undefined ? optimised : withAnySize(optimised, input, id),
  };
}
