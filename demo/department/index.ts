/** The demonstration department and its parts, which serve as the reference client. */
export * from "./acknowledger.ts";
export * from "./client.ts";
export * from "./config.ts";
export * from "./department.ts";
export * from "./ledger.ts";
export * from "./progress.ts";
export * from "./server.ts";
export * from "./signed-post.ts";
