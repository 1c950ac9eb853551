/** Figures and the map, counted over cases of a real database. */
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { queueSchema } from "../../../brain/api/index.ts";
import { byUrgency } from "../../../console/model/index.ts";
import {
  type Figures,
  figuresSchema,
  type TownMap,
  townMapSchema,
} from "../../../protocol/index.ts";
import { type AccountsBench, type Person, startAccountsBench } from "./accounts-bench.ts";
import { eventually, sendEvents } from "./brain-bench.ts";
import { sampleEvent } from "./sample-event.ts";

const MINUTE_MS = 60_000;
const GRID = "110101001001001";

let bench: AccountsBench;
let supervisor: Person;

async function readAs<T>(person: Person, address: string): Promise<T> {
  const response = await bench.request("GET", address, { as: person });
  expect(response.status, await response.clone().text()).toBe(200);
  return (await response.json()) as T;
}
const from = new Date(Date.now() - 3 * 86_400_000).toISOString();
const figuresFor = (person: Person): Promise<Figures> =>
  readAs(person, `/v1/figures?from=${encodeURIComponent(from)}`);

beforeAll(async () => {
  bench = await startAccountsBench({ config: { town: "demo/town", filing: { automatic: [] } } });
  supervisor = await bench.person("supervisor", { roles: ["supervisor"] });
  const events = [
    sampleEvent({ code: "SEC.INTRUDE" }),
    sampleEvent({ code: "SEC.INTRUDE", cameraId: "cam-2" }),
    sampleEvent({ code: "FIR.SMOKE", cameraId: "cam-2" }),
  ];
  await sendEvents(bench.brain, events);
  await eventually(
    () => readAs<{ items: unknown[] }>(supervisor, "/v1/cases"),
    ({ items }) => items.length === 3,
  );
  // One was sent out in time and never contained; one was sent out too late; one was rejected.
  const { db } = bench;
  const reportedAt = new Date(Date.now() - 400 * MINUTE_MS);
  const after = (minutes: number): Date => new Date(reportedAt.getTime() + minutes * MINUTE_MS);
  await sql`update case_file set onset = ${after(-1)}, reported_at = ${reportedAt},
    report_limit_ms = 120000, dispatch_limit_ms = 300000, contain_limit_ms = 10800000`.execute(db);
  await sql`update case_file set state = 'DISPATCHED', dispatched_at = ${after(2)},
    location = location || ${JSON.stringify({ gridCode: GRID })}::jsonb
    where event_type = 'SEC.INTRUDE' and camera_id = 'cam-1'`.execute(db);
  await sql`update case_file set state = 'CLOSED', dispatched_at = ${after(10)},
    contained_at = ${after(40)} where event_type = 'FIR.SMOKE'`.execute(db);
  await sql`update case_file set state = 'REJECTED'
    where event_type = 'SEC.INTRUDE' and camera_id = 'cam-2'`.execute(db);
  await sql`insert into timeline (case_id, at, kind, actor, facts)
    select id, now(), 'filed', 'operator:night', '{}'::jsonb from case_file
    where state in ('DISPATCHED', 'CLOSED')`.execute(db);
});
afterAll(() => bench[Symbol.asyncDispose]());

