/** Delivers tasks to departments' systems and takes their acknowledgements. */
export * from "./acknowledgement-routes.ts";
export * from "./broker.ts";
export * from "./broker-row.ts";
export * from "./claim-deliveries.ts";
export * from "./delivery-routes.ts";
export * from "./dispatcher.ts";
export * from "./network-guard.ts";
export * from "./post-webhook.ts";
export * from "./record-attempts.ts";
export * from "./render-webhook.ts";
export * from "./retry-schedule.ts";
export * from "./subscriber.ts";
export * from "./subscription-routes.ts";
