/** The number people use for a case: `YYYYMMDD-000001`, counted per local day of the brain. */
import type { EpochMs } from "../../protocol/index.ts";

/** Local day of a time, `YYYYMMDD`. */
export function localDay(at: EpochMs): string {
  const date = new Date(at);
  const parts = [date.getFullYear(), date.getMonth() + 1, date.getDate()];
  return parts.map((part, index) => String(part).padStart(index === 0 ? 4 : 2, "0")).join("");
}

export function caseNumber(day: string, count: number): string {
  return `${day}-${String(count).padStart(6, "0")}`;
}
