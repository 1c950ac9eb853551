// Loads the worker's TypeScript: a worker thread does not inherit its parent's loader on Node 20.
import { tsImport } from "tsx/esm/api";

await tsImport("./worker.ts", import.meta.url);
