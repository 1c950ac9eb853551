import { existsSync } from "node:fs";
import path from "node:path";

export const FOOTAGE = path.resolve(import.meta.dirname, "../../.cache/footage/vtest.mp4");

/** Why tests on the demonstration footage are skipped, or undefined when it is there. */
export const footageMissing = existsSync(FOOTAGE)
  ? undefined
  : "the demonstration footage is missing; run: node scripts/setup.mjs footage";
