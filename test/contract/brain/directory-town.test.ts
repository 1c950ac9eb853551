import { spawn } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { sql } from "kysely";
import { uuidv7 } from "uuidv7";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  DIRECTORY_CHANNEL,
  importTown,
  type ImportTownInput,
  openTown,
  printTown,
  readTown,
  type TownImport,
} from "../../../brain/directory/index.ts";
import { type Database, openDatabase, silentLog } from "../../../brain/store/index.ts";
import { systemClock, type TownRecord } from "../../../protocol/index.ts";
import { startTestPostgres, type TestPostgres } from "../../support/postgres.ts";
import {
  change,
  DEMO_TOWN,
  demoTexts,
  readTexts,
  type Texts,
} from "../../brain/directory/town/town-sample.ts";

const MAIN = path.resolve(import.meta.dirname, "../../../brain/directory-main.ts");

const containing = (text: string): unknown => expect.stringContaining(text);

let keeper: TestPostgres;
let server: TestPostgres;
let database: Database;
let demo: Texts;

beforeAll(async () => {
  keeper = await startTestPostgres();
  demo = await demoTexts();
});
afterAll(() => keeper.close());
beforeEach(async () => {
  server = await startTestPostgres({ migrated: true });
  database = await openDatabase({
    config: { url: server.connectionString, dataDir: "" },
    clock: systemClock,
    log: silentLog,
  });
});
afterEach(async () => {
  await database.close();
  await server.close();
});

function bring(record: TownRecord, more: Partial<ImportTownInput> = {}): Promise<TownImport> {
  return importTown({
    db: database.db,
    clock: systemClock,
    newId: uuidv7,
    actor: "operator:test",
    record,
    ...more,
  });
}

/** The demonstration town without one department and its people. */
function without(code: string): TownRecord {
  const { record } = readTexts(demo);
  const people = record.responders.filter(({ department }) => department === code);
  const ids = people.map(({ id }) => id);
  return {
    ...record,
    departments: record.departments.filter((department) => department.code !== code),
    units: record.units.filter(({ department }) => department !== code),
    responders: record.responders.filter(({ id }) => !ids.includes(id)),
    shifts: record.shifts.filter(({ responder }) => !ids.includes(responder)),
  };
}

interface TaskSample {
  readonly department: string;
  readonly role?: string;
  readonly state?: string;
}

/** A dispatched case with these tasks; a delivery to each department's endpoint. */
async function putCase(number: string, tasks: readonly TaskSample[], state = "DISPATCHED") {
  const { db } = database;
  const [incident, caseId] = [uuidv7(), uuidv7()];
  await sql`insert into incident (id, opened_at) values (${incident}, '2026-11-24T00:00:00Z')`.execute(
    db,
  );
  const values = {
    id: caseId,
    incident_id: incident,
    number,
    event_type: "SEC.CROSS",
    title: { zh: "越界", en: "Line crossing" },
    line: "B6",
    severity: 3,
    service_level: "S1",
    state,
    version: 1,
    lead: tasks[0]?.department ?? "GA",
    node_id: "n",
    camera_id: "c",
    camera_name: "Camera",
    location: {},
    privacy: {},
    phase: "new",
    sequence: "1",
    event_count: 1,
    report_limit_ms: 1,
    dispatch_limit_ms: 1,
    contain_limit_ms: 1,
    ...Object.fromEntries(
      ["onset", "captured_at", "reported_at", "updated_at"].map((name) => [
        name,
        "2026-11-24T00:00:00Z",
      ]),
    ),
  };
  await sql`insert into case_file (${sql.join(Object.keys(values).map((name) => sql.ref(name)))})
    select ${sql.join(Object.keys(values).map((name) => sql.ref(name)))}
    from jsonb_populate_record(null::case_file, ${JSON.stringify(values)}::jsonb)`.execute(db);
  for (const { department, role = "lead", state: taskState = "PENDING" } of tasks) {
    const taskId = uuidv7();
    await sql`insert into task (id, case_id, department, role, state, created_at)
      values (${taskId}, ${caseId}, ${department}, ${role}, ${taskState}, '2026-11-24T00:00:00Z')`.execute(
      db,
    );
    await sql`insert into delivery (id, task_id, case_id, endpoint_id, department, payload, state,
        next_attempt_at, fast_until, give_up_at, created_at)
      select ${uuidv7()}, ${taskId}, ${caseId}, endpoint.id, ${department},
        ${JSON.stringify({ type: "task.dispatched", data: { taskId, caseId, department, role } })}::jsonb,
        'PENDING', now(), now(), now(), now() from endpoint where department = ${department}`.execute(
      db,
    );
  }
  return caseId;
}

