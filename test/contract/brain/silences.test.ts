import { randomUUID } from "node:crypto";
import { Kysely, PostgresDialect } from "kysely";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Schema } from "../../../brain/store/index.ts";
import type { SilenceList, SilenceView } from "../../../protocol/index.ts";
import { type BrainBench, eventually, getJson, sendEvents, startBench } from "./brain-bench.ts";
import { post } from "./casework-bench.ts";
import { sampleEvent } from "./sample-event.ts";

const DAY_MS = 86_400_000;
let bench: BrainBench;
let db: Kysely<Schema>;

beforeAll(async () => {
  bench = await startBench({ endpoints: [] });
  const pool = new pg.Pool({ connectionString: bench.postgres.connectionString, max: 2 });
  pool.on("error", () => undefined);
  db = new Kysely({ dialect: new PostgresDialect({ pool }) });
}, 60_000);
afterAll(async () => {
  await db.destroy();
  await bench[Symbol.asyncDispose]();
});

let far = 0;
/** A place of its own for each alarm. */
const somewhere = () => ({ lat: 30 + (far += 1), lon: 110 });
const auditOf = (action: string) =>
  db.selectFrom("audit").selectAll().where("action", "=", action).execute();
const codesOfCases = async (): Promise<readonly string[]> =>
  (await db.selectFrom("case_file").select("event_type").execute()).map((row) => row.event_type);

describe("silences", () => {
  const until = (days: number): string => new Date(Date.now() + days * DAY_MS).toISOString();
  const add = (wish: object) => post(bench, "/v1/silences", { reason: "works", ...wish });
  const list = async (show = "all"): Promise<SilenceView[]> =>
    (await getJson<SilenceList>(bench, `/v1/silences?show=${show}`)).items;
  const end = async (id: string): Promise<{ status: number; body: unknown }> => {
    const response = await fetch(`${bench.url}/v1/silences/${id}`, {
      method: "DELETE",
      headers: { "idempotency-key": randomUUID() },
    });
    return { status: response.status, body: await response.json() };
  };
  const camera = { nodeId: "node-1", cameraId: "cam-1" };

  it("keep back and count what they name, let life safety through, and end early", async () => {
    const made = await add({ ...camera, until: until(1) });
    expect(made).toMatchObject({ status: 200, body: { silence: { state: "active" } } });
    const { id } = made.body["silence"] as SilenceView;
    const place = somewhere();
    const quiet = sampleEvent({ code: "SEC.INTRUDE", place });
    await sendEvents(bench, [quiet]);
    await eventually(
      () => list("current"),
      ([silence]) => silence?.suppressed.alarms === 1,
    );
    const loud = sampleEvent({ code: "FIR.SMOKE", place: somewhere() });
    await sendEvents(bench, [loud]);
    await eventually(codesOfCases, (codes) => codes.includes("FIR.SMOKE"));
    expect(await codesOfCases()).not.toContain("SEC.INTRUDE");
    expect(await end(id)).toMatchObject({ status: 200, body: { silence: { state: "ended" } } });
    expect(await end(id)).toMatchObject({ status: 200, body: { silence: { state: "ended" } } });
    expect(await list("current")).toEqual([]);
    expect((await list())[0]).toMatchObject({ id, suppressed: { alarms: 1, events: 1 } });
    const heard = sampleEvent({ code: "SEC.CROSS", place: somewhere() });
    await sendEvents(bench, [heard]);
    await eventually(codesOfCases, (codes) => codes.includes("SEC.CROSS"));
    expect((await auditOf("silence.add")).length).toBe(1);
    expect((await auditOf("silence.end")).length).toBe(1);
  });

  it("have a defined answer for what is past, too long, unknown, or life safety", async () => {
    const refused: readonly (readonly [object, number, string])[] = [
      [{ ...camera, until: until(-1) }, 422, "until"],
      [{ ...camera, from: until(-1), until: until(1) }, 422, "from"],
      [{ ...camera, from: until(2), until: until(1) }, 422, "until"],
      [{ ...camera, until: until(7.1) }, 422, "until"],
      [{ ...camera, kind: "maintenance", until: until(31) }, 422, "until"],
      [{ nodeId: "node-1", cameraId: "cam-9", until: until(1) }, 422, "cameraId"],
      [{ eventType: "SEC.NOTHING", until: until(1) }, 422, "eventType"],
      [{ eventType: "FIR.SMOKE", until: until(1) }, 422, "lifeSafety"],
      [{ until: until(1) }, 400, "body/cameraId"],
      [{ cameraId: "cam-1", until: until(1) }, 400, "body/nodeId"],
      [{ ...camera, until: until(1), reason: "" }, 400, "body/reason"],
    ];
    for (const [wish, status, where] of refused) {
      const answer = await add(wish);
      expect([answer.status, answer.body["where"]]).toEqual([status, where]);
    }
    expect(await end(randomUUID())).toMatchObject({ status: 404 });
    const smoke = await add({ eventType: "FIR.SMOKE", until: until(0.01), lifeSafety: true });
    expect(smoke).toMatchObject({ status: 200 });
    await end((smoke.body["silence"] as SilenceView).id);
  });

  it("may overlap and say so, but not lie within another; one ahead is planned", async () => {
    const wide = await add({ gridPrefix: "110115", until: until(3) });
    const narrow = await add({
      ...camera,
      gridPrefix: "110115001",
      from: until(1),
      until: until(2),
    });
    expect(narrow).toMatchObject({ status: 409, body: { code: "STATE_CONFLICT" } });
    const later = await add({ eventType: "SEC.INTRUDE", from: until(2), until: until(5) });
    const { id } = wide.body["silence"] as SilenceView;
    expect(later).toMatchObject({
      status: 200,
      body: { silence: { state: "planned", overlaps: [id] } },
    });
    for (const made of [wide, later]) {
      await end((made.body["silence"] as SilenceView).id);
    }
    expect((await list())[0]).toMatchObject({ overlaps: [] });
  });
});
