/** Runs one of our graphs in onnxruntime. */
import { seeded } from "../../../bench/support/seeded.ts";
import ort from "onnxruntime-node";
import {
  type Graph,
  type Tensor,
  type TensorData,
  type TensorType,
  writeOnnx,
} from "../../../models/onnx/index.ts";

export async function runGraph(
  graph: Graph,
  inputs: Readonly<Record<string, Tensor>>,
): Promise<Record<string, Tensor>> {
  const session = await ort.InferenceSession.create(writeOnnx(graph), {
    intraOpNumThreads: 1,
    logSeverityLevel: 3,
  });
  const feeds = Object.fromEntries(
    Object.entries(inputs).map(([name, { type, dims, data }]) => [
      name,
      new ort.Tensor(type as "float32", data as Float32Array, dims),
    ]),
  );
  const results = await session.run(feeds);
  await session.release();
  return Object.fromEntries(
    Object.entries(results).map(([name, { type, dims, data }]) => [
      name,
      { type: type as TensorType, dims, data: data as TensorData },
    ]),
  );
}

/** Numbers in [low, high) that look random and are the same every time. */
export function randomNumbers(count: number, seed: number, low = -1, high = 1): number[] {
  const random = seeded(seed);
  return Array.from({ length: count }, () => low + random() * (high - low));
}
