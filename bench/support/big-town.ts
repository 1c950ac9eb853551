/**
 * A town with very many open cases, straight into the product's tables: incidents with alarms and
 * events, cases with the machine's record, tasks, deliveries, timers, timelines and the stream, as
 * they would be had the brain worked on them for three weeks. 100 000 cases take about a minute.
 *
 * For benches alone: it skips the checks of foreign keys, so it needs a database's superuser and a
 * database that nobody writes to meanwhile.
 */
import type { Pool, PoolClient } from "pg";
import { createWorkTime, DEFAULT_CALENDAR, localDay, caseNumber } from "../../brain/cases/index.ts";
import { catalogue, type CaseState, type EpochMs, type EventType } from "../../protocol/index.ts";
import { rowsOf, type SeedCase, TABLES } from "./big-town-rows.ts";
import { earlier, type Life, liveCase, OPEN_STATES } from "./big-town-lives.ts";
import { seeded } from "./seeded.ts";

export interface BigTownOptions {
  /** Open cases. */
  readonly cases: number;
  readonly now: EpochMs;
  readonly seed?: number;
  /** Whose cameras saw it; a thousand cameras of ten nodes where absent. */
  readonly cameras?: readonly { readonly nodeId: string; readonly cameraId: string }[];
  readonly onProgress?: (done: number) => void;
}

const CHUNK = 1_000;
/** Ages of cases, ms; most are younger than a day, some are weeks old. */
const AGES_MS = [12, 30, 75, 180, 420, 1_080, 2_880, 8_640, 28_800].map((min) => min * 60_000);
/** A case is at most this much older than the life that it is a copy of. */
const AGE_SPREAD = 0.4;
const work = createWorkTime(DEFAULT_CALENDAR);
/** Nobody may be linked to a picture in lines B3 and B4. */
const TYPES = catalogue.eventTypes.filter(({ line }) => line !== "B3" && line !== "B4");

/** @returns how long it took, ms. */
export async function seedBigTown(pool: Pool, options: BigTownOptions): Promise<number> {
  const startedMs = performance.now();
  const client = await pool.connect();
  try {
    const endpoints = await readEndpoints(client);
    const people = drawCases(options);
    const days = new Map<string, number>();
    for (let from = 0; from < people.length; from += CHUNK) {
      const chunk = people.slice(from, from + CHUNK).map((one, index): SeedCase => {
        const day = localDay(one.life.record.reportedAt);
        const count = (days.get(day) ?? 0) + 1;
        days.set(day, count);
        return { ...one, index: from + index, number: caseNumber(day, count) };
      });
      await insertChunk(client, chunk, endpoints, options.now);
      options.onProgress?.(from + chunk.length);
    }
    await client.query(
      `insert into case_day (day, last) select * from unnest($1::text[], $2::int[])
       on conflict (day) do update set last = greatest(case_day.last, excluded.last)`,
      [[...days.keys()], [...days.values()]],
    );
    await client.query("vacuum analyze");
    return performance.now() - startedMs;
  } finally {
    client.release();
  }
}

async function readEndpoints(client: PoolClient): Promise<ReadonlyMap<string, string>> {
  const { rows } = await client.query<{ department: string; id: string }>(
    "select department, id from endpoint where enabled",
  );
  return new Map(rows.map(({ department, id }) => [department, id]));
}

async function insertChunk(
  client: PoolClient,
  chunk: readonly SeedCase[],
  endpoints: ReadonlyMap<string, string>,
  now: EpochMs,
): Promise<void> {
  const rows = rowsOf(chunk, endpoints, now);
  await client.query("begin");
  try {
    // Every row that is referred to is written here: looking each of them up would double the time.
    await client.query("set local session_replication_role = replica");
    await client.query("set local synchronous_commit = off");
    for (const { table, columns } of TABLES) {
      const names = columns.map(([name]) => name).join(", ");
      const types = columns.map(([name, type]) => `${name} ${type}`).join(", ");
      await client.query(
        `insert into ${table} (${names}) select ${names}
         from json_to_recordset($1::json) as v (${types})`,
        [JSON.stringify(rows[table])],
      );
    }
    await client.query("commit");
  } catch (error) {
    await client.query("rollback");
    throw error;
  }
}

type Drawn = Omit<SeedCase, "index" | "number">;

/** Oldest first, as the brain would have numbered them. */
function drawCases({ cases, now, seed = 1, cameras }: BigTownOptions): Drawn[] {
  const random = seeded(seed);
  const lives = new Map<string, Life>();
  const places = cameras ?? ownCameras();
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const drawn = Array.from({ length: cases }, (): Drawn => {
    const age = pick(AGES_MS);
    const life = lifeOf(lives, { type: pick(TYPES), state: drawState(random()), age, now });
    return {
      ...{ life: earlierLife(life, Math.floor(random() * age * AGE_SPREAD)), ...pick(places) },
      ...placeOf(random),
      hasPicture: random() < 0.6,
    };
  });
  return drawn.sort((a, b) => a.life.record.reportedAt - b.life.record.reportedAt);
}

function lifeOf(
  lives: Map<string, Life>,
  facts: {
    readonly type: EventType;
    readonly state: CaseState;
    readonly age: number;
    readonly now: EpochMs;
  },
): Life {
  const { type, state, age, now } = facts;
  const key = `${type.code} ${state} ${age}`;
  const known = lives.get(key);
  if (known !== undefined) {
    return known;
  }
  // Fired so far ahead that its copies, which are older, have nothing due either.
  const until = now + age * AGE_SPREAD;
  const life = liveCase({ type, state, reportedAt: now - age, until, work });
  lives.set(key, life);
  return life;
}

function earlierLife({ type, ...life }: Life, byMs: number): Life {
  return { type, ...earlier(life, byMs) };
}

function drawState(draw: number): CaseState {
  let left = draw * OPEN_STATES.reduce((sum, [, share]) => sum + share, 0);
  return (OPEN_STATES.find(([, share]) => (left -= share) < 0) ?? OPEN_STATES[0])?.[0] ?? "FILED";
}

/** A town of 40 × 40 km: 20 streets of 10 communities of 10 grids. */
function placeOf(random: () => number): Pick<SeedCase, "lat" | "lon" | "gridCode"> {
  const three = (count: number): string =>
    String(1 + Math.floor(random() * count)).padStart(3, "0");
  return {
    lat: 39.6 + random() * 0.36,
    lon: 116.3 + random() * 0.47,
    gridCode: `110115${three(20)}${three(10)}${three(10)}`,
  };
}

function ownCameras() {
  return Array.from({ length: 1_000 }, (_, index) => ({
    nodeId: `node-${index % 10}`,
    cameraId: `cam-${Math.floor(index / 10)}`,
  }));
}
