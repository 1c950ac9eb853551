import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { uuidv7 } from "uuidv7";
import { seeded } from "../../../bench/support/seeded.ts";
import { DEFAULT_CORRELATION } from "../../../brain/correlate/index.ts";
import type { IncidentEvent } from "../../../protocol/index.ts";
import { startTestPostgres, type TestPostgres } from "../../support/postgres.ts";
import { type CorrelationBench, startCorrelationBench } from "./correlation-bench.ts";
import { sampleEvent, type SampleOptions } from "./sample-event.ts";

const NOW = Date.UTC(2026, 10, 24, 10);
const HOUR_MS = 3_600_000;

let server: TestPostgres;
let bench: CorrelationBench;
// One server for all: it would end with the last database otherwise.
beforeAll(async () => {
  server = await startTestPostgres();
});
afterAll(() => server.close());
beforeEach(async () => {
  bench = await startCorrelationBench(NOW);
});
afterEach(() => bench[Symbol.asyncDispose]());

/** Metres east of one place. */
const east = (metres: number) => ({ lat: 39.8, lon: 116.5 + metres / 85_500 });

function seen(metres: number, options: SampleOptions = {}): IncidentEvent {
  return sampleEvent({ code: "SEC.FIGHT", at: NOW, place: east(metres), ...options });
}

const caseRows = () =>
  bench.db.selectFrom("case_file").selectAll().orderBy("reported_at").orderBy("number").execute();
const timelineOf = (caseId: string) =>
  bench.db
    .selectFrom("timeline")
    .select(["kind", "facts", "actor"])
    .where("case_id", "=", caseId)
    .orderBy("id")
    .execute();

describe("alarms of one happening in different batches", () => {
  it("become one case that says why", async () => {
    await bench.accept([seen(0)]);
    await bench.work();
    await bench.accept([seen(30, { cameraId: "cam-2" })]);
    await bench.work();
    const [only, ...others] = await caseRows();
    expect(others).toEqual([]);
    expect(only).toMatchObject({ event_count: 2, state: "FILED", phase: "update" });
    const links = await bench.db.selectFrom("incident_event").selectAll().execute();
    expect(links.map(({ link }) => link)).toContainEqual(
      expect.stringMatching(/^30 m and at the same time as SEC\.FIGHT of camera node-1\/cam-1/),
    );
    expect(links.map(({ explanation }) => explanation?.reason.kind).sort()).toEqual([
      "first",
      "score",
    ]);
  });

  it("are corrected by the clock error of their node", async () => {
    const skewed = seen(10, { nodeId: "node-2", at: NOW + 110_000 });
    await bench.accept([seen(0), skewed], { "node-2": 110_000 });
    await bench.work();
    expect(await caseRows()).toHaveLength(1);
  });

  it("end when the last of them has ended", async () => {
    const [a, b] = [uuidv7(), uuidv7()];
    await bench.accept([seen(0, { alarmId: a }), seen(20, { alarmId: b, cameraId: "cam-2" })]);
    await bench.accept([seen(0, { alarmId: a, phase: "end" })]);
    await bench.work();
    expect(await caseRows()).toMatchObject([{ phase: "update" }]);
    await bench.accept([seen(20, { alarmId: b, cameraId: "cam-2", phase: "end" })]);
    await bench.work();
    expect(await caseRows()).toMatchObject([{ phase: "end", event_count: 4 }]);
    const incident = await bench.db.selectFrom("incident").selectAll().executeTakeFirstOrThrow();
    expect(incident).toMatchObject({ alarm_count: 2, active_count: 0 });
    expect(incident.cleared_at).not.toBeNull();
  });

  it("give the same incidents whatever the order and the batches", async () => {
    const random = seeded(7);
    const events = Array.from({ length: 40 }, (_, i) => {
      const cluster = i % 8;
      const code = ["SEC.FIGHT", "SEC.CROWD", "MED.DOWN"][Math.floor(random() * 3)] as string;
      const at = NOW - 60_000 + Math.floor(random() * 60_000);
      return seen(cluster * 600 + random() * 60, { code, at, cameraId: `cam-${i}` });
    });
    const runs: string[][][] = [];
    for (const [order, batch] of [
      [events, 100],
      [events, 1],
      [[...events].reverse(), 7],
    ] as const) {
      await using other = await startCorrelationBench(NOW);
      await other.accept(order);
      await other.work(batch);
      runs.push(await other.groups());
    }
    expect(runs[0]?.length).toBeLessThan(20);
    expect(runs[1]).toEqual(runs[0]);
    expect(runs[2]).toEqual(runs[0]);
  });
});

