/** What the brain forgets, and when: pictures, contacts, and rows that nobody needs any more. */
export {
  createRetention,
  type Retention,
  type RetentionInput,
  type RetentionRun,
} from "./retention.ts";
export type { PictureFiles } from "./picture-sweeps.ts";
export type { RetentionConfig } from "./periods.ts";
export type { Removed } from "./sweep.ts";
