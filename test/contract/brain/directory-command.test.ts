import { spawn } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { sql } from "kysely";
import { uuidv7 } from "uuidv7";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { importTown } from "../../../brain/directory/index.ts";
import type { Database } from "../../../brain/store/index.ts";
import { systemClock } from "../../../protocol/index.ts";
import {
  DEMO_TOWN,
  demoTexts,
  readTexts,
  type Texts,
} from "../../brain/directory/town/town-sample.ts";
import { startTestPostgres, type TestPostgres } from "../../support/postgres.ts";
import { openTestDatabase, putCase } from "./directory-bench.ts";

const MAIN = path.resolve(import.meta.dirname, "../../../brain/directory-main.ts");
const containing = (text: string): unknown => expect.stringContaining(text);

let server: TestPostgres;
let demo: Texts;
beforeAll(async () => {
  demo = await demoTexts();
});
beforeEach(async () => {
  server = await startTestPostgres({ migrated: true });
});
afterEach(() => server.close());

describe("registers of persons (B3, B4)", () => {
  let database: Database;
  beforeEach(async () => {
    database = await openTestDatabase(server);
  });
  afterEach(() => database.close());

  it("can be enabled in no way, and no case can carry them", async () => {
    const { db } = database;
    const { record } = readTexts(demo);
    await importTown({ db, record, clock: systemClock, newId: uuidv7, actor: "system" });
    for (const line of ["B3", "B4"]) {
      await expect(
        sql`update business_line set enabled = true where code = ${line}`.execute(db),
      ).rejects.toThrow(/business_line_no_persons/);
      await putCase(database, `20261124-00000${line[1] ?? ""}`, [{ department: "GA" }]);
      await expect(sql`update case_file set line = ${line}`.execute(db)).rejects.toThrow(
        /case_file_no_persons/,
      );
    }
  });

  it("are joined to nothing: no key leads to or from business lines", async () => {
    const { rows } = await sql<{ source: string; target: string }>`
      select conrelid::regclass::text as source, confrelid::regclass::text as target
      from pg_constraint where contype = 'f'`.execute(database.db);
    expect(rows.length).toBeGreaterThan(10);
    expect(rows.filter(({ source, target }) => [source, target].includes("business_line"))).toEqual(
      [],
    );
    const columns = await sql<{ table_name: string }>`
      select table_name from information_schema.columns
      where table_schema = 'public' and column_name in ('line', 'business_line', 'line_code')`.execute(
      database.db,
    );
    // Whoever adds a table with a line must keep persons out of it as case_file does.
    expect(columns.rows.map(({ table_name: name }) => name)).toEqual(["case_file"]);
  });
});

describe("the directory command", () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(path.join(os.tmpdir(), "sharp-eyes-town-"));
  });
  afterEach(() => rm(dir, { recursive: true, force: true }));

  interface Run {
    readonly code: number | null;
    readonly out: string;
    readonly err: string;
  }

  function run(...args: string[]): Promise<Run> {
    return new Promise((resolve) => {
      const child = spawn(process.execPath, ["--import", "tsx", MAIN, ...args], {
        env: { ...process.env, DATABASE_URL: server.connectionString },
      });
      const texts = { out: "", err: "" };
      child.stdout.on("data", (data: Buffer) => (texts.out += data.toString()));
      child.stderr.on("data", (data: Buffer) => (texts.err += data.toString()));
      child.on("close", (code) => resolve({ code, ...texts }));
    });
  }

  it("imports, exports the same bytes, and says when nothing changed", async () => {
    expect(await run("export", dir)).toMatchObject({
      code: 1,
      err: containing("NOT_FOUND"),
    });
    expect(await run("import", DEMO_TOWN, "--dry-run")).toMatchObject({
      code: 0,
      out: containing("Dry run"),
    });
    expect(await run("import", DEMO_TOWN)).toMatchObject({
      code: 0,
      out: containing("version 1"),
    });
    expect(await run("import", DEMO_TOWN)).toMatchObject({
      code: 0,
      out: containing("Nothing changed"),
    });
    expect(await run("export", dir)).toMatchObject({ code: 0 });
    for (const file of await readdir(DEMO_TOWN)) {
      expect(await readFile(path.join(dir, file)), file).toEqual(
        await readFile(path.join(DEMO_TOWN, file)),
      );
    }
  });

  it("lists every mistake and fails", async () => {
    for (const [file, text] of demo) {
      await writeFile(
        path.join(dir, file),
        text.replace("Asia/Shanghai", "Moon").replace("GA,D02", "ga,D02"),
      );
    }
    const { code, err } = await run("check", dir);
    expect(code).toBe(1);
    expect(err).toMatch(/settings\.csv timeZone.*got Moon/);
    expect(err).toMatch(/departments\.csv:\d+ code.*got ga/);
    expect(await run("check", path.join(dir, "none"))).toMatchObject({
      code: 1,
      err: containing("ENOENT"),
    });
    expect(await run("frobnicate", dir)).toMatchObject({ code: 2 });
  });
});