describe("the figures", () => {
  it("judge what has stopped or run out, and nothing that was rejected", async () => {
    const figures = figuresSchema.parse(await figuresFor(supervisor));
    const { dispatch, contain, report } = figures.all.clocks;
    expect(figures.all.cases).toBe(3);
    expect(report).toMatchObject({ judged: 3, late: 0, inTime: 1, medianMs: MINUTE_MS });
    expect(dispatch).toMatchObject({ judged: 2, late: 1, inTime: 0.5, medianMs: 6 * MINUTE_MS });
    expect(contain).toMatchObject({ judged: 2, late: 1, medianMs: 30 * MINUTE_MS });
  });

  it("are told by grid, department and type", async () => {
    const { grids, departments, types } = await figuresFor(supervisor);
    expect(types.map(({ key, cases }) => [key, cases])).toEqual([
      ["SEC.INTRUDE", 2],
      ["FIR.SMOKE", 1],
    ]);
    expect(departments.reduce((sum, { cases }) => sum + cases, 0)).toBe(3);
    expect(grids.find(({ key }) => key === GRID)?.cases).toBe(1);
  });

  it("tell what operators think of each rule, and who found what", async () => {
    const { verdicts, discovery, alarms, days } = await figuresFor(supervisor);
    expect(verdicts.find(({ eventType }) => eventType === "SEC.INTRUDE")).toMatchObject({
      confirmed: 1,
      rejected: 1,
      precision: 0.5,
    });
    expect(discovery).toEqual({ machine: 3, people: 0, rate: 1 });
    expect(alarms).toMatchObject({ total: 3, cameras: 2 });
    expect(alarms.byCamera.map(({ alarms: count }) => count)).toEqual([2, 1]);
    expect(days.reduce((sum, { machine }) => sum + machine, 0)).toBe(3);
    expect(days.length).toBeGreaterThanOrEqual(3);
  });

  it("show a department and a jurisdiction their own cases only", async () => {
    const fire = await bench.person("fire", { roles: ["department"], department: "XF" });
    const west = await bench.person("west", { roles: ["supervisor"], jurisdiction: GRID });
    expect((await figuresFor(fire)).all.cases).toBe(0);
    const own = await figuresFor(west);
    expect(own.all.cases).toBe(1);
    expect(own.alarms).toMatchObject({ total: 1, cameras: 1 });
    const map = await readAs<TownMap>(fire, "/v1/town/map");
    expect(map.cameras.features.every(({ properties }) => properties.open === 0)).toBe(true);
  });

  it("refuse a span that ends before it begins, and people who may not read them", async () => {
    const later = new Date(Date.now() + 86_400_000).toISOString();
    const wrong = await bench.request("GET", `/v1/figures?from=${encodeURIComponent(later)}`, {
      as: supervisor,
    });
    expect(wrong.status).toBe(400);
    const worker = await bench.person("walker", { roles: ["grid-worker"], jurisdiction: GRID });
    const refused = await bench.request("GET", `/v1/figures?from=${encodeURIComponent(from)}`, {
      as: worker,
    });
    expect(refused.status).toBe(403);
  });
});

describe("the map", () => {
  it("shows grids and cameras with what is open in each", async () => {
    const map = townMapSchema.parse(await readAs<TownMap>(supervisor, "/v1/town/map"));
    expect(map.version).toBeGreaterThan(0);
    const grid = map.grids.features.find(({ properties }) => properties.code === GRID);
    expect(grid?.properties).toMatchObject({ open: 1, urgent: 0 });
    const camera = map.cameras.features.find(
      ({ properties }) => properties.camera === "node-1/cam-1",
    );
    expect(camera?.properties).toMatchObject({ open: 1, name: "Camera cam-1" });
    expect(camera?.geometry.coordinates).toEqual([116.5, 39.8]);
  });
});

describe("the queue", () => {
  it("holds what is open, counted by pressure, in the order that the page sorts by", async () => {
    const queue = queueSchema.parse(await readAs(supervisor, "/v1/queue"));
    expect(queue.items.map(({ state }) => state)).toEqual(["DISPATCHED"]);
    expect(queue.counts).toEqual({ open: 1, urgent: 0, late: 1, tight: 0 });
    // An S0 that still waits stands before what is late; what is contained stands last.
    const { db } = bench;
    await sql`update case_file set state = 'FILED', service_level = 'S0', dispatched_at = null,
      contained_at = null, reported_at = now() where event_type = 'FIR.SMOKE'`.execute(db);
    await sql`update case_file set state = 'CONTAINED', dispatched_at = reported_at,
      contained_at = reported_at where state = 'REJECTED'`.execute(db);
    const { items, counts, asOf } = queueSchema.parse(await readAs(supervisor, "/v1/queue"));
    expect(items.map(({ state }) => state)).toEqual(["FILED", "DISPATCHED", "CONTAINED"]);
    expect(counts).toEqual({ open: 3, urgent: 1, late: 1, tight: 0 });
    expect(byUrgency(items.toReversed(), Date.parse(asOf))).toEqual(items);
  });
});
