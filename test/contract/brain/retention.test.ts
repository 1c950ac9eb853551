/** What is forgotten and what is kept, on a real database and a disk, with a clock that is set. */
import { createHash } from "node:crypto";
import { mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { Kysely, PostgresDialect, sql } from "kysely";
import pg from "pg";
import { uuidv7 } from "uuidv7";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { seedCases } from "../../../bench/timers/seed.ts";
import { type EvidenceFiles, openEvidenceFiles } from "../../../brain/intake/index.ts";
import {
  createRetention,
  type Retention,
  type RetentionRun,
} from "../../../brain/retention/index.ts";
import { type Schema, silentLog } from "../../../brain/store/index.ts";
import { brainConfigSchema } from "../../../config/index.ts";
import type { Clock } from "../../../protocol/index.ts";
import { startTestPostgres, type TestPostgres } from "../../support/postgres.ts";

const DAY = 86_400_000;
const START = Date.UTC(2026, 10, 23, 2);
const config = brainConfigSchema.parse({ directory: "x", retention: { batch: 10 } }).retention;

let postgres: TestPostgres;
let db: Kysely<Schema>;
let dir: string;
let files: EvidenceFiles;
let now = START;
const clock: Clock = { now: () => now, wait: () => Promise.resolve() };
const running = new AbortController().signal;
let retention: Retention;

beforeEach(async () => {
  now = START;
  postgres = await startTestPostgres({ migrated: true });
  const pool = new pg.Pool({ connectionString: postgres.connectionString, max: 4 });
  pg.types.setTypeParser(pg.types.builtins.INT8, Number);
  pool.on("error", () => undefined);
  db = new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) });
  dir = await mkdtemp(path.join(os.tmpdir(), "sharp-eyes-retention-"));
  files = await openEvidenceFiles(dir);
  retention = retentionWith(files);
});
afterEach(async () => {
  await db.destroy();
  await postgres.close();
  await rm(dir, { recursive: true, force: true });
});

function retentionWith(store: EvidenceFiles): Retention {
  const input = { db, clock, log: silentLog, files: store, config, maxEventAgeH: 168 };
  return createRetention({ ...input, observe: () => undefined });
}

async function once(): Promise<RetentionRun> {
  const run = await retention.once(running);
  if (run === undefined) {
    throw new Error("another replica is at it");
  }
  return run;
}

/** A case of the given state, last changed now, with a picture of its camera. */
async function caseWith(state: string, days = 30): Promise<{ id: string; sha256: string }> {
  const known = await db.selectFrom("case_file").select("id").execute();
  await seedCases(db, [START]);
  const row = await db
    .selectFrom("case_file")
    .select(["id", "incident_id", "node_id", "camera_id"])
    .where("id", "not in", ["00000000-0000-0000-0000-000000000000", ...known.map(({ id }) => id)])
    .executeTakeFirstOrThrow();
  await db
    .updateTable("case_file")
    .set({ state: state as "CLOSED", updated_at: new Date(now) })
    .where("id", "=", row.id)
    .execute();
  await sql`insert into node (id, secret) values (${row.node_id}, '') on conflict do nothing`.execute(
    db,
  );
  const camera = `cam-${days}`;
  await sql`insert into camera (node_id, id, name, site_type, managing_unit, purposes,
      retention_days, sign_posted, location)
    values (${row.node_id}, ${camera}, '', '', '', '[]', ${days}, true, '{}')
    on conflict do nothing`.execute(db);
  const sha256 = await picture();
  const event = uuidv7();
  await sql`insert into event (id, body, body_hash, node_id, camera_id, alarm_id, event_type, phase,
      sequence, onset, captured_at, accepted_at)
    values (${event}, '{}', '', ${row.node_id}, ${camera}, ${uuidv7()}, 'SEC.INTRUDE', 'new', '1',
      ${new Date(now)}, ${new Date(now)}, ${new Date(now)})`.execute(db);
  await sql`insert into evidence_ref (event_id, sha256, node_id, role, width, height, captured_at)
    values (${event}, ${sha256}, ${row.node_id}, 'snapshot', 1, 1, ${new Date(now)})`.execute(db);
  await sql`insert into incident_event (event_id, incident_id, link)
    values (${event}, ${row.incident_id}, '')`.execute(db);
  return { id: row.id, sha256 };
}

