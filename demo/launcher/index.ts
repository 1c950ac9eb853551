/** The launcher of the demonstration, and the child's side of it. */
export * from "./configuration.ts";
export * from "./launcher.ts";
export * from "./options.ts";
export * from "./parent.ts";
export * from "./ports.ts";
export * from "./programs.ts";
export * from "./rotating-log.ts";
export * from "./scene.ts";
export * from "./state-file.ts";
export * from "./supervised.ts";
