/** One run of the `postgres` program: started, found ready, stopped. */
import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { readFile, rename, stat } from "node:fs/promises";
import path from "node:path";
import type { Clock } from "../../protocol/index.ts";
import { commandLine, waitUntilGone } from "./process-table.ts";
import { SERVER_ENV, type ServerUser } from "./server-user.ts";
import { unavailableForNow } from "./unavailable.ts";

/** What PostgreSQL writes about itself into `postmaster.pid`. */
export interface PostmasterFile {
  readonly pid: number;
  readonly port: number;
  /** `starting`, `ready`, `stopping`, `standby`, or empty while the file is being written. */
  readonly status: string;
}

export interface Postmaster {
  readonly pid: number;
  readonly port: number;
}

/**
 * For a small machine that this server shares with the brain. Durability is PostgreSQL's own:
 * fsync, full_page_writes and synchronous_commit stay on.
 */
const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
  max_connections: "60",
  shared_buffers: "128MB",
  // Two cores: parallel plans and I/O workers cost more than they bring.
  max_parallel_workers_per_gather: "0",
  io_method: "sync",
  jit: "off",
  random_page_cost: "1.1",
  // Nothing streams from this server, so its log need only bring itself back.
  wal_level: "minimal",
  max_wal_senders: "0",
  wal_compression: "on",
  max_wal_size: "512MB",
  idle_in_transaction_session_timeout: "60s",
  client_connection_check_interval: "5s",
  // Errors of statements go to the client; the file keeps starts, stops and worse.
  log_min_messages: "log",
  log_checkpoints: "off",
  log_timezone: "UTC",
  timezone: "UTC",
};

const POLL_MS = 15;
/** Recovery after a crash replays at most max_wal_size. */
const READY_TIMEOUT_MS = 120_000;
const FAST_STOP_TIMEOUT_MS = 30_000;
const IMMEDIATE_STOP_TIMEOUT_MS = 5_000;
const LOG_ROTATE_BYTES = 1_000_000;

export async function readPostmasterFile(clusterDir: string): Promise<PostmasterFile | undefined> {
  const text = await readFile(pidFile(clusterDir), "utf8").catch(() => undefined);
  return text === undefined ? undefined : parsePostmasterFile(text);
}

/** Lines: pid, folder, start time, port, socket folder, address, shared memory, status. */
export function parsePostmasterFile(text: string): PostmasterFile {
  const lines = text.split("\n");
  const number = (line: string | undefined): number => {
    const value = Number(line?.trim());
    return Number.isInteger(value) && value > 0 ? value : 0;
  };
  return { pid: number(lines[0]), port: number(lines[3]), status: (lines[7] ?? "").trim() };
}

export function pidFile(clusterDir: string): string {
  return path.join(clusterDir, "postmaster.pid");
}

/** Whether the process is alive and is a server of this very folder. */
export async function isServerOf(pid: number, clusterDir: string): Promise<boolean> {
  const line = pid > 1 ? await commandLine(pid) : undefined;
  return line?.includes(`-D ${clusterDir}`) ?? false;
}

export interface SpawnOptions {
  readonly postgres: string;
  readonly dataDir: string;
  readonly clusterDir: string;
  readonly port: number;
  readonly user: ServerUser;
  /** Over SETTINGS. */
  readonly settings?: Readonly<Record<string, string>> | undefined;
}

/** Rejects when the program cannot be started at all; resolves with its exit in `exited`. */
export async function spawnPostmaster(
  options: SpawnOptions,
): Promise<{ pid: number; exited: Promise<void> }> {
  const logFile = serverLogFile(options.dataDir);
  await rotate(logFile);
  const log = openSync(logFile, "a", 0o600);
  try {
    const settings = { ...SETTINGS, ...options.settings };
    const flags = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
    // Detached: a Ctrl-C in a terminal reaches the brain, which then stops the server in order.
    const child = spawn(
      options.postgres,
      ["-D", options.clusterDir, "-p", String(options.port), ...flags],
      {
        cwd: "/",
        detached: true,
        env: SERVER_ENV,
        stdio: ["ignore", log, log],
        ...options.user.ids,
      },
    );
    const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
    await new Promise<void>((resolve, reject) => {
      child.once("spawn", resolve);
      child.once("error", reject);
    });
    child.unref();
    return { pid: child.pid ?? 0, exited };
  } finally {
    closeSync(log);
  }
}

export function serverLogFile(dataDir: string): string {
  return path.join(dataDir, "server.log");
}

async function rotate(file: string): Promise<void> {
  const size = await stat(file).then(
    (entry) => entry.size,
    () => 0,
  );
  if (size > LOG_ROTATE_BYTES) {
    await rename(file, `${file}.1`);
  }
}

/** Waits for status `ready`; undefined when the process went away instead. */
export async function waitUntilReady(
  pid: number,
  clusterDir: string,
  clock: Clock,
  signal?: AbortSignal,
): Promise<Postmaster | undefined> {
  for (let poll = 0; poll < READY_TIMEOUT_MS / POLL_MS; poll += 1) {
    const file = await readPostmasterFile(clusterDir);
    if (file?.pid === pid && file.status === "ready") {
      return { pid, port: file.port };
    }
    if ((await commandLine(pid)) === undefined) {
      return undefined;
    }
    await clock.wait(POLL_MS, signal);
  }
  throw unavailableForNow("The database server does not become ready", {
    where: clusterDir,
    expected: `ready within ${READY_TIMEOUT_MS / 1000} s`,
    got: (await readPostmasterFile(clusterDir))?.status ?? "no status",
  });
}

/** Fast shutdown: sessions are ended, everything is written. Immediate only where that hangs. */
export async function stopPostmaster(pid: number, clusterDir: string, clock: Clock): Promise<void> {
  const stages = [
    { signal: "SIGINT", timeoutMs: FAST_STOP_TIMEOUT_MS },
    { signal: "SIGQUIT", timeoutMs: IMMEDIATE_STOP_TIMEOUT_MS },
  ] as const;
  for (const { signal, timeoutMs } of stages) {
    if (!(await isServerOf(pid, clusterDir))) {
      return;
    }
    sendSignal(pid, signal);
    if (await waitUntilGone(pid, clusterDir, { clock, timeoutMs })) {
      return;
    }
  }
  throw unavailableForNow("The database server does not stop", {
    where: clusterDir,
    got: `process ${pid} is still there`,
  });
}

function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") {
      throw error; // ESRCH: it went away by itself in the meantime.
    }
  }
}
