/**
 * A real PostgreSQL for tests: one server for all files of a run, one fresh database per call,
 * nothing left behind. Outside a run of tests (a bench) the process has a server of its own.
 */
import { randomBytes } from "node:crypto";
import pg from "pg";
import { systemClock } from "../../protocol/index.ts";
import { runServer, serverOfRun, type TestServer } from "./postgres-server.ts";

export interface TestPostgres extends AsyncDisposable {
  /** Of a database that nobody else uses. */
  readonly connectionString: string;
  /** Removes the database, and ends a server of its own with the last one. */
  close(): Promise<void>;
}

export interface TestPostgresOptions {
  /** True: with the brain's tables. They are made once and copied. */
  readonly migrated?: boolean;
}

const HANG_UP_MS = 3_000;

let own: Promise<TestServer & AsyncDisposable> | undefined;
let users = 0;

export async function startTestPostgres({
  migrated = false,
}: TestPostgresOptions = {}): Promise<TestPostgres> {
  users += 1;
  let closed: Promise<void> | undefined;
  try {
    const server = (await serverOfRun()) ?? (await (own ??= runServer()));
    const name = `test_${randomBytes(6).toString("hex")}`;
    // Copying files takes a tenth of the time of writing every page to the log.
    const from = migrated ? ` template ${server.template} strategy file_copy` : "";
    await withClient(server, (client) => client.query(`create database ${name}${from}`));
    const url = new URL(server.adminUrl);
    url.pathname = `/${name}`;
    const close = (): Promise<void> => {
      closed ??= drop(server, name).finally(release);
      return closed;
    };
    return { connectionString: url.href, close, [Symbol.asyncDispose]: close };
  } catch (error) {
    await release();
    throw error;
  }
}

async function release(): Promise<void> {
  users -= 1;
  const last = own;
  if (users === 0 && last !== undefined) {
    own = undefined;
    await (await last)[Symbol.asyncDispose]();
  }
}

/** Whoever hangs up gets the time for it: a session that is cut complains in its test. */
function drop(server: TestServer, name: string): Promise<void> {
  return withClient(server, async (client) => {
    for (const startedMs = performance.now(); performance.now() - startedMs < HANG_UP_MS; ) {
      const { rowCount } = await client.query("select 1 from pg_stat_activity where datname = $1", [
        name,
      ]);
      if (rowCount === 0) {
        break;
      }
      await systemClock.wait(10);
    }
    await client.query(`drop database if exists ${name} with (force)`);
  });
}

async function withClient(
  { adminUrl }: TestServer,
  work: (client: pg.Client) => Promise<unknown>,
): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
