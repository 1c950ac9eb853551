/** Pictures on disk, named by the SHA-256 of their bytes, complete or not there at all. */
import { randomBytes } from "node:crypto";
import { createReadStream, type ReadStream } from "node:fs";
import { mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import path from "node:path";

export interface EvidenceFiles {
  has(sha256: string): Promise<boolean>;
  /** Durable when it resolves; writing the same bytes again is harmless. */
  write(sha256: string, bytes: Buffer): Promise<void>;
  read(sha256: string): ReadStream;
}

const DRAFT = ".part";

/** Opens the folder and removes drafts that a crash left behind. */
export async function openEvidenceFiles(dir: string): Promise<EvidenceFiles> {
  await mkdir(dir, { recursive: true });
  for (const entry of await readdir(dir, { recursive: true })) {
    if (entry.endsWith(DRAFT)) {
      await rm(path.join(dir, entry), { force: true });
    }
  }
  const fileOf = (sha256: string): string => path.join(dir, sha256.slice(0, 2), sha256);
  return {
    has: async (sha256) =>
      stat(fileOf(sha256)).then(
        (found) => found.isFile(),
        () => false,
      ),
    write: (sha256, bytes) => writeDurably(fileOf(sha256), bytes),
    read: (sha256) => createReadStream(fileOf(sha256)),
  };
}

/** Data, then name, then the folder that holds the name: each reaches the disk before the next. */
async function writeDurably(file: string, bytes: Buffer): Promise<void> {
  const folder = path.dirname(file);
  await mkdir(folder, { recursive: true });
  const draft = `${file}.${randomBytes(6).toString("hex")}${DRAFT}`;
  const handle = await open(draft, "wx", 0o600);
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(draft, file);
  const folderHandle = await open(folder, "r");
  try {
    await folderHandle.sync();
  } finally {
    await folderHandle.close();
  }
}
