/** Rewrites a translated graph so that pictures stay in ONNX's layout (NCHW) throughout. */
import type { Graph } from "../../onnx/index.ts";
import { Draft, rewrite } from "./draft.ts";
import { dropIdentity, foldBias, foldPad } from "./fusions.ts";
import {
  mergeTransposes,
  shareTransposes,
  sinkThroughAxes,
  sinkThroughAxis,
  sinkThroughConcat,
  sinkThroughElementwise,
  sinkThroughPad,
} from "./transposes.ts";

/** The same function of the same inputs, to within rounding of sums folded into one. */
export function optimise(graph: Graph): Graph {
  const draft = new Draft(graph);
  rewrite(draft, [
    dropIdentity,
    mergeTransposes,
    sinkThroughElementwise,
    sinkThroughConcat,
    sinkThroughAxis,
    sinkThroughAxes,
    sinkThroughPad,
    foldPad,
    foldBias,
  ]);
  rewrite(draft, [shareTransposes]);
  return draft.toGraph();
}
