/** Runs one of our graphs in onnxruntime. */
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

/** Numbers in [low, high) that look random and are the same every time (mulberry32). */
export function randomNumbers(count: number, seed: number, low = -1, high = 1): number[] {
  let state = seed;
  return Array.from({ length: count }, () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return low + (((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * (high - low);
  });
}
