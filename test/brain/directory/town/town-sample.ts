/** The demonstration town, and ways to spoil its files. */
import { readFile } from "node:fs/promises";
import path from "node:path";
import {
  parseTown,
  type ReadTown,
  TOWN_FILES,
  TownInvalidError,
  type TownProblem,
} from "../../../../brain/directory/index.ts";

export const DEMO_TOWN = path.resolve(import.meta.dirname, "../../../../demo/town");
export const TODAY = "2026-11-24";

export type Texts = Map<string, string>;

export async function demoTexts(): Promise<Texts> {
  const entries = await Promise.all(
    TOWN_FILES.map(
      async (file) => [file, await readFile(path.join(DEMO_TOWN, file), "utf8")] as const,
    ),
  );
  return new Map(entries);
}

export function bytesOf(texts: ReadonlyMap<string, string>): Map<string, Uint8Array> {
  return new Map([...texts].map(([file, text]) => [file, new TextEncoder().encode(text)]));
}

export function readTexts(texts: ReadonlyMap<string, string>, today = TODAY): ReadTown {
  return parseTown(bytesOf(texts), today);
}

/** Changes one file; the text that is replaced must be there. */
export function change(texts: Texts, file: string, from: string, to: string): Texts {
  const text = texts.get(file) ?? "";
  if (!text.includes(from)) {
    throw new Error(`${file} does not hold ${from}`);
  }
  return new Map(texts).set(
    file,
    text.replace(from, () => to),
  );
}

export function problemsOf(texts: ReadonlyMap<string, string>): readonly TownProblem[] {
  try {
    return readTexts(texts).warnings;
  } catch (error) {
    if (error instanceof TownInvalidError) {
      return error.problems;
    }
    throw error;
  }
}

interface Feature {
  readonly properties: Record<string, unknown>;
  geometry: unknown;
}

/** Edits the feature whose code or camera id this is. */
export function edit(texts: Texts, file: string, name: string, by: (one: Feature) => void): Texts {
  const data = JSON.parse(texts.get(file) ?? "") as { features: Feature[] };
  const feature = data.features.find(
    ({ properties }) => properties["code"] === name || properties["cameraId"] === name,
  );
  if (feature === undefined) {
    throw new Error(`${file} has no ${name}`);
  }
  by(feature);
  return new Map(texts).set(file, JSON.stringify(data));
}
