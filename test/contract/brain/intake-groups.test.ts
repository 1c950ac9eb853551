/** Grouped commits of T1, on a real database. */
import { Kysely, PostgresDialect } from "kysely";
import pg from "pg";
import { uuidv7 } from "uuidv7";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  type BatchWriter,
  checkEvent,
  createBatchWriter,
  type SentBatch,
} from "../../../brain/intake/index.ts";
import type { Schema } from "../../../brain/store/index.ts";
import { type EventResult, type IncidentEvent, systemClock } from "../../../protocol/index.ts";
import { startTestPostgres, type TestPostgres } from "../../support/postgres.ts";
import { getJson, postEvents, sendEvents, startBench } from "./brain-bench.ts";
import { sampleEvent } from "./sample-event.ts";

function batchOf(events: readonly unknown[], nodeId = "node-1"): SentBatch {
  const rules = {
    nodeId,
    now: systemClock.now(),
    maxAgeH: 1,
    maxFutureS: 60,
    isKnownCamera: () => true,
    judge: () => "permitted" as const,
  };
  const items = events.map((value, index) =>
    checkEvent({ text: Buffer.from(JSON.stringify(value)), value }, index, rules),
  );
  return { nodeId, items };
}

const outcomes = (results: readonly EventResult[]): string[] =>
  results.map(({ outcome, problem }) => problem?.code ?? outcome);