describe("a bridging event", () => {
  it("merges the younger case into the older and withdraws its messages", async () => {
    await bench.accept([seen(0)]);
    await bench.work();
    await bench.clock.advance(1_000);
    await bench.accept([seen(90, { cameraId: "cam-2" })]);
    await bench.work();
    expect(await caseRows()).toHaveLength(2);
    await bench.clock.advance(1_000);
    await bench.accept([seen(45, { cameraId: "cam-3" })]);
    await bench.work();
    const [older, younger] = await caseRows();
    expect([older?.state, younger?.state]).toEqual(["FILED", "MERGED"]);
    expect(older?.event_count).toBe(3);
    const deliveries = await bench.db
      .selectFrom("delivery")
      .select(["case_id", "state"])
      .orderBy("created_at")
      .execute();
    expect(deliveries).toEqual([
      { case_id: older?.id, state: "PENDING" },
      { case_id: younger?.id, state: "DEAD" },
    ]);
    const kinds = (await timelineOf(younger?.id ?? "")).map(({ kind }) => kind);
    expect(kinds.at(-1)).toBe("merged");
    expect(await timelineOf(older?.id ?? "")).toContainEqual(
      expect.objectContaining({ kind: "merged", actor: "system" }),
    );
    expect(await bench.db.selectFrom("incident_merge").selectAll().execute()).toHaveLength(1);
    expect(await bench.groups()).toHaveLength(1);
  });

  it("leaves a case that people work on open, and takes in the other", async () => {
    await bench.accept([seen(0)]);
    await bench.work();
    await bench.clock.advance(1_000);
    await bench.accept([seen(90, { cameraId: "cam-2" })]);
    await bench.work();
    const [first, second] = await caseRows();
    await bench.db
      .updateTable("case_file")
      .set({ state: "HANDLING" })
      .where("id", "=", second?.id ?? "")
      .execute();
    await bench.accept([seen(45, { cameraId: "cam-3" })]);
    await bench.work();
    const rows = await caseRows();
    expect(rows.find(({ id }) => id === second?.id)?.state).toBe("HANDLING");
    expect(rows.find(({ id }) => id === first?.id)?.state).toBe("MERGED");
  });
});

describe("what nobody is sent for", () => {
  it("is a silenced alarm: kept, linked and counted", async () => {
    await bench.db
      .insertInto("silence")
      .values({
        id: uuidv7(),
        kind: "maintenance",
        camera_id: "cam-1",
        starts_at: new Date(NOW - HOUR_MS),
        ends_at: new Date(NOW + HOUR_MS),
        life_safety: true,
        reason: "lens is cleaned",
        created_by: "officer:li",
        created_at: new Date(NOW),
      })
      .execute();
    await bench.accept([seen(0), seen(3_000, { cameraId: "cam-2" })]);
    await bench.work();
    expect((await caseRows()).map((row) => row.camera_id)).toEqual(["cam-2"]);
    expect(await bench.db.selectFrom("incident_event").selectAll().execute()).toHaveLength(2);
    expect(await bench.db.selectFrom("suppression").selectAll().execute()).toMatchObject([
      { kind: "maintenance", camera: "node-1/cam-1", alarms: 1, events: 1 },
    ]);
  });

  it("is a late alarm: it waits for an operator, until it is seen to go on", async () => {
    const alarmId = uuidv7();
    await bench.accept([seen(0, { alarmId, at: NOW - HOUR_MS })]);
    await bench.work();
    const [late] = await caseRows();
    expect(late?.state).toBe("REPORTED");
    expect(await bench.db.selectFrom("delivery").selectAll().execute()).toEqual([]);
    await bench.accept([seen(0, { alarmId, phase: "update" })]);
    await bench.work();
    expect((await caseRows())[0]?.state).toBe("FILED");
    expect(await bench.db.selectFrom("delivery").selectAll().execute()).toHaveLength(1);
  });

  it("is what a camera has too much of: one storm, counted", async () => {
    const flood = Array.from({ length: 12 }, (_, i) => seen(i * 1_000, { cameraId: "cam-1" }));
    await bench.accept(flood);
    const correlation = { ...DEFAULT_CORRELATION, stormLimit: 5 };
    await bench.work(4, { correlation });
    const rows = await caseRows();
    expect(rows).toHaveLength(6);
    expect(rows.at(-1)).toMatchObject({ event_type: "DEV.QUALITY", event_count: 7 });
    expect(await bench.db.selectFrom("suppression").selectAll().execute()).toMatchObject([
      { kind: "storm", alarms: 7, events: 7 },
    ]);
  });
});

