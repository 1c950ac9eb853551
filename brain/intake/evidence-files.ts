/** Pictures on disk, named by the SHA-256 of their bytes, complete or not there at all. */
import { createHash, randomBytes } from "node:crypto";
import { createReadStream, type ReadStream } from "node:fs";
import { mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import type { EpochMs } from "../../protocol/index.ts";

export interface EvidenceFiles {
  has(sha256: string): Promise<boolean>;
  /** Durable when it resolves; writing the same bytes again is harmless. */
  write(sha256: string, bytes: Buffer): Promise<void>;
  read(sha256: string): ReadStream;
  /** Whether the bytes are there and have the hash that names them. */
  isWhole(sha256: string): Promise<boolean>;
  /** Gone for good when it resolves; removing what is not there is harmless. */
  remove(sha256: string): Promise<void>;
  /** Every file, folder by folder; files that come meanwhile may be left out. */
  list(): AsyncIterable<StoredFile>;
}

export interface StoredFile {
  readonly sha256: string;
  /** When it was written, by the clock of the disk's machine. */
  readonly writtenAt: EpochMs;
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
    isWhole: (sha256) => isWhole(fileOf(sha256), sha256),
    remove: async (sha256) => {
      await rm(fileOf(sha256), { force: true });
    },
    list: () => listFiles(dir),
  };
}

async function isWhole(file: string, sha256: string): Promise<boolean> {
  const hash = createHash("sha256");
  try {
    await pipeline(createReadStream(file), hash);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") {
      return false;
    }
    throw error;
  }
  return hash.digest("hex") === sha256;
}

async function* listFiles(dir: string): AsyncGenerator<StoredFile> {
  for (const folder of (await readdir(dir)).sort()) {
    if (!/^[0-9a-f]{2}$/.test(folder)) {
      continue;
    }
    for (const name of (await readdir(path.join(dir, folder))).sort()) {
      const found = await stat(path.join(dir, folder, name)).catch(() => undefined);
      if (/^[0-9a-f]{64}$/.test(name) && found?.isFile() === true) {
        yield { sha256: name, writtenAt: found.mtimeMs };
      }
    }
  }
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