describe("a group of batches", () => {
  /** Keeps the server between tests, which have a database each. */
  let server: TestPostgres;
  let postgres: TestPostgres;
  let pool: pg.Pool;
  let writer: BatchWriter;
  const commits: number[] = [];

  beforeAll(async () => {
    server = await startTestPostgres({ migrated: true });
  });
  afterAll(() => server.close());
  beforeEach(async () => {
    postgres = await startTestPostgres({ migrated: true });
    pool = new pg.Pool({ connectionString: postgres.connectionString, max: 4 });
    const db = new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) });
    commits.length = 0;
    writer = createBatchWriter({
      db,
      clock: systemClock,
      onAccepted: (events) => commits.push(events),
    });
  });
  afterEach(async () => {
    await pool.end();
    await postgres.close();
  });

  const writeAll = async (batches: readonly SentBatch[]): Promise<string[][]> => {
    const answers = await Promise.all(batches.map((batch) => writer.write(batch)));
    return answers.map(({ results }) => outcomes(results));
  };
  const queued = async (): Promise<string[]> => {
    const { rows } = await pool.query<{ id: string }>(
      "select event_id as id from inbox order by position",
    );
    return rows.map(({ id }) => id);
  };
  const count = async (table: string): Promise<number> => {
    const { rows } = await pool.query<{ n: number }>(`select count(*)::int as n from ${table}`);
    return rows[0]?.n ?? -1;
  };

  it("shares commits, answers each batch in its order and keeps the order of each node", async () => {
    const sent = Array.from({ length: 12 }, () => [sampleEvent(), sampleEvent(), sampleEvent()]);
    const answers = await writeAll(sent.map((events) => batchOf(events)));
    expect(answers).toEqual(sent.map(() => Array<string>(3).fill("accepted")));
    expect(commits.length).toBeLessThan(12);
    expect(commits.reduce((sum, events) => sum + events, 0)).toBe(36);
    const order = await queued();
    for (const events of sent) {
      const places = events.map(({ id }) => order.indexOf(id));
      expect(places).toEqual([...places].sort((a, b) => a - b));
    }
    expect(writer.waiting()).toBe(0);
  });

  it("keeps an event once, and finds conflicts across batches that share a commit", async () => {
    const event = sampleEvent();
    const reordered = Object.fromEntries(Object.entries(event).reverse());
    const other = { ...event, severitytext: "other" };
    // The first two take both writers; all that follow share a commit.
    const answers = await writeAll([
      batchOf([sampleEvent()]),
      batchOf([sampleEvent()]),
      batchOf([event, reordered]),
      batchOf([reordered]),
      batchOf([other]),
    ]);
    expect(answers.slice(2)).toEqual([
      ["accepted", "duplicate"],
      ["duplicate"],
      ["EVENT_CONFLICT"],
    ]);
    expect(await writeAll([batchOf([reordered, other, event])])).toEqual([
      ["duplicate", "EVENT_CONFLICT", "duplicate"],
    ]);
    expect(await count("event")).toBe(3);
    expect(await count("quarantine")).toBe(1);
  });

  it("sets one event aside that the database cannot keep, and hurts none of its neighbours", async () => {
    await pool.query("alter table event add check (sequence <> '999999999999')");
    const bad = sampleEvent({ sequence: 999_999_999_999 });
    const good = Array.from({ length: 6 }, () => sampleEvent());
    const answers = await writeAll([
      batchOf(good.slice(0, 1)),
      batchOf(good.slice(1, 2)),
      batchOf(good.slice(2, 4)),
      batchOf([good[4], bad]),
      batchOf(good.slice(5)),
    ]);
    expect(answers).toEqual([
      ["accepted"],
      ["accepted"],
      ["accepted", "accepted"],
      ["accepted", "EVENT_INVALID"],
      ["accepted"],
    ]);
    expect((await queued()).sort()).toEqual(good.map(({ id }) => id).sort());
    const { rows } = await pool.query("select event_id, code from quarantine");
    expect(rows).toEqual([{ event_id: bad.id, code: "EVENT_INVALID" }]);
  });

  it("refuses a whole group when the database fails, keeps nothing of it, and recovers", async () => {
    await pool.query("alter table inbox rename to inbox_away");
    const batches = Array.from({ length: 5 }, () => batchOf([sampleEvent(), sampleEvent()]));
    const settled = await Promise.allSettled(batches.map((batch) => writer.write(batch)));
    for (const outcome of settled) {
      expect(outcome).toMatchObject({
        status: "rejected",
        reason: { code: "DATABASE_UNAVAILABLE" },
      });
    }
    expect(await count("event")).toBe(0);
    expect(writer.waiting()).toBe(0);
    await pool.query("alter table inbox_away rename to inbox");
    expect(await writeAll(batches)).toEqual(batches.map(() => ["accepted", "accepted"]));
  });

  it("announces the pictures of what it accepted, and none of a conflict", async () => {
    const [a, b] = ["a".repeat(64), "b".repeat(64)];
    const evidence = [{ sha256: a, bytes: Number.MAX_SAFE_INTEGER }];
    const event = sampleEvent({ evidence });
    const conflict = sampleEvent({ id: event.id, evidence: [{ sha256: b, bytes: 1 }] });
    await writeAll([batchOf([event, conflict, sampleEvent({ evidence })])]);
    const { rows } = await pool.query("select sha256, bytes from evidence");
    expect(rows).toEqual([{ sha256: a, bytes: String(Number.MAX_SAFE_INTEGER) }]);
    expect(await count("evidence_ref")).toBe(2);
  });

  it("quarantines what each node sent under its own name", async () => {
    const answers = await writeAll([
      batchOf([null], "node-1"),
      batchOf([sampleEvent({ nodeId: "node-1" }), 7], "node-2"),
    ]);
    expect(answers).toEqual([["EVENT_INVALID"], ["NODE_MISMATCH", "EVENT_INVALID"]]);
    const { rows } = await pool.query(
      "select node_id, code from quarantine order by node_id, code",
    );
    expect(rows).toEqual([
      { node_id: "node-1", code: "EVENT_INVALID" },
      { node_id: "node-2", code: "EVENT_INVALID" },
      { node_id: "node-2", code: "NODE_MISMATCH" },
    ]);
  });
});

describe("the door of intake", () => {
  it("answers 503 with Retry-After while the database fails, and takes the same batch later", async () => {
    await using bench = await startBench({ endpoints: [] });
    const pool = new pg.Pool({ connectionString: bench.postgres.connectionString, max: 1 });
    const events: IncidentEvent[] = [sampleEvent(), sampleEvent({ alarmId: uuidv7() })];
    await pool.query("alter table event rename to event_away");
    const response = await postEvents(bench, events);
    expect(response.status).toBe(503);
    expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
    await pool.query("alter table event_away rename to event");
    await pool.end();
    expect(outcomes((await sendEvents(bench, events)).results)).toEqual(["accepted", "accepted"]);
    const { inboxDepth } = await getJson<{ inboxDepth: number }>(bench, "/v1/health");
    expect(inboxDepth).toBeLessThanOrEqual(2);
  });
});
