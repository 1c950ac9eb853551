/**
 * The PostgreSQL server of a run of tests. Vitest runs `setup` once in its own process; test files
 * find the server by a file in a folder that the environment names, so that none of them waits for
 * it but those that use it.
 */
import { rmSync } from "node:fs";
import { mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import pg from "pg";
import { migrate, silentLog, startEmbeddedPostgres } from "../../brain/store/index.ts";
import { systemClock } from "../../protocol/index.ts";

export interface TestServer {
  /** Of a database to make others from. */
  readonly adminUrl: string;
  /** A database with the brain's tables. */
  readonly template: string;
}

const FOLDER_VARIABLE = "SHARP_EYES_TEST_POSTGRES";
const ANSWER_FILE = "server.json";
const WAIT_MS = 60_000;

/** What only a server with something to lose needs; and brains side by side share this one. */
const SETTINGS = {
  fsync: "off",
  synchronous_commit: "off",
  full_page_writes: "off",
  max_connections: "250",
  max_wal_size: "2GB",
  autovacuum: "off",
};

/** One server for all projects of the run: each calls its own copy of this module. */
const ofRun = globalThis as { testPostgres?: { users: number; end: () => Promise<void> } };

export default async function setup(): Promise<() => Promise<void>> {
  ofRun.testPostgres ??= { users: 0, end: await begin() };
  const run = ofRun.testPostgres;
  run.users += 1;
  return async () => {
    run.users -= 1;
    if (run.users === 0) {
      delete ofRun.testPostgres;
      await run.end();
    }
  };
}

/** Starts without waiting. */
async function begin(): Promise<() => Promise<void>> {
  const folder = await mkdtemp(path.join(os.tmpdir(), "sharp-eyes-test-run-"));
  process.env[FOLDER_VARIABLE] = folder;
  const tell = async (answer: TestServer | { readonly error: string }): Promise<void> => {
    const draft = path.join(folder, "draft.json");
    await writeFile(draft, JSON.stringify(answer), { mode: 0o600 });
    await rename(draft, path.join(folder, ANSWER_FILE));
  };
  const started = runServer().then(
    async (server) => {
      await tell(server);
      return server;
    },
    async (error: unknown) => {
      await tell({ error: String(error) });
      return undefined;
    },
  );
  return async () => {
    await (await started)?.[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  };
}

/** The run's server as soon as it is ready; undefined where there is no run. */
export async function serverOfRun(): Promise<TestServer | undefined> {
  const folder = process.env[FOLDER_VARIABLE];
  if (folder === undefined) {
    return undefined;
  }
  const file = path.join(folder, ANSWER_FILE);
  for (const startedMs = performance.now(); performance.now() - startedMs < WAIT_MS; ) {
    const text = await readFile(file, "utf8").catch(() => undefined);
    if (text !== undefined) {
      const answer = JSON.parse(text) as TestServer | { readonly error: string };
      if ("error" in answer) {
        throw new Error(`The PostgreSQL of the tests could not be started: ${answer.error}`);
      }
      return answer;
    }
    await systemClock.wait(20);
  }
  throw new Error(`The PostgreSQL of the tests did not come within ${WAIT_MS / 1000} s`);
}

/** A server with a template. Its watchdog ends it even when this process is killed. */
export async function runServer(): Promise<TestServer & AsyncDisposable> {
  const dataDir = await mkdtemp(path.join(os.tmpdir(), "sharp-eyes-postgres-"));
  const embedded = await startEmbeddedPostgres({
    ...{ dataDir, settings: SETTINGS, clock: systemClock, log: silentLog },
  });
  // Where nobody closes: the exit hook may only do what is done at once.
  const onExit = (): void => {
    try {
      process.kill(embedded.serverPid, "SIGQUIT");
    } catch {
      // It is gone already.
    }
    rmSync(dataDir, { recursive: true, force: true, maxRetries: 5 });
  };
  process.once("exit", onExit);
  const end = async (): Promise<void> => {
    process.off("exit", onExit);
    await embedded.close();
    await rm(dataDir, { recursive: true, force: true });
  };
  const { connectionString } = embedded;
  const pool = new pg.Pool({ connectionString, max: 1 });
  try {
    await migrate({ pool, clock: systemClock, log: silentLog });
  } catch (error) {
    await pool.end();
    await end();
    throw error;
  }
  await pool.end();
  const adminUrl = new URL(connectionString);
  const template = adminUrl.pathname.slice(1);
  adminUrl.pathname = "/postgres";
  return { adminUrl: adminUrl.href, template, [Symbol.asyncDispose]: end };
}
