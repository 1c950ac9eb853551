/** What this phone keeps of its reports: their codes, and a grid worker's key. */
import type { Words } from "./dom.ts";

export interface KnownReport {
  readonly code: string;
  readonly title: Words;
  readonly at: string;
}

const REPORTS = "sesb.reports";
const KEY = "sesb.worker-key";
const MAX_REPORTS = 20;

export function knownReports(): readonly KnownReport[] {
  try {
    return JSON.parse(localStorage.getItem(REPORTS) ?? "[]") as readonly KnownReport[];
  } catch {
    return [];
  }
}

export function rememberReport(report: KnownReport): void {
  keep(REPORTS, JSON.stringify([report, ...knownReports()].slice(0, MAX_REPORTS)));
}

export function workerKey(): string {
  try {
    return localStorage.getItem(KEY) ?? "";
  } catch {
    return "";
  }
}

export function rememberWorkerKey(key: string): void {
  keep(KEY, key);
}

function keep(name: string, value: string): void {
  try {
    localStorage.setItem(name, value);
  } catch {
    // Storage may be forbidden or full: the code is on the screen, and the key can be typed again.
  }
}
