/** State and logic of the control room's page; no rendering, no DOM. */
export * from "./api.ts";
export * from "./brain-time.ts";
export * from "./browser-clock.ts";
export * from "./case-path.ts";
export * from "./clocks.ts";
export * from "./live.ts";
export * from "./sse.ts";
export * from "./state.ts";
export * from "./store.ts";
export * from "./stream.ts";
export * from "./visible.ts";
