/** Which events are one happening in the world: a pure decision, no I/O. */
export * from "./correlate.ts";
