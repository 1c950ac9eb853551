/** Pictures on disk that wait for the brain, named by the SHA-256 of their bytes. */
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { sha256Schema, TransientError } from "../../protocol/index.ts";
import type { Sha256 } from "../../protocol/index.ts";

const PICTURE_NAME = /^([0-9a-f]{64})\.jpg$/;

export interface StoredPicture {
  readonly sha256: Sha256;
  /** Absolute file name. */
  readonly path: string;
}

/** What the store asks of the outbox. */
export interface PictureReferences {
  /** True while an event on disk still needs the picture. */
  refers(sha256: string): boolean;
  /** Gives up pictures of the oldest `update` phases until so many bytes are free, if it can. */
  makeRoom(bytes: number): void;
}

export interface EvidenceStoreOptions {
  readonly dir: string;
  readonly maxBytes: number;
  readonly references: PictureReferences;
}

/**
 * A picture is durable when `put` returns. It stays while an event refers to it, or while the
 * caller who put it has neither appended an event with it nor released it.
 */
export class EvidenceStore {
  readonly #options: EvidenceStoreOptions;
  readonly #sizes = new Map<string, number>();
  readonly #pins = new Map<string, number>();
  readonly #writing = new Map<string, Promise<void>>();
  #bytes = 0;
  #refused = 0;
  #temporary = 0;

  constructor(options: EvidenceStoreOptions) {
    this.#options = options;
    fs.mkdirSync(options.dir, { recursive: true, mode: 0o700 });
  }

  /** Bytes of all pictures on disk. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Pictures refused because the store was full, since the start. */
  get refused(): number {
    return this.#refused;
  }

  /**
   * Stores a picture; the same bytes again change nothing.
   * @throws TransientError OUTBOX_FULL when the bound is reached and no room can be made.
   */
  async put(bytes: Uint8Array): Promise<StoredPicture> {
    const sha256 = sha256Schema.parse(createHash("sha256").update(bytes).digest("hex"));
    this.#pins.set(sha256, (this.#pins.get(sha256) ?? 0) + 1);
    try {
      await this.#ensure(sha256, bytes);
    } catch (error) {
      this.release(sha256);
      throw error;
    }
    return { sha256, path: this.pathOf(sha256) };
  }

  /** Says that no event will be appended with a picture that `put` returned. */
  release(sha256: string): void {
    this.unpin(sha256);
    this.discard(sha256);
  }

  /** An event refers to the picture now: `put` need not hold it any longer. */
  unpin(sha256: string): void {
    const count = this.#pins.get(sha256) ?? 0;
    if (count > 1) {
      this.#pins.set(sha256, count - 1);
    } else {
      this.#pins.delete(sha256);
    }
  }

  pathOf(sha256: string): string {
    return path.join(this.#options.dir, `${sha256}.jpg`);
  }

  /** Bytes of a stored picture, 0 when it is not here. */
  sizeOf(sha256: string): number {
    return this.#sizes.get(sha256) ?? 0;
  }

  /** Deletes the picture unless somebody still needs it. */
  discard(sha256: string): void {
    const busy = this.#pins.has(sha256) || this.#writing.has(sha256);
    if (busy || !this.#sizes.has(sha256) || this.#options.references.refers(sha256)) {
      return;
    }
    fs.rmSync(this.pathOf(sha256), { force: true });
    this.#bytes -= this.sizeOf(sha256);
    this.#sizes.delete(sha256);
  }

  /** Reads the folder and deletes what a crash left behind; gives the number of pictures deleted. */
  sweep(): number {
    let deleted = 0;
    for (const name of fs.readdirSync(this.#options.dir)) {
      const file = path.join(this.#options.dir, name);
      const sha256 = PICTURE_NAME.exec(name)?.[1];
      if (sha256 !== undefined && this.#options.references.refers(sha256)) {
        const { size } = fs.statSync(file);
        this.#sizes.set(sha256, size);
        this.#bytes += size;
      } else if (sha256 !== undefined || name.endsWith(".tmp")) {
        fs.rmSync(file, { force: true });
        deleted += sha256 === undefined ? 0 : 1;
      }
    }
    return deleted;
  }

  async #ensure(sha256: string, bytes: Uint8Array): Promise<void> {
    const running = this.#writing.get(sha256);
    if (running !== undefined) {
      return running;
    }
    if (this.#sizes.has(sha256)) {
      return;
    }
    this.#reserve(sha256, bytes.byteLength);
    const writing = this.#write(sha256, bytes);
    this.#writing.set(sha256, writing);
    try {
      await writing;
    } catch (error) {
      this.#bytes -= bytes.byteLength;
      this.#sizes.delete(sha256);
      throw error;
    } finally {
      this.#writing.delete(sha256);
    }
  }

  #reserve(sha256: string, bytes: number): void {
    const excess = this.#bytes + bytes - this.#options.maxBytes;
    if (excess > 0) {
      this.#options.references.makeRoom(excess);
    }
    if (this.#bytes + bytes > this.#options.maxBytes) {
      this.#refused += 1;
      throw new TransientError("OUTBOX_FULL", "The evidence store is full", {
        where: this.#options.dir,
        expected: `at most ${String(this.#options.maxBytes)} bytes`,
        got: `${String(this.#bytes)} bytes and ${String(bytes)} more`,
      });
    }
    this.#bytes += bytes;
    this.#sizes.set(sha256, bytes);
  }

  /** Write, fsync, rename, fsync of the folder: after a crash the name is whole or absent. */
  async #write(sha256: string, bytes: Uint8Array): Promise<void> {
    this.#temporary += 1;
    const temporary = path.join(this.#options.dir, `${sha256}.${String(this.#temporary)}.tmp`);
    try {
      await writeDurably(temporary, bytes);
      await fs.promises.rename(temporary, this.pathOf(sha256));
      await syncFolder(this.#options.dir);
    } catch (error) {
      await fs.promises.rm(temporary, { force: true });
      if ((error as NodeJS.ErrnoException).code === "ENOSPC") {
        const where = this.#options.dir;
        this.#refused += 1;
        throw new TransientError("OUTBOX_FULL", "The disk is full", { where }, error);
      }
      throw error;
    }
  }
}

async function writeDurably(file: string, bytes: Uint8Array): Promise<void> {
  const handle = await fs.promises.open(file, "w", 0o600);
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function syncFolder(dir: string): Promise<void> {
  const handle = await fs.promises.open(dir, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