async function putEndpoints(...departments: string[]): Promise<void> {
  for (const department of departments) {
    await sql`insert into endpoint (id, department, url, secret)
      values (${uuidv7()}, ${department}, 'http://127.0.0.1:1/', 'sealed')`.execute(database.db);
  }
}

async function stored(): Promise<TownRecord | undefined> {
  return (await readTown(database.db))?.record;
}

describe("the import of a town", () => {
  it("keeps it so that it is exported byte for byte, and makes no version of the same again", async () => {
    const { record } = readTexts(demo);
    await expect(bring(record)).resolves.toMatchObject({ outcome: "imported", version: 1 });
    expect(new Map(printTown((await stored()) as TownRecord))).toEqual(demo);
    await expect(bring(record)).resolves.toMatchObject({ outcome: "unchanged", version: 1 });
    const audits = await sql`select 1 from audit where action = 'directory.import'`.execute(
      database.db,
    );
    expect(audits.rows).toHaveLength(1);
  });

  it("tells what changes, keeps what left as disabled, and takes it back in", async () => {
    await bring(readTexts(demo).record);
    const next = change(
      demo,
      "units.csv",
      demo.get("units.csv")?.match(/^volunteers.*\n/m)?.[0] ?? "",
      "",
    );
    const result = await bring(readTexts(change(next, "calendar.csv", "元旦调休", "元旦")).record);
    expect(result).toMatchObject({
      outcome: "imported",
      version: 2,
      changes: [
        { file: "units.csv", added: 0, removed: 1 },
        { file: "calendar.csv", added: 1, removed: 1 },
      ],
    });
    const kept = await sql`select enabled from disposal_unit where code = 'volunteers'`.execute(
      database.db,
    );
    expect(kept.rows).toEqual([{ enabled: false }]);
    expect((await stored())?.units.map(({ code }) => code)).not.toContain("volunteers");
    await bring(readTexts(demo).record);
    expect(new Map(printTown((await stored()) as TownRecord))).toEqual(demo);
  });

  it("tries everything and keeps nothing in a dry run", async () => {
    await expect(bring(readTexts(demo).record, { dryRun: true })).resolves.toMatchObject({
      outcome: "tried",
    });
    expect(await stored()).toBeUndefined();
    const rows = await sql`select 1 from area union all select 1 from audit`.execute(database.db);
    expect(rows.rows).toEqual([]);
  });

  it("is done once by imports that run together", async () => {
    const results = await Promise.all([1, 2, 3, 4].map(() => bring(readTexts(demo).record)));
    expect(results.map(({ outcome }) => outcome).sort()).toEqual([
      "imported",
      "unchanged",
      "unchanged",
      "unchanged",
    ]);
    expect(new Set(results.map(({ version }) => version))).toEqual(new Set([1]));
  });

  it("as a first import leaves a town alone that is there", async () => {
    await bring(readTexts(demo).record, { onlyFirst: true });
    const other = readTexts(change(demo, "settings.csv", "150", "10")).record;
    await expect(bring(other, { onlyFirst: true })).resolves.toMatchObject({
      outcome: "unchanged",
    });
    expect((await stored())?.settings.nearestGridM).toBe(150);
  });

  it("reaches a running brain by notification", async () => {
    const { db } = database;
    const holder = await openTown({ db, clock: systemClock, log: silentLog });
    expect(holder.current()).toMatchObject({ version: 0, calendar: undefined });
    expect(holder.current().hasDepartment("GA")).toBe(true);
    let onTold: () => void = () => undefined;
    const heard = new Promise<void>((resolve) => (onTold = resolve));
    await database.listen(DIRECTORY_CHANNEL, () => {
      void holder.reload().then(() => {
        if (holder.current().version > 0) {
          onTold();
        }
      });
    });
    await bring(without("SF"));
    await heard;
    const town = holder.current();
    expect(town.version).toBe(1);
    expect([town.hasDepartment("GA"), town.hasDepartment("SF")]).toEqual([true, false]);
    expect(town.gridOf(39.904_2, 116.407_4)?.code).toBe("110101001001001");
  });
});

