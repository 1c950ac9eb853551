/** Cases and whistles as rows: read, decided elsewhere, written whole. */
export { armCases, setFirstTimers } from "./arm-cases.ts";
export { type LoadedCase, type LoadedWhistle, loadCase, loadCases, workOf } from "./case-rows.ts";
export {
  type CaseChange,
  type CaseworkDeps,
  type Saved,
  saveCases,
  type SaveOptions,
} from "./save-cases.ts";
export { GIVE_UP_MS, type TaskShare } from "./send-tasks.ts";
