import { Kysely, PostgresDialect } from "kysely";
import pg from "pg";
import { uuidv7 } from "uuidv7";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { seedCases } from "../../../bench/timers/seed.ts";
import {
  armForgotten,
  type CaseworkInput,
  claimTimers,
  createTimerWorker,
  fireTimers,
  nextDue,
  type TimerClaim,
} from "../../../brain/casework/index.ts";
import { createWorkTime, DEFAULT_CALENDAR } from "../../../brain/cases/index.ts";
import { type Schema, silentLog } from "../../../brain/store/index.ts";
import { type Clock, systemClock } from "../../../protocol/index.ts";
import { startTestPostgres, type TestPostgres } from "../../support/postgres.ts";
import { eventually } from "./brain-bench.ts";

const START = Date.UTC(2026, 10, 23, 2);
const FIRST_WARNING_MS = 150_000;

let postgres: TestPostgres;
let db: Kysely<Schema>;
let now = START;
/** A clock that stands until it is set; waits are real, so that workers look again. */
const clock: Clock = { now: () => now, wait: (ms, signal) => systemClock.wait(ms, signal) };
let input: CaseworkInput;

beforeEach(async () => {
  now = START;
  postgres = await startTestPostgres({ migrated: true });
  const pool = new pg.Pool({ connectionString: postgres.connectionString, max: 8 });
  pool.on("error", () => undefined);
  db = new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) });
  input = {
    ...{ db, clock, log: silentLog, newId: uuidv7 },
    work: createWorkTime(DEFAULT_CALENDAR),
    findEndpoint: () => undefined,
    coDepartmentsOf: () => [],
    onDeliveries: () => undefined,
    codes: { issue: () => ({ code: "", expiresAt: 0 }), isValid: () => false },
  };
});
afterEach(async () => {
  await db.destroy();
  await postgres.close();
});

async function armedCases(count: number): Promise<void> {
  await seedCases(
    db,
    Array.from({ length: count }, () => START),
  );
  while ((await armForgotten(input)) > 0) {
    // Until none is left.
  }
}

const warnings = async (): Promise<{ case_id: string; percent: unknown }[]> => {
  const rows = await db
    .selectFrom("timeline")
    .select(["case_id", "facts"])
    .where("kind", "in", ["warned", "breached"])
    .execute();
  return rows.map(({ case_id, facts }) => ({ case_id, percent: facts["percent"] }));
};

function claim(): Promise<TimerClaim> {
  return claimTimers(db, { now, limit: 100, leaseMs: 2_000, token: uuidv7() });
}

describe("timers", () => {
  it("are set for cases that were opened without them, and change no version", async () => {
    await armedCases(3);
    expect(await nextDue(db, now)).toBe(START + FIRST_WARNING_MS);
    const rows = await db.selectFrom("case_file").select(["version", "work"]).execute();
    expect(rows.map(({ version, work }) => [version, work?.policy.version])).toEqual([
      [1, 1],
      [1, 1],
      [1, 1],
    ]);
  });

  it("fire once each, though three replicas look for them", async () => {
    await armedCases(600);
    now = START + FIRST_WARNING_MS;
    const stop = new AbortController();
    const replicas = [1, 2, 3].map(() =>
      createTimerWorker({ ...input, newToken: uuidv7 }).run(stop.signal),
    );
    const seen = await eventually(warnings, (rows) => rows.length >= 600);
    stop.abort();
    await Promise.all(replicas);
    expect(seen).toHaveLength(600);
    expect(new Set(seen.map((row) => row.case_id)).size).toBe(600);
    expect(seen.every(({ percent }) => percent === 50)).toBe(true);
    expect(await nextDue(db, now)).toBe(START + 240_000);
  });

  it("of a replica that died go on after its lease, and not before", async () => {
    await armedCases(5);
    now = START + FIRST_WARNING_MS;
    expect((await claim()).timers).toHaveLength(5);
    now += 1_999;
    expect((await claim()).timers).toHaveLength(0);
    now += 2;
    const heir = await claim();
    expect(heir.timers).toHaveLength(5);
    expect(await fireTimers(input, heir)).toMatchObject({ timers: 5 });
  });

  it("fire nothing for a holder whose lease another has taken over", async () => {
    await armedCases(5);
    now = START + FIRST_WARNING_MS;
    const frozen = await claim();
    now += 2_001;
    const heir = await claim();
    expect(await fireTimers(input, frozen)).toMatchObject({ timers: 0 });
    expect(await fireTimers(input, heir)).toMatchObject({ timers: 5 });
    expect(await fireTimers(input, heir)).toMatchObject({ timers: 0 });
    expect(await warnings()).toHaveLength(5);
  });

  it("that everybody missed for minutes fire one after the other, none left out", async () => {
    await armedCases(1);
    now = START + 301_000;
    const stop = new AbortController();
    const worker = createTimerWorker({ ...input, newToken: uuidv7 }).run(stop.signal);
    const seen = await eventually(warnings, (rows) => rows.length >= 3);
    stop.abort();
    await worker;
    expect(seen.map(({ percent }) => percent)).toEqual([50, 80, 100]);
    const [row] = await db.selectFrom("case_file").select(["level", "light"]).execute();
    expect(row).toEqual({ level: 3, light: "red" });
  });
});
