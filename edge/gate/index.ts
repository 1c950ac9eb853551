/** The gate: which frames, and which parts of them, are worth a look. Pure. */
export { LookPlanner } from "./look-planner.ts";
export type { Look } from "./look-planner.ts";
export { GATE_DEFAULTS, MotionGate } from "./motion-gate.ts";
export type { GateOptions, GateVerdict } from "./motion-gate.ts";
export type { PictureChange, PictureQuality, PictureState } from "./picture-state.ts";
