/** The brain's door: HTTP server, read API, stream, sessions, metrics, the console's pages. */
export * from "./access-guard.ts";
export * from "./audit-routes.ts";
export * from "./cap-routes.ts";
export * from "./case-routes.ts";
export * from "./console-pages.ts";
export * from "./doorkeeper.ts";
export * from "./evidence-reader.ts";
export * from "./health-routes.ts";
export * from "./health-view.ts";
export * from "./metrics.ts";
export * from "./operator-session.ts";
export * from "./problem-answers.ts";
export * from "./quarantine-routes.ts";
export * from "./server.ts";
export * from "./session-routes.ts";
export * from "./stream-routes.ts";