describe("a department that leaves", () => {
  it("is refused while it has open tasks, which are named; nothing is changed", async () => {
    await bring(readTexts(demo).record);
    await putEndpoints("GA", "ZZ");
    await putCase("20261124-000001", [{ department: "GA", state: "ACCEPTED" }]);
    await putCase("20261124-000002", [{ department: "GA" }], "CLOSED");
    await putCase("20261124-000003", [{ department: "GA", state: "RETURNED" }]);
    await expect(bring(without("GA"))).rejects.toMatchObject({
      code: "DEPARTMENT_IN_USE",
      detail: { got: "open tasks: GA 20261124-000001 (lead, ACCEPTED)" },
    });
    expect((await stored())?.departments.map(({ code }) => code)).toContain("GA");
  });

  it("may leave when its work is done", async () => {
    await bring(readTexts(demo).record);
    await putCase("20261124-000001", [{ department: "GA" }], "CLOSED");
    await expect(bring(without("GA"))).resolves.toMatchObject({ handedOver: [] });
  });

  it("by force gives its open tasks to the hub, which is told by a message of its own", async () => {
    await bring(readTexts(demo).record);
    await putEndpoints("GA", "ZZ");
    const caseId = await putCase("20261124-000001", [{ department: "GA" }]);
    const result = await bring(without("GA"), { force: true });
    expect(result.handedOver).toMatchObject([{ department: "GA", caseNumber: "20261124-000001" }]);
    const { db } = database;
    const tasks = await db.selectFrom("task").selectAll().where("case_id", "=", caseId).execute();
    expect(tasks).toMatchObject([{ department: "ZZ", role: "lead", state: "PENDING" }]);
    const cases = await db.selectFrom("case_file").select(["lead", "version"]).execute();
    expect(cases).toEqual([{ lead: "ZZ", version: 2 }]);
    const deliveries = await db
      .selectFrom("delivery")
      .innerJoin("endpoint", "endpoint.id", "delivery.endpoint_id")
      .select(["endpoint.department as to", "delivery.state", "payload"])
      .orderBy("delivery.created_at")
      .execute();
    expect(deliveries).toMatchObject([
      { to: "GA", state: "DEAD" },
      { to: "ZZ", state: "PENDING", payload: { data: { department: "ZZ", role: "lead" } } },
    ]);
    const entries = await db.selectFrom("timeline").select(["kind", "actor", "facts"]).execute();
    expect(entries).toMatchObject([
      { kind: "returned", actor: "operator:test", facts: { department: "GA", to: "ZZ" } },
    ]);
    expect(await db.selectFrom("stream").select("case_id").execute()).toEqual([
      { case_id: caseId },
    ]);
  });

  it("by force makes the hub's own share of the case the lead", async () => {
    await bring(readTexts(demo).record);
    await putEndpoints("GA", "ZZ");
    await putCase("20261124-000001", [
      { department: "GA", state: "ACCEPTED" },
      { department: "ZZ", role: "informed" },
    ]);
    await bring(without("GA"), { force: true });
    const tasks = await database.db.selectFrom("task").selectAll().orderBy("department").execute();
    expect(tasks).toMatchObject([
      { department: "GA", state: "RETURNED", reason: containing("ZZ takes over") },
      { department: "ZZ", role: "lead", state: "ACCEPTED" },
    ]);
  });
});

describe("registers of persons (B3, B4)", () => {
  it("can be enabled in no way, and no case can carry them", async () => {
    await bring(readTexts(demo).record);
    const { db } = database;
    for (const line of ["B3", "B4"]) {
      await expect(
        sql`update business_line set enabled = true where code = ${line}`.execute(db),
      ).rejects.toThrow(/business_line_no_persons/);
      await putCase(`20261124-00000${line[1] ?? ""}`, [{ department: "GA" }]);
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
