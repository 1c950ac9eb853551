/** The files of one PostgreSQL cluster: made once, complete or not at all. */
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import {
  chown,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  statfs,
  writeFile,
} from "node:fs/promises";
import path from "node:path";
import type { Log } from "./log.ts";
import type { PostgresBinaries } from "./postgres-binaries.ts";
import { SERVER_ENV, type ServerUser } from "./server-user.ts";
import { unavailableForGood } from "./unavailable.ts";

export const SUPERUSER = "sharp_eyes";

/** An empty database takes 40 MB, its log up to four times as much before the first rows. */
const MINIMUM_FREE_MB = 200;

export interface Cluster {
  /** PostgreSQL's own folder, PGDATA. */
  readonly dir: string;
  readonly password: string;
}

export interface ClusterOptions {
  readonly dataDir: string;
  readonly binaries: PostgresBinaries;
  readonly user: ServerUser;
  readonly log: Log;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Opens the cluster of a data folder, or makes it. `initdb` works in a folder beside, which is
 * renamed when it is complete, so that a power cut in between leaves nothing half-made.
 */
export async function openCluster(options: ClusterOptions): Promise<Cluster> {
  const { dataDir } = options;
  const dir = path.join(dataDir, "cluster");
  if (!existsSync(dir)) {
    await removeLeftovers(dataDir);
    const password = await writePassword(options);
    await makeCluster(dir, options);
    return { dir, password };
  }
  await checkVersion(dir, options.binaries.version);
  const password = await readFile(passwordFile(dataDir), "utf8").catch((error: unknown) => {
    throw unavailableForGood(
      "The password of the database is missing",
      { where: passwordFile(dataDir), expected: "the file written with the database", got: "none" },
      error,
    );
  });
  return { dir, password: password.trim() };
}

async function removeLeftovers(dataDir: string): Promise<void> {
  for (const name of await readdir(dataDir)) {
    if (name.startsWith("cluster.")) {
      await rm(path.join(dataDir, name), { recursive: true, force: true });
    }
  }
}

async function writePassword({ dataDir, user }: ClusterOptions): Promise<string> {
  const password = randomBytes(24).toString("hex");
  const file = passwordFile(dataDir);
  await rm(file, { force: true });
  await writeFile(file, `${password}\n`, { mode: 0o600, flag: "wx", flush: true });
  await giveTo(file, user);
  return password;
}

async function giveTo(target: string, user: ServerUser): Promise<void> {
  if (user.ids !== undefined) {
    await chown(target, user.ids.uid, user.ids.gid);
  }
}

function passwordFile(dataDir: string): string {
  return path.join(dataDir, "password");
}

async function checkVersion(dir: string, packageVersion: string): Promise<void> {
  const got = (await readFile(path.join(dir, "PG_VERSION"), "utf8")).trim();
  const expected = packageVersion.split(".")[0] ?? "";
  if (got !== expected) {
    throw unavailableForGood("The database folder was made by another PostgreSQL", {
      where: dir,
      expected: `PostgreSQL ${expected}`,
      got: `PostgreSQL ${got}; move its data with pg_dump`,
    });
  }
}

async function makeCluster(dir: string, options: ClusterOptions): Promise<void> {
  options.log.info({ folder: dir }, "A new database is made; this takes about a second");
  await checkSpace(options.dataDir);
  const part = `${dir}.part`;
  await mkdir(part, { mode: 0o700 });
  await giveTo(part, options.user);
  const flags = [
    `--pgdata=${part}`,
    `--username=${SUPERUSER}`,
    `--pwfile=${passwordFile(options.dataDir)}`,
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--locale=C",
    // Unicode rules that are the same on every machine, whatever its C library.
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--no-instructions",
  ];
  const { code, output } = await runInitdb(flags, options);
  if (code !== 0) {
    await rm(part, { recursive: true, force: true });
    const { expected, got } = explain(output);
    throw unavailableForGood("initdb could not make the database", { where: dir, expected, got });
  }
  await rename(part, dir);
  const folder = await open(options.dataDir, "r");
  await folder.sync().finally(() => folder.close());
}

/** `initdb` on a full disk dies with a panic that does not name it. */
async function checkSpace(dataDir: string): Promise<void> {
  const { bavail, bsize } = await statfs(dataDir);
  const freeMb = Math.floor((bavail * bsize) / 1e6);
  if (freeMb < MINIMUM_FREE_MB) {
    throw unavailableForGood("There is no room for the database", {
      where: dataDir,
      expected: `${String(MINIMUM_FREE_MB)} MB of free disk space`,
      got: `${String(freeMb)} MB`,
    });
  }
}

function runInitdb(
  flags: readonly string[],
  { binaries, user, signal }: ClusterOptions,
): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    let output = "";
    const child = spawn(binaries.initdb, flags, {
      cwd: "/",
      env: SERVER_ENV,
      stdio: ["ignore", "ignore", "pipe"],
      ...(signal === undefined ? {} : { signal }),
      ...user.ids,
    });
    child.stderr.on("data", (chunk: Buffer) => {
      output = (output + chunk.toString("utf8")).slice(-8_000);
    });
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, output: output.trim() }));
  });
}

/** What `initdb` missed, and the line that says so; its last lines where none is known. */
function explain(output: string): { expected: string; got: string } {
  const reasons: readonly [RegExp, string][] = [
    [/No space left/i, "free disk space"],
    [/error while loading shared libraries/i, "complete packages; run: npm rebuild"],
    [/Permission denied/i, "a folder that the user of the server may write"],
  ];
  const lines = output.split("\n");
  for (const [pattern, expected] of reasons) {
    const line = lines.find((candidate) => pattern.test(candidate));
    if (line !== undefined) {
      return { expected, got: line.slice(-400) };
    }
  }
  return { expected: "exit status 0", got: lines.slice(-4).join(" ").slice(-600) };
}
