/**
 * The PostgreSQL that the brain starts itself. It owns the server: whatever state an earlier run
 * left behind (a running server, a dead one's files, a half-made database) is taken over or put
 * right; while the brain runs, a server that dies is started again on the same port.
 */
import { readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import path from "node:path";
import pg from "pg";
import type { Clock } from "../../protocol/index.ts";
import { type Cluster, openCluster, SUPERUSER } from "./cluster.ts";
import { type DataFolder, openDataFolder } from "./data-folder.ts";
import type { Log } from "./log.ts";
import { acquireOwnerLock } from "./owner-lock.ts";
import { findPostgresBinaries, type PostgresBinaries } from "./postgres-binaries.ts";
import {
  isServerOf,
  pidFile,
  type Postmaster,
  readPostmasterFile,
  serverLogFile,
  spawnPostmaster,
  stopPostmaster,
  waitUntilReady,
} from "./postmaster.ts";
import { waitUntilGone } from "./process-table.ts";
import { reasonOf, unavailableForGood, unavailableForNow } from "./unavailable.ts";
import { startWatchdog, type Watchdog, waitForOldWatchdog } from "./watchdog.ts";

/** For a brain that is root in a folder that no other user can enter. */
const SYSTEM_DIR = "/var/lib/sharp-eyes";
const DATABASE = "sharp_eyes";
const START_ATTEMPTS = 30;
const STOPPING_TIMEOUT_MS = 60_000;
const SUPERVISE_MS = 250;
const MAX_BACKOFF_MS = 5_000;

export interface EmbeddedPostgresOptions {
  readonly dataDir: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal?: AbortSignal | undefined;
  /** How long to wait for another brain to let go of the folder. */
  readonly lockWaitMs?: number | undefined;
  readonly systemDir?: string | undefined;
  /** Of PostgreSQL, over the usual ones. Tests have no use for durability, for one. */
  readonly settings?: Readonly<Record<string, string>> | undefined;
}

export interface EmbeddedPostgres {
  /** Carries the password: never log it. Stays the same while the server lives. */
  readonly connectionString: string;
  /** True when a server of an earlier run was found and kept. */
  readonly adopted: boolean;
  /** Process id of the server as of now. */
  readonly serverPid: number;
  /** Stops the server and lets go of the folder. */
  close(): Promise<void>;
}

/**
 * @throws PermanentError DATABASE_UNAVAILABLE when trying again is no use (another brain, no
 * permission, no space, no build for this platform), TransientError otherwise.
 */
export async function startEmbeddedPostgres(
  options: EmbeddedPostgresOptions,
): Promise<EmbeddedPostgres> {
  const { clock, log, signal } = options;
  const systemDir = options.systemDir ?? SYSTEM_DIR;
  const folder = await openDataFolder({ dataDir: options.dataDir, systemDir, log });
  const lock = await acquireOwnerLock(folder.dir, {
    clock,
    pid: process.pid,
    waitMs: options.lockWaitMs,
    signal,
  });
  try {
    const binaries = await findPostgresBinaries({
      user: folder.user,
      systemDir,
      pid: process.pid,
      log,
    });
    const cluster = await openCluster({
      dataDir: folder.dir,
      binaries,
      user: folder.user,
      log,
      signal,
    });
    await waitForOldWatchdog(folder.dir, cluster.dir, clock, signal);
    const { settings } = options;
    const server = new OwnedServer({ folder, binaries, cluster, lock, clock, log, settings });
    await server.start(signal);
    return server;
  } catch (error) {
    await lock[Symbol.asyncDispose]();
    throw error;
  }
}

interface OwnedServerParts {
  readonly folder: DataFolder;
  readonly binaries: PostgresBinaries;
  readonly cluster: Cluster;
  readonly lock: AsyncDisposable;
  readonly clock: Clock;
  readonly log: Log;
  readonly settings: EmbeddedPostgresOptions["settings"];
}

class OwnedServer implements EmbeddedPostgres {
  readonly #parts: OwnedServerParts;
  readonly #closing = new AbortController();
  #postmaster: Postmaster = { pid: 0, port: 0 };
  #watchdog: Watchdog | undefined;
  #supervision: Promise<void> = Promise.resolve();
  #closed: Promise<void> | undefined;
  adopted = false;

  constructor(parts: OwnedServerParts) {
    this.#parts = parts;
  }

  get connectionString(): string {
    return connectionString(this.#parts.cluster.password, this.#postmaster.port, DATABASE);
  }

  get serverPid(): number {
    return this.#postmaster.pid;
  }

  async start(signal?: AbortSignal): Promise<void> {
    const { folder, log } = this.#parts;
    const startedAtMs = performance.now();
    try {
      await this.#ensureRunning(undefined, signal);
      await ensureDatabase(this.#parts.cluster.password, this.#postmaster.port);
      await writeFile(portFile(folder.dir), String(this.#postmaster.port));
    } catch (error) {
      await this.#stopServer();
      throw error;
    }
    log.info(
      {
        folder: folder.dir,
        port: this.#postmaster.port,
        adopted: this.adopted,
        tookMs: Math.round(performance.now() - startedAtMs),
      },
      this.adopted ? "The database server of an earlier run goes on" : "The database is running",
    );
    this.#supervision = this.#supervise();
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#closing.abort();
    await this.#supervision;
    try {
      await this.#stopServer();
    } finally {
      await this.#parts.lock[Symbol.asyncDispose]();
    }
  }

  async #stopServer(): Promise<void> {
    if (this.#postmaster.pid > 0) {
      await stopPostmaster(this.#postmaster.pid, this.#parts.cluster.dir, this.#parts.clock);
    }
    this.#watchdog?.release();
  }

  /** Finds a running server of this folder or starts one, on `port` where it is given. */
  async #ensureRunning(port: number | undefined, signal?: AbortSignal): Promise<void> {
    const { cluster, clock, folder } = this.#parts;
    let pauseMs = 50;
    for (let attempt = 1; attempt <= START_ATTEMPTS; attempt += 1) {
      const found = await this.#findRunning(signal);
      const server = found ?? (await this.#spawn(port ?? (await choosePort(folder.dir)), signal));
      if (server !== undefined) {
        await verify(cluster, server.port);
        this.#watchdog?.release();
        this.#postmaster = server;
        this.adopted = found !== undefined;
        this.#watchdog = await startWatchdog(folder.dir, cluster.dir, server.pid, folder.user);
        return;
      }
      await clock.wait(pauseMs, signal);
      pauseMs = Math.min(pauseMs * 2, 1_000);
    }
    throw unavailableForNow("The database server does not start", {
      where: serverLogFile(folder.dir),
      expected: "a running server",
      got: await tailOf(serverLogFile(folder.dir)),
    });
  }

  /** A living server of this folder; removes what a dead one left. */
  async #findRunning(signal?: AbortSignal): Promise<Postmaster | undefined> {
    const { cluster, clock, log } = this.#parts;
    const file = await readPostmasterFile(cluster.dir);
    if (file === undefined) {
      return undefined;
    }
    if (await isServerOf(file.pid, cluster.dir)) {
      if (file.status !== "stopping") {
        return waitUntilReady(file.pid, cluster.dir, clock, signal);
      }
      log.info({ pid: file.pid }, "The database server of an earlier run is still stopping");
      await waitUntilGone(file.pid, cluster.dir, { clock, timeoutMs: STOPPING_TIMEOUT_MS });
      return undefined;
    }
    // We hold the folder's lock, and PostgreSQL itself refuses to start while processes of an
    // earlier server still use its shared memory: nothing alive loses its file here.
    log.warn({ pid: file.pid }, "The database server of an earlier run is dead; its file goes");
    await rm(pidFile(cluster.dir), { force: true });
    return undefined;
  }

  /** Undefined when the server went away again for a reason that may pass. */
  async #spawn(port: number, signal?: AbortSignal): Promise<Postmaster | undefined> {
    const { binaries, cluster, clock, folder, settings } = this.#parts;
    const { pid } = await spawnPostmaster({
      postgres: binaries.postgres,
      dataDir: folder.dir,
      clusterDir: cluster.dir,
      port,
      user: folder.user,
      settings,
    }).catch((error: unknown) => {
      throw unavailableForGood(
        "PostgreSQL cannot be started",
        { where: binaries.postgres, expected: "an executable file", got: reasonOf(error) },
        error,
      );
    });
    const ready = await waitUntilReady(pid, cluster.dir, clock, signal).catch(
      async (error: unknown) => {
        await stopPostmaster(pid, cluster.dir, clock);
        throw error;
      },
    );
    if (ready === undefined) {
      await throwIfHopeless(serverLogFile(folder.dir));
    }
    return ready;
  }

  /** Starts the server again when it dies, for as long as the brain runs. */
  async #supervise(): Promise<void> {
    const { clock, log } = this.#parts;
    const { signal } = this.#closing;
    const isWanted = (): boolean => !signal.aborted;
    let pauseMs = SUPERVISE_MS;
    while (isWanted()) {
      try {
        await clock.wait(pauseMs, signal);
        await this.#startAgainIfDead(signal);
        pauseMs = SUPERVISE_MS;
      } catch (error) {
        if (isWanted()) {
          log.error({ reason: reasonOf(error) }, "The database server cannot be started again yet");
          pauseMs = Math.min(pauseMs * 2, MAX_BACKOFF_MS);
        }
      }
    }
  }

  async #startAgainIfDead(signal: AbortSignal): Promise<void> {
    const { cluster, log } = this.#parts;
    if (await isServerOf(this.#postmaster.pid, cluster.dir)) {
      return;
    }
    log.error({ pid: this.#postmaster.pid }, "The database server died; it is started again");
    await this.#ensureRunning(this.#postmaster.port, signal);
    log.info({ pid: this.#postmaster.pid }, "The database is running again");
  }
}

function connectionString(password: string, port: number, database: string): string {
  return `postgres://${SUPERUSER}:${password}@127.0.0.1:${String(port)}/${database}`;
}

/** Makes sure that what answers on the port is the server of this folder. */
async function verify(cluster: Cluster, port: number): Promise<void> {
  const directory = await withClient(cluster.password, port, async (client) => {
    const { rows } = await client.query<{ dir: string }>(
      "select current_setting('data_directory') as dir",
    );
    return rows[0]?.dir;
  }).catch((error: unknown) => {
    const refused = (error as { code?: string }).code === "28P01";
    const make = refused ? unavailableForGood : unavailableForNow;
    throw make(
      refused
        ? "The running database server refuses the password kept with its folder"
        : "The database server does not answer",
      { where: cluster.dir, expected: "a session", got: reasonOf(error) },
      error,
    );
  });
  if (directory !== cluster.dir) {
    throw unavailableForNow("Another database server answers on the port", {
      where: `127.0.0.1:${String(port)}`,
      expected: cluster.dir,
      got: directory ?? "nothing",
    });
  }
}

async function ensureDatabase(password: string, port: number): Promise<void> {
  await withClient(password, port, async (client) => {
    const { rowCount } = await client.query("select 1 from pg_database where datname = $1", [
      DATABASE,
    ]);
    if (rowCount === 0) {
      await client.query(`create database ${DATABASE}`);
    }
  });
}

async function withClient<T>(
  password: string,
  port: number,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({
    connectionString: connectionString(password, port, "postgres"),
    connectionTimeoutMillis: 10_000,
  });
  client.on("error", () => undefined); // The query that is waiting rejects with it.
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** The port of the last run where it is free, so that a person's tools find the server again. */
async function choosePort(dataDir: string): Promise<number> {
  const last = Number(await readFile(portFile(dataDir), "utf8").catch(() => ""));
  const remembered = Number.isInteger(last) && last > 0 && last < 65_536 ? last : 0;
  return (await freePort(remembered)) ?? (await freePort(0)) ?? 0;
}

function portFile(dataDir: string): string {
  return path.join(dataDir, "port");
}

function freePort(wanted: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(undefined));
    server.listen(wanted, "127.0.0.1", () => {
      const address = server.address();
      const port = typeof address === "object" && address !== null ? address.port : undefined;
      server.close(() => resolve(port));
    });
  });
}

async function tailOf(file: string): Promise<string> {
  const text = await readFile(file, "utf8").catch(() => "");
  return text.trim().split("\n").slice(-3).join(" ").slice(-600);
}

/** Reads from the server's last words whether another attempt can help. */
async function throwIfHopeless(file: string): Promise<void> {
  const last = await tailOf(file);
  const reasons: readonly [RegExp, string][] = [
    [/No space left on device/i, "free disk space"],
    [/Permission denied|invalid permissions|wrong ownership/i, "files of the server's own user"],
    [/error while loading shared libraries/i, "complete packages; run: npm rebuild"],
    [/could not map anonymous shared memory|Cannot allocate memory/i, "200 MB of free memory"],
  ];
  for (const [pattern, expected] of reasons) {
    if (pattern.test(last)) {
      throw unavailableForGood("The database server cannot run", {
        where: file,
        expected,
        got: last,
      });
    }
  }
}
