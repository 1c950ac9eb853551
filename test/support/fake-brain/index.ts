/** A brain of cardboard for the page: real schemas, scripted cases, failures on demand. */
export * from "./case-script.ts";
export * from "./fake-brain.ts";
