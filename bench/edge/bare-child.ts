/** The bare session in a process of its own: the prepared model, one frame, over and over. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { FRAME_INPUT, resolveModel, viewOf } from "../../models/index.ts";
import { SIZE } from "./footage.ts";

const MODELS = path.resolve(import.meta.dirname, "../../.cache/models");
const [frameFile = "", threads = "1"] = process.argv.slice(2);

const { manifest, path: modelFile } = await resolveModel("nanodet", { cacheDir: MODELS });
// The settings of the node's own sessions.
const session = await InferenceSession.create(modelFile, {
  executionProviders: [process.env["SESB_BENCH_PROVIDER"] ?? "cpu"],
  intraOpNumThreads: Number(threads),
  interOpNumThreads: 1,
  graphOptimizationLevel: "all",
  extra: { session: { intra_op: { allow_spinning: "0" } } },
});
const feeds = feedsOf(new Uint8Array(readFileSync(frameFile)));
await session.run(feeds);
process.on("message", (seconds: number) => {
  void framesPerS(seconds).then((rate) => process.send?.(rate));
});
process.once("disconnect", () => process.exit(0));
process.send?.(0);

function feedsOf(pixels: Uint8Array): Record<string, Tensor> {
  const view = viewOf(manifest, SIZE);
  const int64 = (values: readonly number[]): Tensor =>
    new Tensor("int64", BigInt64Array.from(values, BigInt), [values.length]);
  const known: Record<string, Tensor> = {
    [FRAME_INPUT]: new Tensor("uint8", pixels, [1, (SIZE.height * 3) / 2, SIZE.width]),
    region: int64(view.region),
    size: int64(view.size),
  };
  return Object.fromEntries(
    Object.entries(known).filter(([name]) => session.inputNames.includes(name)),
  );
}

async function framesPerS(seconds: number): Promise<number> {
  const startedAt = performance.now();
  let frames = 0;
  while (performance.now() - startedAt < seconds * 1000) {
    await session.run(feeds);
    frames++;
  }
  return (1000 * frames) / (performance.now() - startedAt);
}
