/** Configuration: schemas, defaults and the loader. Only this folder reads configuration files. */
export * from "./brain.ts";
export * from "./edge.ts";
export { loadYaml, parseYaml } from "./load.ts";
