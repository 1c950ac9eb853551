/**
 * TensorFlow.js as the oracle of the converter: its native backend where a user has installed
 * `@tensorflow/tfjs-node`, else WebAssembly with the plain CPU for the kernels that lacks.
 */
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import { loadGraphModel } from "@tensorflow/tfjs-converter";
import * as tf from "@tensorflow/tfjs-core";
import { numbersOf, type Tensor, tensorOf } from "../../../models/onnx/index.ts";

const NATIVE = "@tensorflow/tfjs-node";

export interface TfModelFiles {
  readonly json: TfModelJson;
  readonly weights: Uint8Array;
}

export interface TfModelJson {
  readonly modelTopology: object;
  readonly weightsManifest: readonly {
    readonly paths: readonly string[];
    readonly weights: readonly object[];
  }[];
  readonly signature?: object;
}

/** Gets the best backend there is, and says which. */
export async function startOracle(): Promise<string> {
  try {
    await import(NATIVE);
  } catch {
    // Not installed, or installed without its binding: then WebAssembly it is.
    const require = createRequire(import.meta.url);
    setWasmPaths(`${dirname(require.resolve("@tensorflow/tfjs-backend-wasm"))}/`);
    await tf.setBackend("wasm");
  }
  await tf.ready();
  return tf.getBackend();
}

/** Runs the model; `outputs` are names as `node:index`. */
export async function runOracle(
  { json, weights }: TfModelFiles,
  inputs: Readonly<Record<string, Tensor>>,
  outputs: readonly string[],
): Promise<Tensor[]> {
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
  const feeds: Record<string, tf.Tensor> = {};
  for (const [name, { type, dims, data }] of Object.entries(inputs)) {
    const values = data as Float32Array;
    feeds[name] = tf.tensor(values, [...dims], type as "float32" | "int32");
  }
  const results: tf.Tensor[] = [model.execute(feeds, [...outputs])].flat();
  const tensors = await Promise.all(
    results.map(async (result) => {
      const type = result.dtype as "float32" | "int32" | "bool";
      return tensorOf(type, result.shape, Array.from(await result.data()));
    }),
  );
  tf.dispose([...results, ...Object.values(feeds)]);
  model.dispose();
  return tensors;
}

/** Largest absolute difference; infinite when the shapes differ or only one side is a number. */
export function largestDifference(a: Tensor, b: Tensor): number {
  if (a.dims.join() !== b.dims.join()) {
    return Number.POSITIVE_INFINITY;
  }
  const [x, y] = [numbersOf(a), numbersOf(b)];
  return x.reduce((largest, value, index) => {
    const other = y[index] ?? Number.NaN;
    const difference = Object.is(value, other) ? 0 : Math.abs(value - other);
    return Math.max(largest, Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference);
  }, 0);
}
