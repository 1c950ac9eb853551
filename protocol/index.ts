/** The wire contract between edge, brain, departments and console. No I/O. */
export * from "./audit.ts";
export * from "./case.ts";
export * from "./catalogue/index.ts";
export * from "./command.ts";
export * from "./delivery.ts";
export * from "./directory.ts";
export * from "./errors.ts";
export * from "./event.ts";
export * from "./geometry.ts";
export * from "./ids.ts";
export * from "./intake.ts";
export * from "./secrets.ts";
export * from "./subscription.ts";
export * from "./time.ts";
export * from "./views.ts";
export * from "./webhook.ts";
export * from "./whistle.ts";
