import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { migrate, silentLog } from "../../../brain/store/index.ts";
import type { Clock } from "../../../protocol/index.ts";
import { startTestPostgres, type TestPostgres } from "../../support/postgres.ts";

const AT = 1_790_000_000_000;
const clock: Clock = { now: () => AT, wait: () => Promise.resolve() };

describe("migrate", () => {
  let keeper: TestPostgres;
  let server: TestPostgres;
  let pool: pg.Pool;
  let dir: string;
  const run = (): Promise<number> => migrate({ pool, clock, log: silentLog, dir });
  const put = (file: string, sql: string): Promise<void> => writeFile(path.join(dir, file), sql);

  beforeAll(async () => {
    keeper = await startTestPostgres(); // Keeps the server between the tests.
  });
  afterAll(() => keeper.close());
  beforeEach(async () => {
    dir = await mkdtemp(path.join(os.tmpdir(), "sharp-eyes-migrations-"));
    server = await startTestPostgres();
    pool = new pg.Pool({ connectionString: server.connectionString, max: 3 });
    // The database is dropped under connections that are just being closed.
    pool.on("connect", (client) => client.on("error", () => undefined));
    await put("0001-first.sql", "create table one (id int);\ncreate table two (id int);\n");
  });
  afterEach(async () => {
    await pool.end();
    await server.close();
    await rm(dir, { recursive: true, force: true });
  });

  it("applies what is new, in order, and records it with its digest and the given time", async () => {
    await expect(run()).resolves.toBe(1);
    await put("0002-second.sql", "alter table two add column note text;");
    await expect(run()).resolves.toBe(1);
    await expect(run()).resolves.toBe(0);
    const { rows } = await pool.query(
      "select version, file, applied_at, length(sha256) as digits from schema_migration order by 1",
    );
    expect(rows).toEqual([
      { version: 1, file: "0001-first.sql", applied_at: String(AT), digits: 64 },
      { version: 2, file: "0002-second.sql", applied_at: String(AT), digits: 64 },
    ]);
  });

  it("does the work once when several brains start together", async () => {
    const counts = await Promise.all([run(), run(), run()]);
    expect([...counts].sort()).toEqual([0, 0, 1]);
  });

  it("refuses a file that was changed after it had been applied, but not other line ends", async () => {
    await run();
    await put("0001-first.sql", "create table one (id int);\r\ncreate table two (id int);\r\n");
    await expect(run()).resolves.toBe(0);
    await put("0001-first.sql", "create table one (id bigint);");
    await expect(run()).rejects.toMatchObject({
      name: "PermanentError",
      code: "DATABASE_UNAVAILABLE",
      detail: { where: "0001-first.sql" },
    });
  });

  it("refuses a database that is newer than the program", async () => {
    await put("0002-second.sql", "select 1;");
    await run();
    await rm(path.join(dir, "0002-second.sql"));
    await expect(run()).rejects.toThrow(/newer than this program.*0002-second\.sql/);
  });

  it("applies a file that comes after one with a higher number", async () => {
    await put("0003-third.sql", "create table three (id int);");
    await expect(run()).resolves.toBe(2);
    await put("0002-second.sql", "create table four (id int);");
    await expect(run()).resolves.toBe(1);
    await expect(run()).resolves.toBe(0);
  });

  it("refuses a number that comes twice and a name without one", async () => {
    await put("0001-other.sql", "select 1;");
    await expect(run()).rejects.toThrow(/do not form a sequence.*expected a name such as 0002/);
    await rm(path.join(dir, "0001-other.sql"));
    await put("second.sql", "select 1;");
    await expect(run()).rejects.toThrow(/do not form a sequence/);
  });

  it("leaves nothing of a file that fails, names the line, and lets go of its lock", async () => {
    await put("0002-second.sql", "create table three (id int);\nselect 1;\nselect nonsense;\n");
    await expect(run()).rejects.toThrow(/A migration failed; at 0002-second\.sql:3/);
    const { rows } = await pool.query("select to_regclass('three') as name");
    expect(rows).toEqual([{ name: null }]);
    await put("0002-second.sql", "create table three (id int);");
    await expect(run()).resolves.toBe(1);
  });
});
