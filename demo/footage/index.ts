export { ensureFootage, footageFile } from "./footage.ts";
