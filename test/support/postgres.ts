/**
 * A real PostgreSQL for tests: one server for all files of a run, one fresh database per call,
 * nothing left behind. Outside a run of tests (a bench) the process has a server of its own.
 */
import { randomBytes } from "node:crypto";
import pg from "pg";
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
    await run(server, `create database ${name}${from}`);
    const url = new URL(server.adminUrl);
    url.pathname = `/${name}`;
    const close = (): Promise<void> => {
      closed ??= run(server, `drop database if exists ${name} with (force)`).finally(release);
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

async function run({ adminUrl }: TestServer, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