async function picture(): Promise<string> {
  const bytes = Buffer.from(uuidv7());
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  await files.write(sha256, bytes);
  const at = new Date(now);
  const row = { sha256, mime: "image/jpeg", bytes: bytes.length, announced_at: at, stored_at: at };
  await db
    .insertInto("evidence")
    .values({ ...row, state: "stored" })
    .execute();
  return sha256;
}

async function stateOf(sha256: string): Promise<[string, boolean]> {
  const { state } = await db
    .selectFrom("evidence")
    .select("state")
    .where("sha256", "=", sha256)
    .executeTakeFirstOrThrow();
  return [state, await files.has(sha256)];
}

describe("pictures", () => {
  it("go after their camera's term, and not before", async () => {
    const short = await caseWith("REJECTED", 30);
    const long = await caseWith("REJECTED", 90);
    const nobodys = await picture();
    await once();
    now += 30 * DAY - 1;
    await once();
    expect(await stateOf(short.sha256)).toEqual(["stored", true]);
    now += 1;
    expect((await once()).removed).toMatchObject({ pictures: 2, "picture-files": 2 });
    expect(await stateOf(short.sha256)).toEqual(["deleted", false]);
    expect(await stateOf(nobodys)).toEqual(["deleted", false]);
    expect(await stateOf(long.sha256)).toEqual(["stored", true]);
    now += 60 * DAY;
    await once();
    expect(await stateOf(long.sha256)).toEqual(["deleted", false]);
  });

  it("of a case that is open stay, however old", async () => {
    const hashes: string[] = [];
    for (const state of ["REPORTED", "FILED", "HANDLING", "CHECKING", "SUSPENDED", "REOPENED"]) {
      hashes.push((await caseWith(state)).sha256);
    }
    now += 400 * DAY;
    await once();
    expect((await Promise.all(hashes.map(stateOf))).map(String)).toEqual(
      hashes.map(() => "stored,true"),
    );
  });

  it("of a closed case stay while it may be rated, and of a held one while it is held", async () => {
    const rated = await caseWith("HANDLING");
    const held = await caseWith("REJECTED");
    await db
      .insertInto("case_hold")
      .values({
        ...{ case_id: held.id, reason: "court", placed_by: "operator:x" },
        placed_at: new Date(now),
        until: new Date(now + 100 * DAY),
      })
      .execute();
    now += 60 * DAY;
    const closed = { state: "CLOSED", updated_at: new Date(now) } as const;
    await db.updateTable("case_file").set(closed).where("id", "=", rated.id).execute();
    now += 6 * DAY;
    await once();
    expect(await stateOf(rated.sha256)).toEqual(["stored", true]);
    now += 2 * DAY;
    await once();
    expect(await stateOf(rated.sha256)).toEqual(["deleted", false]);
    expect(await stateOf(held.sha256)).toEqual(["stored", true]);
    now += 40 * DAY;
    await once();
    expect(await stateOf(held.sha256)).toEqual(["deleted", false]);
  });

  it("of a merged case stay as long as the case that it was merged into", async () => {
    const target = await caseWith("HANDLING");
    const merged = await caseWith("MERGED");
    await sql`update case_file set work = jsonb_build_object('mergedInto', ${target.id}::text)
      where id = ${merged.id}`.execute(db);
    now += 90 * DAY;
    await once();
    expect(await stateOf(merged.sha256)).toEqual(["stored", true]);
    await db
      .updateTable("case_file")
      .set({ state: "ARCHIVED" })
      .where("id", "=", target.id)
      .execute();
    now += DAY;
    await once();
    expect(await stateOf(merged.sha256)).toEqual(["deleted", false]);
  });

  it("are forgotten in batches, and a run that is cut off is gone on with by the next", async () => {
    for (let i = 0; i < 35; i += 1) {
      await picture();
    }
    now += 31 * DAY;
    const stop = new AbortController();
    let left = 15;
    // The process dies after some files: the rows say deleted already, the files are still there.
    const dying = retentionWith({
      ...files,
      remove: async (sha256) => {
        left -= 1;
        if (left < 0) {
          stop.abort();
          throw new Error("the disk is gone");
        }
        await files.remove(sha256);
      },
    });
    expect((await dying.once(stop.signal))?.complete).toBe(false);
    const leftOnDisk = async (): Promise<number> =>
      (await readdir(dir, { recursive: true })).filter((name) => name.length > 60).length;
    expect(await leftOnDisk()).toBe(20);
    await once();
    expect(await leftOnDisk()).toBe(0);
    const rows = await db.selectFrom("evidence").select(["state", "erased"]).execute();
    expect(rows.every(({ state, erased }) => state === "deleted" && erased)).toBe(true);
  });

  it("without a row are swept after a day; a row without its file is damaged evidence", async () => {
    const stray = "a".repeat(64);
    await files.write(stray, Buffer.from("x"));
    const fresh = "b".repeat(64);
    await files.write(fresh, Buffer.from("y"));
    const file = (sha256: string): string => path.join(dir, sha256.slice(0, 2), sha256);
    await utimes(file(stray), now / 1000 - 90_000, now / 1000 - 90_000);
    await utimes(file(fresh), now / 1000, now / 1000);
    const [lost, altered, whole] = [await picture(), await picture(), await picture()];
    await rm(file(lost));
    await writeFile(file(altered), "other bytes");
    const run = await once();
    expect(run).toMatchObject({ found: 2, damaged: 2, removed: { "stray-files": 1 } });
    expect([await files.has(stray), await files.has(fresh)]).toEqual([false, true]);
    expect((await stateOf(lost))[0]).toBe("damaged");
    expect((await stateOf(altered))[0]).toBe("damaged");
    expect(await stateOf(whole)).toEqual(["stored", true]);
    expect((await once()).found).toBe(0);
  });
});

