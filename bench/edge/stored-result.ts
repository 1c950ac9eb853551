/** The stored file: each part has its own provenance, and a run of one part keeps the others. */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { provenance, storeResult, type Provenance } from "../support/report.ts";
import type { Figure } from "./regression.ts";

const RESULTS = path.resolve(import.meta.dirname, "../results");

export interface StoredPart extends Provenance {
  /** Frames per second of the bare session in the same run, the unit of what is compared. */
  readonly bareFps: number;
  /** What `--gate` compares. */
  readonly compared: Readonly<Record<string, Figure>>;
  readonly figures: unknown;
}

export type StoredParts = Readonly<Record<string, StoredPart>>;

/** @param name of the file, without its ending. */
export function storedParts(name: string): StoredParts {
  const file = path.join(RESULTS, `${name}.json`);
  return existsSync(file)
    ? ((JSON.parse(readFileSync(file, "utf8")) as { parts?: StoredParts }).parts ?? {})
    : {};
}

export function storeParts(
  name: string,
  parts: Readonly<Record<string, Omit<StoredPart, keyof Provenance>>>,
): void {
  const fresh = Object.entries(parts).map(([part, content]) => [
    part,
    { ...provenance(), ...content },
  ]);
  storeResult(name, {
    parts: { ...storedParts(name), ...(Object.fromEntries(fresh) as StoredParts) },
  });
}
