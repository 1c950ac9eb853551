/** What the page says when something is wrong. */
import type { Words } from "./dom.ts";
import { RefusedError } from "./report-api.ts";

const REFUSALS: Readonly<Record<string, Words>> = {
  RATE_LIMITED: { zh: "上报太频繁, 请稍后再试", en: "Too many reports; try again later" },
  OVERLOADED: { zh: "系统繁忙, 请稍后再试", en: "The system is busy; try again soon" },
  BODY_TOO_LARGE: { zh: "照片太大", en: "A photo is too large" },
  EVIDENCE_MISMATCH: { zh: "照片无法读取", en: "A photo cannot be read" },
  EVENT_TOO_OLD: { zh: "时间太久, 请按现在的情况重新上报", en: "Too old: report it as it is now" },
  SESSION_REQUIRED: { zh: "网格员密钥无效", en: "The grid worker's key is not in force" },
  NOT_FOUND: { zh: "没有这个编号", en: "There is no such code" },
  STATE_CONFLICT: { zh: "现在不能评价", en: "It cannot be rated now" },
};

export const OFFLINE: Words = { zh: "没有网络, 请稍后再试", en: "No connection; try again later" };

export function explain(error: unknown): Words {
  if (!(error instanceof RefusedError)) {
    return OFFLINE;
  }
  return REFUSALS[error.code] ?? { zh: "内容有误, 请检查", en: `Please check: ${error.message}` };
}