describe("rows", () => {
  it("go by their age, in batches; the stream keeps its end and what a subscriber lacks", async () => {
    const { id } = await caseWith("HANDLING");
    await sql`insert into stream (case_id, at) select ${id}, ${new Date(now)}
      from generate_series(1, 45)`.execute(db);
    await sql`insert into command select 'x', n::text, '', '{}', ${new Date(now)}
      from generate_series(1, 25) n`.execute(db);
    await sql`insert into quarantine (node_id, code, problem, body, body_hash, at)
      select 'n', 'X', '{}', '', n::text, ${new Date(now)} from generate_series(1, 25) n`.execute(
      db,
    );
    await sql`insert into storm_slot (camera, minute, opened, suppressed)
      values ('c', ${new Date(now)}, 1, 0)`.execute(db);
    await sql`insert into subscription (id, name, url, secret, event_types, cursor, next_attempt_at)
      values (${uuidv7()}, 's', '', '', '[]', 20, ${new Date(now)})`.execute(db);
    const before = await once();
    expect(Object.values(before.removed).every((count) => count === 0)).toBe(true);
    now += 31 * DAY;
    const run = await once();
    expect(run.removed).toMatchObject({
      ...{ stream: 20, "command-keys": 25, quarantine: 25, "storm-slots": 1 },
    });
    await db.updateTable("subscription").set({ enabled: false }).execute();
    await once();
    const { rows } = await sql<{ position: number }>`select position from stream`.execute(db);
    expect(rows.map(({ position }) => position)).toEqual([45]);
    const floor = await db.selectFrom("stream_floor").select("position").executeTakeFirst();
    expect(floor?.position).toBe(44);
  });

  it("of silences go with their counts 90 days after their end, not before a case that they shaped", async () => {
    const open = await caseWith("HANDLING");
    const over = await caseWith("REJECTED");
    const ids = [uuidv7(), uuidv7(), uuidv7()] as const;
    for (const [index, id] of ids.entries()) {
      const end = new Date(now + (index === 2 ? 10 * DAY : 0));
      await sql`insert into silence (id, kind, camera_id, starts_at, ends_at, reason, created_by,
          created_at)
        values (${id}, 'silence', 'c', ${new Date(now - DAY)}, ${end}, 'r', 'o',
          ${new Date(now)})`.execute(db);
    }
    for (const [index, { id }] of [open, over].entries()) {
      await sql`insert into suppression (incident_id, kind, camera, event_type, silence_id, alarms,
          events, first_at, last_at)
        select incident_id, 'silence', 'c', 'X', ${ids[index]}, 1, 1, ${new Date(now)},
          ${new Date(now)} from case_file where id = ${id}`.execute(db);
    }
    now += 90 * DAY;
    expect((await once()).removed).toMatchObject({ silences: 0 });
    now += 1;
    expect((await once()).removed).toMatchObject({ silences: 1 });
    const left = await db.selectFrom("silence").select("id").orderBy("id").execute();
    expect(left.map(({ id }) => id)).toEqual([ids[0], ids[2]]);
    expect(await db.selectFrom("suppression").select("silence_id").execute()).toEqual([
      { silence_id: ids[0] },
    ]);
  });

  it("of sessions go when they have ended, alarms with their incident, contacts with the rating", async () => {
    const open = await caseWith("HANDLING");
    const over = await caseWith("REJECTED");
    for (const { id, sha256 } of [open, over]) {
      await sql`insert into incident_alarm (key, incident_id, node_id, camera_id, camera, alarm_id,
          event_type, exercise, first_at, last_at, slack_ms, region, places, phase, sequence)
        select ${id}, incident_id, 'n', 'c', 'n/c', ${uuidv7()}, 'X', 'actual', ${new Date(now)},
          ${new Date(now)}, 0, 0, '[]', 'end', '1' from case_file where id = ${id}`.execute(db);
      await sql`update incident set cleared_at = ${new Date(now)}
        where id = (select incident_id from case_file where id = ${id})`.execute(db);
      await sql`insert into report (id, channel, event_id, idempotency_key, body_hash, code_hash,
          contact, received_at)
        select ${uuidv7()}, 'resident', event_id, ${uuidv7()}, '', ${id}, 'sealed', ${new Date(now)}
        from evidence_ref where sha256 = ${sha256}`.execute(db);
    }
    const account = uuidv7();
    await sql`insert into account (id, name, display_name, roles, created_at)
      values (${account}, 'a', 'a', '[]', ${new Date(now)})`.execute(db);
    await sql`insert into account_session values
      ('1', ${account}, ${new Date(now)}, ${new Date(now)}, ${new Date(now)}, ''),
      ('2', ${account}, ${new Date(now)}, ${new Date(now)}, ${new Date(now + 99 * DAY)}, '')`.execute(
      db,
    );
    now += 29 * DAY;
    expect((await once()).removed).toMatchObject({ sessions: 1, alarms: 1, contacts: 0 });
    now += 2 * DAY;
    expect((await once()).removed).toMatchObject({ alarms: 0, contacts: 1 });
    const kept = await db.selectFrom("report").select(["code_hash", "contact"]).execute();
    expect(kept.find(({ code_hash: code }) => code === open.id)?.contact).toBe("sealed");
    expect(kept.find(({ code_hash: code }) => code === over.id)?.contact).toBeNull();
    const alarms = await db.selectFrom("incident_alarm").select("key").execute();
    expect(alarms).toEqual([{ key: open.id }]);
  });
});

describe("a run", () => {
  it("is one replica's at a time, and leaves a row in the audit, which itself is never touched", async () => {
    const runs = await Promise.all([retention.once(running), retention.once(running)]);
    expect(runs.filter((run) => run === undefined).length).toBeLessThanOrEqual(1);
    now += 4_000 * DAY;
    const { length } = await db.selectFrom("audit").selectAll().execute();
    await once();
    const rows = await db.selectFrom("audit").select(["action", "facts"]).execute();
    expect(rows).toHaveLength(length + 1);
    expect(rows.at(-1)).toMatchObject({
      action: "retention.run",
      facts: { complete: true, pictures: 0 },
    });
  });

  it("leaves it to another replica that is at it", async () => {
    let inside: RetentionRun | undefined | "not asked" = "not asked";
    const slow = retentionWith({
      ...files,
      list: async function* () {
        inside = await retention.once(running);
        yield* files.list();
      },
    });
    expect((await slow.once(running))?.complete).toBe(true);
    expect(inside).toBeUndefined();
  });
});
