/**
 * The obvious way to do it in Node.js, in a process of its own: FFmpeg's RGB pictures through a
 * pipe, prepared in JavaScript, looked at on the main thread. `onnx`: the model as a literal
 * translation on onnxruntime-node; `tfjs`: the published model on TensorFlow.js, WebAssembly.
 */
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import { loadGraphModel } from "@tensorflow/tfjs-converter";
import * as tf from "@tensorflow/tfjs-core";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { readTfGraph, translate } from "../../models/convert/index.ts";
import { resolveModel, type Manifest } from "../../models/index.ts";
import { writeOnnx } from "../../models/onnx/index.ts";
import { SIZE } from "./footage.ts";
import { createToPlanes } from "./peer-picture.ts";
import { rgbFrames } from "./rgb-frames.ts";

export type PeerKind = "onnx" | "tfjs";

const MODELS = path.resolve(import.meta.dirname, "../../.cache/models");
/** The first runs compile and allocate. */
const WARM_UP_FRAMES = 5;

type Look = (planes: Float32Array) => Promise<unknown>;

interface TfJson {
  readonly modelTopology: object;
  readonly weightsManifest: readonly {
    readonly paths: readonly string[];
    readonly weights: readonly object[];
  }[];
  readonly signature?: object;
}

const [kind = "onnx", clip = "", secondsText = "8"] = process.argv.slice(2);
const { manifest } = await resolveModel("nanodet", { cacheDir: MODELS });
const source = path.join(
  ...[MODELS, `${manifest.id}-${manifest.version}`, "source"],
  manifest.source.files[0]?.path ?? "",
);
const json = JSON.parse(await readFile(source, "utf8")) as TfJson;
const readWeights = (name: string): Promise<Buffer> => readFile(path.join(source, "..", name));
const look = kind === "tfjs" ? await tfjsLook(manifest) : await onnxLook(manifest);
process.once("disconnect", () => process.exit(0));
process.send?.(await framesPerS(Number(secondsText)));
process.exit(0);

async function framesPerS(seconds: number): Promise<number> {
  const { input } = manifest;
  const planes = new Float32Array(3 * input.width * input.height);
  const toPlanes = createToPlanes(SIZE, input);
  let frames = -WARM_UP_FRAMES;
  let startedAt = 0;
  for await (const rgb of rgbFrames(clip, SIZE)) {
    if (frames === 0) {
      startedAt = performance.now();
    } else if (frames > 0 && performance.now() - startedAt >= seconds * 1000) {
      break;
    }
    toPlanes(rgb, planes);
    await look(planes);
    frames++;
  }
  return (1000 * frames) / (performance.now() - startedAt);
}

async function onnxLook({ id, input }: Manifest): Promise<Look> {
  const graph = translate(await readTfGraph(json, readWeights, id), id);
  const session = await InferenceSession.create(writeOnnx(graph));
  return (planes) =>
    session.run({
      [input.name]: new Tensor("float32", planes, [1, 3, input.height, input.width]),
    });
}

async function tfjsLook({ input }: Manifest): Promise<Look> {
  const require = createRequire(import.meta.url);
  setWasmPaths(`${path.dirname(require.resolve("@tensorflow/tfjs-backend-wasm"))}/`);
  await tf.setBackend("wasm");
  await tf.ready();
  const weights = await readWeights(json.weightsManifest[0]?.paths[0] ?? "");
  const model = await loadGraphModel({
    load: () =>
      Promise.resolve({
        format: "graph-model",
        modelTopology: json.modelTopology,
        weightSpecs: json.weightsManifest.flatMap((group) => group.weights) as never[],
        // A copy, because a small Buffer lies somewhere inside a larger one.
        weightData: new Uint8Array(weights).buffer,
        ...(json.signature === undefined ? {} : { signature: json.signature }),
      }),
  });
  return async (planes) => {
    const feed = tf.tensor(planes, [1, 3, input.height, input.width], "float32");
    const outputs = [model.execute({ [input.name]: feed })].flat();
    await Promise.all(outputs.map((output) => output.data()));
    tf.dispose([feed, ...outputs]);
  };
}
