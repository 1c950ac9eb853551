/** Cameras and their rules: the list, a draft of a plan, drawing, and a rule's test. */
export * from "./camera-api.ts";
export * from "./camera-list.ts";
export * from "./plan-draft.ts";
export * from "./rule-fields.ts";
export * from "./rule-test.ts";
export * from "./shape.ts";
