/** Health: what a node tells about itself. */
export { InferenceWatch } from "./inference-watch.ts";
export type { InferenceWatchOptions } from "./inference-watch.ts";
export { NodeMetrics } from "./metrics.ts";
export type { LookKind, ModelInfo, NodeState, PlanFigures, RuleCount, Stage } from "./metrics.ts";
export { Tally } from "./tally.ts";
export type { TallyLog } from "./tally.ts";
export { serveHealth } from "./server.ts";
export type { HealthServer } from "./server.ts";
