/** Takes in what nodes send (T1), keeps their pictures, and works events into cases (T2). */
export * from "./accept-batch.ts";
export * from "./accept-report.ts";
export * from "./batch-texts.ts";
export * from "./batch-writer.ts";
export * from "./canonical.ts";
export * from "./event-check.ts";
export * from "./event-routes.ts";
export * from "./evidence-files.ts";
export * from "./evidence-routes.ts";
export * from "./heartbeat-routes.ts";
export * from "./inbox-depth.ts";
export * from "./inbox-worker.ts";
export * from "./quarantine.ts";
export * from "./regroup.ts";
export * from "./work-off.ts";
