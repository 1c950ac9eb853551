import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import {
  type Database,
  migrate,
  openDatabase,
  silentLog,
  transaction,
} from "../../../brain/store/index.ts";
import { systemClock } from "../../../protocol/index.ts";
import { startTestPostgres, type TestPostgres } from "../../support/postgres.ts";

const common = { clock: systemClock, log: silentLog };

describe("a database on a given server", () => {
  let server: TestPostgres;
  let database: Database;

  beforeAll(async () => {
    server = await startTestPostgres();
    database = await openDatabase({
      ...common,
      config: { url: server.connectionString, dataDir: "unused" },
    });
  });
  afterAll(async () => {
    await database.close();
    await server.close();
  });

  it("reads bigint columns as numbers, so that times stay epoch ms", async () => {
    const result = await sql<{ at: number }>`select 1761955200000::bigint as at`.execute(
      database.db,
    );
    expect(result.rows).toEqual([{ at: 1_761_955_200_000 }]);
  });

  it("begins a transaction again after a serialization failure", async () => {
    await database.pool.query("create table tally (id int primary key, n int)");
    await database.pool.query("insert into tally values (1, 0)");
    const addOne = (): Promise<void> =>
      transaction(
        database.db,
        async (trx) => {
          const { rows } = await sql<{ n: number }>`select n from tally where id = 1`.execute(trx);
          await sql`update tally set n = ${(rows[0]?.n ?? 0) + 1} where id = 1`.execute(trx);
        },
        { clock: systemClock, isolation: "serializable" },
      );
    await Promise.all([addOne(), addOne(), addOne()]);
    const { rows } = await database.pool.query<{ n: number }>("select n from tally");
    expect(rows).toEqual([{ n: 3 }]);
  });

  it("ends with a transient error when every attempt meets a conflict", async () => {
    let attempts = 0;
    const work = transaction(
      database.db,
      async (trx) => {
        attempts += 1;
        await sql`do $$ begin raise exception 'conflict' using errcode = '40001'; end $$`.execute(
          trx,
        );
      },
      { clock: { now: () => 0, wait: () => Promise.resolve() } },
    );
    await expect(work).rejects.toMatchObject({
      name: "TransientError",
      code: "DATABASE_UNAVAILABLE",
    });
    expect(attempts).toBe(6);
  });

  it("gives a failed statement as it is and rolls back", async () => {
    const work = transaction(
      database.db,
      async (trx) => {
        await sql`create table half_done (id int)`.execute(trx);
        await sql`select nonsense`.execute(trx);
      },
      { clock: systemClock },
    );
    await expect(work).rejects.toMatchObject({ code: "42703" });
    const { rows } = await database.pool.query("select to_regclass('half_done') as name");
    expect(rows).toEqual([{ name: null }]);
  });

  it("hands notifications on, and goes on after its connection was cut", async () => {
    const got: (string | undefined)[] = [];
    await using listener = await database.listen("news", (payload) => got.push(payload));
    expect(listener).toBeDefined();
    await database.pool.query("notify news, 'first'");
    await vi.waitFor(() => expect(got).toEqual([undefined, "first"]));
    await database.pool.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = 'sharp-eyes listener'",
    );
    await vi.waitFor(() => expect(got).toEqual([undefined, "first", undefined]));
    await database.pool.query("notify news, 'second'");
    await vi.waitFor(() => expect(got).toEqual([undefined, "first", undefined, "second"]));
  });

  it("survives the loss of its idle connections", async () => {
    await database.pool.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = 'sharp-eyes brain' and pid <> pg_backend_pid()",
    );
    await vi.waitFor(async () => {
      await expect(database.pool.query("select 1 as one")).resolves.toMatchObject({
        rows: [{ one: 1 }],
      });
    });
  });

  it("says at once that a password is wrong, without showing one", async () => {
    const url = new URL(server.connectionString);
    url.password = "not-the-password";
    const opening = openDatabase({ ...common, config: { url: url.href, dataDir: "unused" } });
    await expect(opening).rejects.toMatchObject({ name: "PermanentError" });
    await expect(opening).rejects.not.toThrow(/not-the-password/);
  });

  it("gives up waiting for a server that is not there when it is told to", async () => {
    const stop = new AbortController();
    const warnings: string[] = [];
    const opening = openDatabase({
      config: { url: "postgres://nobody:x@127.0.0.1:1/none", dataDir: "unused" },
      clock: systemClock,
      log: { ...silentLog, warn: (_fields, message) => stop.abort(warnings.push(message)) },
      signal: stop.signal,
    });
    await expect(opening).rejects.toBeDefined();
    expect(warnings).toEqual(["The database does not answer yet; waiting for it"]);
  });
});

describe("an embedded database", () => {
  it("is made, keeps its rows over a restart, and refuses a second brain meanwhile", async () => {
    const dataDir = await mkdtemp(path.join(os.tmpdir(), "sharp-eyes-embedded-"));
    try {
      const first = await openDatabase({ ...common, config: { dataDir } });
      await first.pool.query("create table kept (id int)");
      await first.pool.query("insert into kept values (7)");
      const second = openDatabase({ ...common, config: { dataDir } });
      await expect(second).rejects.toThrow(
        new RegExp(`in use by another brain.*process ${String(process.pid)}`),
      );
      await first.close();
      const again = await openDatabase({ ...common, config: { dataDir } });
      const { rows } = await again.pool.query("select id from kept");
      expect(rows).toEqual([{ id: 7 }]);
      const settings = await again.pool.query(
        "select name, setting from pg_settings where name in ('fsync', 'synchronous_commit', 'full_page_writes', 'password_encryption', 'listen_addresses') order by name",
      );
      expect(settings.rows).toEqual([
        { name: "fsync", setting: "on" },
        { name: "full_page_writes", setting: "on" },
        { name: "listen_addresses", setting: "127.0.0.1" },
        { name: "password_encryption", setting: "scram-sha-256" },
        { name: "synchronous_commit", setting: "on" },
      ]);
      await again.close();
    } finally {
      await rm(dataDir, { recursive: true, force: true });
    }
  });

  it("refuses a folder that holds something else", async () => {
    const parent = await mkdtemp(path.join(os.tmpdir(), "sharp-eyes-foreign-"));
    try {
      await mkdtemp(path.join(parent, "photos-"));
      await expect(openDatabase({ ...common, config: { dataDir: parent } })).rejects.toThrow(
        /holds something else/,
      );
    } finally {
      await rm(parent, { recursive: true, force: true });
    }
  });
});

describe("the brain's own schema", () => {
  it("is applied once, and copied into each test database", async () => {
    await using one = await startTestPostgres({ migrated: true });
    await using database = await openForTest(one.connectionString);
    await expect(migrate({ ...common, pool: database.pool })).resolves.toBe(0);
  });
});

async function openForTest(url: string): Promise<Database & AsyncDisposable> {
  const database = await openDatabase({ ...common, config: { url, dataDir: "unused" } });
  return { ...database, [Symbol.asyncDispose]: () => database.close() };
}
