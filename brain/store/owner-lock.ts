/**
 * One brain per data folder. The lock is a listening local socket, because the kernel lets go of it
 * at the very moment its holder dies, however it dies: there is no stale lock to judge.
 */
import { createHash } from "node:crypto";
import { rm } from "node:fs/promises";
import { connect, createServer, type Server } from "node:net";
import path from "node:path";
import type { Clock } from "../../protocol/index.ts";
import { unavailableForGood } from "./unavailable.ts";

/** A brain that is just going away needs this long to stop its server. */
const DEFAULT_WAIT_MS = 5_000;
const POLL_MS = 25;

export interface OwnerLockOptions {
  readonly clock: Clock;
  readonly pid: number;
  readonly waitMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * @param dataDir an absolute, resolved folder.
 * @throws PermanentError DATABASE_UNAVAILABLE when another process holds the folder; it names it.
 */
export async function acquireOwnerLock(
  dataDir: string,
  { clock, pid, waitMs = DEFAULT_WAIT_MS, signal }: OwnerLockOptions,
): Promise<AsyncDisposable> {
  const address = lockAddress(dataDir);
  const tries = Math.max(1, Math.ceil(waitMs / POLL_MS));
  for (let attempt = 1; ; attempt += 1) {
    const server = await listenOn(address, pid);
    if (server !== undefined) {
      return { [Symbol.asyncDispose]: () => closeServer(server) };
    }
    const holder = await askHolder(address);
    if (holder === undefined && !address.startsWith("\0")) {
      await rm(address, { force: true });
    }
    if (attempt >= tries) {
      throw unavailableForGood("The database folder is in use by another brain", {
        where: dataDir,
        expected: "one brain per database folder",
        got: `process ${holder ?? "unknown"} holds it`,
      });
    }
    await clock.wait(POLL_MS, signal);
  }
}

/** Linux has socket names outside the file system, which leave nothing behind. */
function lockAddress(dataDir: string): string {
  if (process.platform !== "linux") {
    return path.join(dataDir, "owner.sock");
  }
  const digest = createHash("sha256").update(dataDir).digest("hex").slice(0, 32);
  return `\0sharp-eyes-database-${digest}`;
}

function listenOn(address: string, pid: number): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => {
      socket.on("error", () => socket.destroy());
      socket.end(String(pid));
    });
    server.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE") {
        resolve(undefined);
      } else {
        reject(error);
      }
    });
    server.listen(address, () => {
      server.unref();
      resolve(server);
    });
  });
}

function askHolder(address: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    let answer = "";
    const socket = connect(address);
    socket.setTimeout(1_000, () => socket.destroy());
    socket.on("data", (chunk) => {
      answer += chunk.toString("utf8").slice(0, 20);
    });
    socket.on("error", () => resolve(undefined));
    socket.on("close", () => resolve(answer === "" ? undefined : answer));
  });
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}
