/** Talks with nodes about cameras: plans that the control room wants, and single orders. */
export * from "./create-nodes.ts";
export { createNodeWakeups, NODES_CHANNEL, type NodeWakeups } from "./wakeups.ts";
