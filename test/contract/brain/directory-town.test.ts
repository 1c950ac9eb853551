import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { sql } from "kysely";
import { uuidv7 } from "uuidv7";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Directory } from "../../../config/index.ts";
import {
  createSecretBox,
  DIRECTORY_CHANNEL,
  importDirectory,
  importTown,
  type ImportTownInput,
  openTown,
  printTown,
  readTown,
  startTown,
  type TownHolder,
  type TownImport,
} from "../../../brain/directory/index.ts";
import { type Database, silentLog } from "../../../brain/store/index.ts";
import { systemClock, type TownRecord } from "../../../protocol/index.ts";
import { startTestPostgres, type TestPostgres } from "../../support/postgres.ts";
import { openTestDatabase, putCase, putEndpoints } from "./directory-bench.ts";
import {
  change,
  DEMO_TOWN,
  demoTexts,
  readTexts,
  type Texts,
} from "../../brain/directory/town/town-sample.ts";

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
  database = await openTestDatabase(server);
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

describe("the start of a brain", () => {
  const start = (folder: string | undefined): Promise<TownHolder> =>
    startTown({ db: database.db, clock: systemClock, log: silentLog, newId: uuidv7, folder });

  it("imports the configured town once, and later leaves it as operators made it", async () => {
    expect((await start(undefined)).current().version).toBe(0);
    expect((await start(DEMO_TOWN)).current().version).toBe(1);
    await bring(readTexts(change(demo, "settings.csv", "150", "10")).record);
    const { version, record } = (await start(DEMO_TOWN)).current();
    expect([version, record.settings.nearestGridM]).toEqual([2, 10]);
  });

  it("refuses a town that is not sound", async () => {
    const dir = await mkdtemp(path.join(os.tmpdir(), "sharp-eyes-town-"));
    await expect(start(dir)).rejects.toMatchObject({ code: "CONFIG_INVALID" });
    await rm(dir, { recursive: true });
  });

  it("sends what waits for an endpoint that left the directory file to the hub's", async () => {
    await putEndpoints(database, "GA", "ZZ");
    await putCase(database, "20261124-000001", [{ department: "GA" }]);
    const dir = await mkdtemp(path.join(os.tmpdir(), "sharp-eyes-town-"));
    const secretFile = path.join(dir, "secret");
    await writeFile(secretFile, `whsec_${randomBytes(32).toString("base64")}`);
    const endpoint = (department: string): unknown => ({
      ...{ department, url: "http://127.0.0.1:1/", secretFile },
    });
    const importFile = (...departments: string[]): Promise<unknown> =>
      importDirectory({
        db: database.db,
        directory: { nodes: [], endpoints: departments.map(endpoint) } as unknown as Directory,
        box: createSecretBox(randomBytes(32)),
        newId: uuidv7,
        clock: systemClock,
      });
    await expect(importFile("ZZ", "QQ")).rejects.toThrow(/no known department.*got QQ/);
    await importFile("ZZ");
    const rows = await database.db
      .selectFrom("delivery")
      .innerJoin("endpoint", "endpoint.id", "delivery.endpoint_id")
      .select(["endpoint.department as to", "delivery.department", "delivery.state"])
      .execute();
    expect(rows).toEqual([{ to: "ZZ", department: "GA", state: "PENDING" }]);
    await rm(dir, { recursive: true });
  });
});

describe("a department that leaves", () => {
  it("is refused while it has open tasks, which are named; nothing is changed", async () => {
    await bring(readTexts(demo).record);
    await putEndpoints(database, "GA", "ZZ");
    await putCase(database, "20261124-000001", [{ department: "GA", state: "ACCEPTED" }]);
    await putCase(database, "20261124-000002", [{ department: "GA" }], "CLOSED");
    await putCase(database, "20261124-000003", [{ department: "GA", state: "RETURNED" }]);
    await putCase(database, "20261124-000004", [{ department: "GA", state: "WITHDRAWN" }]);
    await expect(bring(without("GA"))).rejects.toMatchObject({
      code: "DEPARTMENT_IN_USE",
      detail: { got: "open tasks: GA 20261124-000001 (lead, ACCEPTED)" },
    });
    expect((await stored())?.departments.map(({ code }) => code)).toContain("GA");
  });

  it("may leave when its work is done", async () => {
    await bring(readTexts(demo).record);
    await putCase(database, "20261124-000001", [{ department: "GA" }], "CLOSED");
    await expect(bring(without("GA"))).resolves.toMatchObject({ handedOver: [] });
  });

  it("by force gives its open tasks to the hub, which is told by a message of its own", async () => {
    await bring(readTexts(demo).record);
    await putEndpoints(database, "GA", "ZZ");
    const caseId = await putCase(database, "20261124-000001", [{ department: "GA" }]);
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
    await putEndpoints(database, "GA", "ZZ");
    await putCase(database, "20261124-000001", [
      { department: "GA", state: "ACCEPTED" },
      { department: "ZZ", role: "informed" },
    ]);
    await bring(without("GA"), { force: true });
    const tasks = await database.db.selectFrom("task").selectAll().orderBy("department").execute();
    expect(tasks).toMatchObject([
      { department: "GA", state: "WITHDRAWN", reason: containing("ZZ takes over") },
      { department: "ZZ", role: "lead", state: "ACCEPTED" },
    ]);
  });
});
