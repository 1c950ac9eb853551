/** Where the database's files lie: the configured folder, or one that the server's user can reach. */
import { createHash } from "node:crypto";
import { chmod, mkdir, readdir, realpath, stat } from "node:fs/promises";
import path from "node:path";
import { AppError } from "../../protocol/index.ts";
import type { Log } from "./log.ts";
import { chooseServerUser, isReachable, type ServerUser } from "./server-user.ts";
import { reasonOf, unavailableForGood } from "./unavailable.ts";

export interface DataFolder {
  /** Absolute and without symbolic links. */
  readonly dir: string;
  readonly user: ServerUser;
}

export interface DataFolderOptions {
  readonly dataDir: string;
  readonly systemDir: string;
  readonly log: Log;
}

/** @throws PermanentError DATABASE_UNAVAILABLE when no folder can be had; says why. */
export async function openDataFolder(options: DataFolderOptions): Promise<DataFolder> {
  const user = await chooseServerUser(process.getuid?.());
  const wanted = path.resolve(options.dataDir);
  const found = await claimFolder(wanted, user);
  if (isReachable(found.dir, found.user)) {
    return found;
  }
  const digest = createHash("sha256").update(wanted).digest("hex").slice(0, 8);
  const other = path.join(options.systemDir, `${path.basename(wanted)}-${digest}`);
  options.log.warn(
    { wanted, folder: other, user: found.user.name },
    "The user of the database server cannot reach the configured folder; another one is used",
  );
  await mkdir(options.systemDir, { recursive: true, mode: 0o755 });
  const second = await claimFolder(other, user);
  if (isReachable(second.dir, second.user)) {
    return second;
  }
  throw unavailableForGood("The user of the database server cannot reach its folder", {
    where: other,
    expected: `a folder that ${second.user.name} can enter`,
    got: "permission denied",
  });
}

/**
 * Makes the folder. Where the brain is root, the folder itself stays root's and only the cluster
 * within belongs to the server's user, so that a server gone bad cannot lay traps for root.
 */
async function claimFolder(wanted: string, user: ServerUser): Promise<DataFolder> {
  try {
    await mkdir(wanted, { recursive: true });
    const dir = await realpath(wanted);
    if (!isOurs(await readdir(dir))) {
      throw unavailableForGood("The database folder holds something else", {
        where: dir,
        expected: "an empty folder or one of an earlier start",
        got: "other files",
      });
    }
    if (user.ids === undefined) {
      await chmod(dir, 0o700);
      return { dir, user };
    }
    const owner = await ownerOf(path.join(dir, "cluster"), dir);
    if (owner.uid !== 0) {
      // Made by an earlier start or by an ordinary user: its owner stays the server's user.
      return { dir, user: { name: `user ${String(owner.uid)}`, ids: owner } };
    }
    await chmod(dir, 0o711);
    return { dir, user };
  } catch (error) {
    if (error instanceof AppError) {
      throw error;
    }
    throw unavailableForGood(
      "The database folder cannot be made",
      { where: wanted, expected: "a folder that can be written", got: reasonOf(error) },
      error,
    );
  }
}

function isOurs(names: readonly string[]): boolean {
  return names.length === 0 || names.includes("password");
}

/** Ids of the first of these that exists. */
async function ownerOf(...paths: readonly string[]): Promise<{ uid: number; gid: number }> {
  for (const candidate of paths) {
    const entry = await stat(candidate).catch(() => undefined);
    if (entry !== undefined) {
      return { uid: entry.uid, gid: entry.gid };
    }
  }
  return { uid: 0, gid: 0 };
}