describe("something graver that joins", () => {
  const waiting = { filing: { automatic: ["S0"] } } as const;

  it("makes a waiting case one of its kind, and files it", async () => {
    await bench.accept([seen(0, { code: "SEC.LOITER" })]);
    await bench.work(100, waiting);
    expect(await caseRows()).toMatchObject([{ state: "REPORTED", event_type: "SEC.LOITER" }]);
    await bench.accept([seen(5, { code: "SEC.LINE", cameraId: "cam-2" })]);
    await bench.work(100, waiting);
    expect(await caseRows()).toMatchObject([
      { state: "FILED", event_type: "SEC.LINE", severity: 2, service_level: "S0" },
    ]);
    const tasks = await bench.db.selectFrom("task").selectAll().execute();
    expect(tasks.map(({ department }) => department)).toContain("GA");
  });

  it("calls its departments into a case that is under way", async () => {
    await bench.accept([seen(0, { code: "TRF.CRASH" })]);
    await bench.work();
    const before = await bench.db.selectFrom("task").select("department").execute();
    expect(before.map(({ department }) => department)).not.toContain("GA");
    await bench.accept([seen(5, { code: "SEC.LOITER", cameraId: "cam-2" })]);
    await bench.accept([seen(800, { code: "SEC.LOITER", cameraId: "cam-3" })]);
    await bench.work();
    await bench.accept([seen(805, { code: "SEC.LINE", cameraId: "cam-4" })]);
    await bench.work();
    const rows = await caseRows();
    const joined = rows.find(({ camera_id: camera }) => camera === "cam-3");
    expect(joined).toMatchObject({ event_type: "SEC.LOITER", severity: 2, event_count: 2 });
    const tasks = await bench.db
      .selectFrom("task")
      .select(["department", "role"])
      .where("case_id", "=", joined?.id ?? "")
      .execute();
    expect(tasks).toContainEqual({ department: "GA", role: "co" });
  });
});

describe("an operator", () => {
  it("splits an incident, and it stays split", async () => {
    const [a, b] = [uuidv7(), uuidv7()];
    await bench.accept([seen(0, { alarmId: a }), seen(60, { alarmId: b, cameraId: "cam-2" })]);
    await bench.work();
    const [{ incident_id: incidentId, id: caseId }] = (await caseRows()) as [never];
    const fresh = await bench.split(incidentId, [`alarm:node-1:${b}`]);
    expect(await caseRows()).toMatchObject([{ event_count: 1 }, { incident_id: fresh }]);
    expect((await timelineOf(caseId)).at(-1)).toMatchObject({
      kind: "split",
      actor: "officer:li",
      facts: expect.objectContaining({ reason: "two different things" }) as object,
    });
    await bench.accept([seen(30, { cameraId: "cam-3" })]);
    await bench.work();
    expect(await bench.groups()).toHaveLength(2);
    await expect(bench.split(incidentId, ["alarm:node-1:x"])).rejects.toMatchObject({
      code: "STATE_CONFLICT",
    });
  });

  it("merges what no score would, and ends a separation", async () => {
    await bench.accept([seen(0), seen(5_000, { cameraId: "cam-2" })]);
    await bench.work();
    const [first, second] = await caseRows();
    await bench.merge(first?.incident_id ?? "", second?.incident_id ?? "");
    expect((await caseRows()).map(({ state }) => state)).toEqual(["FILED", "MERGED"]);
    expect(await bench.groups()).toHaveLength(1);
    await expect(
      bench.merge(first?.incident_id ?? "", second?.incident_id ?? ""),
    ).rejects.toMatchObject({ code: "STATE_CONFLICT" });
    await expect(bench.merge(first?.incident_id ?? "", uuidv7())).rejects.toMatchObject({
      code: "NOT_FOUND",
    });
  });
});

it("sends as many statements for a hundred events as for ten", async () => {
  const counts: number[] = [];
  for (const size of [10, 100]) {
    await bench.accept(Array.from({ length: size }, (_, i) => seen(size * 1e4 + i * 900)));
    const before = bench.statements();
    await bench.work(1_000);
    counts.push(bench.statements() - before);
  }
  expect(counts[1]).toBe(counts[0]);
  expect(counts[0]).toBeLessThanOrEqual(25);
});
