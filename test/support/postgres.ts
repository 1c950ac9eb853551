/**
 * A real PostgreSQL for tests: one server per process, one fresh database per call, nothing left
 * behind. The server's folder is temporary; its watchdog ends it even when the process is killed.
 */
import { rmSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import pg from "pg";
import {
  type EmbeddedPostgres,
  migrate,
  silentLog,
  startEmbeddedPostgres,
} from "../../brain/store/index.ts";
import { systemClock } from "../../protocol/index.ts";

export interface TestPostgres extends AsyncDisposable {
  /** Of a database that nobody else uses. */
  readonly connectionString: string;
  /** Ends the server with the last database of this process. */
  close(): Promise<void>;
}

export interface TestPostgresOptions {
  /** True: with the brain's tables. They are made once and copied. */
  readonly migrated?: boolean;
}

interface SharedServer {
  readonly dataDir: string;
  readonly embedded: EmbeddedPostgres;
  readonly onExit: () => void;
  template: Promise<string> | undefined;
}

let shared: Promise<SharedServer> | undefined;
let users = 0;
let databases = 0;

export async function startTestPostgres({
  migrated = false,
}: TestPostgresOptions = {}): Promise<TestPostgres> {
  users += 1;
  shared ??= startServer();
  let closed: Promise<void> | undefined;
  try {
    const server = await shared;
    if (migrated) {
      server.template ??= createTemplate(server.embedded.connectionString);
    }
    const template = migrated ? await server.template : undefined;
    const connectionString = await createDatabase(server.embedded.connectionString, template);
    const close = (): Promise<void> => {
      closed ??= release();
      return closed;
    };
    return { connectionString, close, [Symbol.asyncDispose]: close };
  } catch (error) {
    await release();
    throw error;
  }
}

async function release(): Promise<void> {
  users -= 1;
  const last = shared;
  if (users > 0 || last === undefined) {
    return;
  }
  shared = undefined;
  const server = await last;
  process.off("exit", server.onExit);
  await server.embedded.close();
  await rm(server.dataDir, { recursive: true, force: true });
}

async function startServer(): Promise<SharedServer> {
  const dataDir = await mkdtemp(path.join(os.tmpdir(), "sharp-eyes-postgres-"));
  const embedded = await startEmbeddedPostgres({ dataDir, clock: systemClock, log: silentLog });
  // A test that forgot to close: the exit hook may only do what is done at once.
  const onExit = (): void => {
    try {
      process.kill(embedded.serverPid, "SIGQUIT");
    } catch {
      // It is gone already.
    }
    rmSync(dataDir, { recursive: true, force: true, maxRetries: 5 });
  };
  process.once("exit", onExit);
  return { dataDir, embedded, onExit, template: undefined };
}

async function createTemplate(adminUrl: string): Promise<string> {
  const connectionString = await createDatabase(adminUrl, undefined);
  const pool = new pg.Pool({ connectionString, max: 1 });
  try {
    await migrate({ pool, clock: systemClock, log: silentLog });
  } finally {
    await pool.end();
  }
  return new URL(connectionString).pathname.slice(1);
}

async function createDatabase(adminUrl: string, template: string | undefined): Promise<string> {
  databases += 1;
  const name = `test_${String(databases)}`;
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    const from = template === undefined ? "" : ` template ${template}`;
    await client.query(`create database ${name}${from}`);
  } finally {
    await client.end();
  }
  const url = new URL(adminUrl);
  url.pathname = `/${name}`;
  return url.href;
}
