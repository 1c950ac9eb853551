/** Which events are one happening in the world: a pure decision, no I/O. */
export * from "./alarm-index.ts";
export * from "./alarm-view.ts";
export * from "./camera-graph.ts";
export * from "./command.ts";
export * from "./correlate.ts";
export * from "./explanation.ts";
export * from "./gcj02.ts";
export * from "./incident-hull.ts";
export * from "./incident.ts";
export * from "./link.ts";
export * from "./operator.ts";
export * from "./place.ts";
export * from "./sighting.ts";
export * from "./silence.ts";
export * from "./state.ts";
export * from "./storm.ts";
export * from "./type-family.ts";
