/** What every benchmark writes beside its figures: on what and of what they were measured. */
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";

const RESULTS = path.resolve(import.meta.dirname, "../results");

export interface Provenance {
  readonly at: string;
  readonly commit: string;
  readonly machine: { readonly cpu: string; readonly cores: number; readonly memoryGb: number };
  readonly node: string;
  /** Load average of the last minute: a shared machine explains much. */
  readonly load: number;
}

export function provenance(): Provenance {
  const [cpu] = os.cpus();
  return {
    at: new Date().toISOString(),
    commit: commit(),
    machine: {
      cpu: cpu?.model ?? "unknown",
      cores: os.cpus().length,
      memoryGb: Math.round(os.totalmem() / 2 ** 30),
    },
    node: process.version,
    load: Math.round((os.loadavg()[0] ?? 0) * 10) / 10,
  };
}

function commit(): string {
  try {
    const hash = execFileSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8" }).trim();
    const dirty = execFileSync("git", ["status", "--porcelain"], { encoding: "utf8" }).trim();
    return dirty === "" ? hash : `${hash}+changes`;
  } catch {
    return "unknown";
  }
}

/** Writes `bench/results/<name>.json` and says where. */
export function storeResult(name: string, figures: object): void {
  mkdirSync(RESULTS, { recursive: true });
  const file = path.join(RESULTS, `${name}.json`);
  writeFileSync(file, `${JSON.stringify({ ...provenance(), ...figures }, null, 2)}\n`);
  console.log(`\nStored in ${path.relative(process.cwd(), file)}`);
}

export interface Distribution {
  readonly count: number;
  readonly p50: number;
  readonly p95: number;
  readonly max: number;
}

/** Nearest-rank percentiles. */
export function distributionOf(values: readonly number[]): Distribution {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number =>
    Math.round((sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? NaN) * 10) / 10;
  return { count: sorted.length, p50: at(0.5), p95: at(0.95), max: at(1) };
}

export function printTable(rows: Readonly<Record<string, Distribution>>, unit: string): void {
  const width = Math.max(...Object.keys(rows).map((name) => name.length));
  const cell = (text: string | number): string => String(text).padStart(9);
  console.log(`${"".padEnd(width)}${["count", "p50", "p95", "max"].map(cell).join("")}  (${unit})`);
  for (const [name, row] of Object.entries(rows)) {
    console.log(
      `${name.padEnd(width)}${[row.count, row.p50, row.p95, row.max].map(cell).join("")}`,
    );
  }
}
