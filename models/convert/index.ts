/** TensorFlow.js graph models to ONNX. */
import type { Graph } from "../onnx/index.ts";
import { optimise } from "./passes/index.ts";
import { readTfGraph } from "./tf-graph.ts";
import { translate } from "./translate.ts";

export { OPERATORS } from "./operators/index.ts";
export { optimise } from "./passes/index.ts";
export { readTfGraph, type TfGraph } from "./tf-graph.ts";
export { translate } from "./translate.ts";

/** Changes whenever the same source would give other bytes. */
export const CONVERTER_VERSION = 2;

/**
 * @param json the parsed `model.json`
 * @param readWeights gives the bytes of one file of its weights' manifest
 * @throws PermanentError MODEL_INVALID or OPERATOR_UNSUPPORTED
 */
export async function convert(
  json: unknown,
  readWeights: (path: string) => Promise<Uint8Array>,
  name: string,
): Promise<Graph> {
  return optimise(translate(await readTfGraph(json, readWeights, name), name));
}
