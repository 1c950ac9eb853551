/** Where set-up keeps things. */
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, renameSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

export const PROJECT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
export const CACHE = path.join(PROJECT, ".cache");
const STAMPS = path.join(CACHE, "setup");

export function fileSize(file) {
  return statSync(file, { throwIfNoEntry: false })?.size;
}

/** Files below a folder, sorted; a missing folder is empty. */
export function listFiles(folder) {
  let entries;
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
  return entries
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const file = path.join(folder, entry.name);
      return entry.isDirectory() ? listFiles(file) : entry.isFile() ? [file] : [];
    });
}

/** SHA-256 over names and bytes of files and of everything below folders. */
export function digestOf(...names) {
  const hash = createHash("sha256");
  for (const name of names) {
    const whole = path.join(PROJECT, name);
    const files = statSync(whole, { throwIfNoEntry: false })?.isFile() ? [whole] : listFiles(whole);
    for (const file of files) {
      hash
        .update(`${path.relative(PROJECT, file)}\0`)
        .update(readFileSync(file))
        .update("\0");
    }
  }
  return hash.digest("hex");
}

/** SHA-256 over names, sizes and times: for large files that only set-up itself writes. */
export function listingOf(folder) {
  const hash = createHash("sha256");
  for (const file of listFiles(folder)) {
    const { size, mtimeMs } = statSync(file);
    hash.update(`${path.relative(PROJECT, file)}\0${size}\0${mtimeMs}\0`);
  }
  return hash.digest("hex");
}

export function readStamp(name) {
  try {
    return readFileSync(path.join(STAMPS, name), "utf8").trim();
  } catch {
    return undefined;
  }
}

export function writeStamp(name, value) {
  mkdirSync(STAMPS, { recursive: true });
  writeAtomically(path.join(STAMPS, name), `${value}\n`);
}

export function writeAtomically(file, text) {
  const draft = `${file}.${process.pid}.part`;
  writeFileSync(draft, text);
  renameSync(draft, file);
}
