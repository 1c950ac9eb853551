/** The gate: which frames, and which parts of them, are worth a look. Pure. */
export { LookPlanner } from "./look-planner.ts";
export type { Look } from "./look-planner.ts";
export { GATE_DEFAULTS, MotionGate } from "./motion-gate.ts";
export type { GateOptions, GateSight, GateVerdict } from "./motion-gate.ts";
export type { PictureChange, PictureQuality, PictureState } from "./picture-state.ts";
export { PictureWatch } from "./picture-watch.ts";
export type { PictureWatchOptions } from "./picture-watch.ts";
