/** Configuration: schemas, defaults and the loader. Only this folder reads configuration files. */
export * from "./brain.ts";
export * from "./directory.ts";
export * from "./edge.ts";
export * from "./rules.ts";
export { loadYaml, parseYaml } from "./load.ts";
