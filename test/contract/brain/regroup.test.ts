import { randomUUID } from "node:crypto";
import type { ServerResponse } from "node:http";
import { Kysely, PostgresDialect } from "kysely";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readCase } from "../../../brain/api/case-queries.ts";
import type { Schema } from "../../../brain/store/index.ts";
import type {
  CaseDetail,
  CaseWorkView,
  IncidentView,
  NearCases,
  RegroupAnswer,
} from "../../../protocol/index.ts";
import {
  type BrainBench,
  eventually,
  getCase,
  getJson,
  newSecret,
  sendEvents,
  startBench,
} from "./brain-bench.ts";
import { type Answer, post } from "./casework-bench.ts";
import { answer, type Department, startDepartment } from "./department.ts";
import { sampleEvent, type SampleOptions } from "./sample-event.ts";

const secret = newSecret();
let police: Department;
let bench: BrainBench;
let db: Kysely<Schema>;

beforeAll(async () => {
  police = await startDepartment(secret);
  bench = await startBench({ endpoints: [{ department: "GA", url: police.url, secret }] });
  const pool = new pg.Pool({ connectionString: bench.postgres.connectionString, max: 2 });
  pool.on("error", () => undefined);
  db = new Kysely({ dialect: new PostgresDialect({ pool }) });
}, 60_000);
afterAll(async () => {
  await db.destroy();
  await bench[Symbol.asyncDispose]();
  await police.close();
});

let far = 0;
/** A place of its own for each test. */
const somewhere = () => ({ lat: 30 + (far += 1), lon: 110 });
const beside = ({ lat, lon }: { lat: number; lon: number }, metres: number) => ({
  lat: lat + metres / 111_000,
  lon,
});

/** Sends events in turn; gives the case that the last of them is in. */
async function happening(...events: readonly SampleOptions[]): Promise<CaseDetail> {
  let caseId = "";
  for (const options of events) {
    const event = sampleEvent({ code: "SEC.FIGHT", ...options });
    await sendEvents(bench, [event]);
    const row = await eventually(
      () =>
        db
          .selectFrom("incident_event")
          .innerJoin("case_file", "case_file.incident_id", "incident_event.incident_id")
          .select("case_file.id")
          .where("event_id", "=", event.id)
          .executeTakeFirst(),
      (found) => found !== undefined,
    );
    caseId = row?.id ?? "";
  }
  return eventually(
    () => getCase(bench, caseId),
    ({ state, deliveries }) =>
      state === "DISPATCHED" && deliveries.every((one) => one.state === "DELIVERED"),
  );
}

const desk = (role: string) => ({ role, id: `${role}-desk` });
const give = async (caseId: string, command: object, as?: object): Promise<Answer> => {
  const { version } = await getCase(bench, caseId);
  const body = { expectedVersion: version, command, ...(as === undefined ? {} : { as }) };
  return post(bench, `/v1/cases/${caseId}/commands`, body);
};

const auditOf = (action: string) =>
  db.selectFrom("audit").selectAll().where("action", "=", action).orderBy("id").execute();

function merge(own: CaseDetail, other: CaseDetail, key?: string): Promise<Answer> {
  const body = {
    into: other.incidentId,
    reason: "one and the same fight",
    expectedVersion: own.version,
    otherVersion: other.version,
  };
  return post(bench, `/v1/incidents/${own.incidentId}/merge`, body, key);
}

describe("merging by an operator", () => {
  it("ends the one case, tells its departments, and goes on under the other", async () => {
    const place = somewhere();
    const first = await happening({ place });
    const second = await happening({ place: beside(place, 400) });
    const cancelled = police.cancelled.length;
    const key = randomUUID();
    const answer = await merge(second, first, key);
    expect(answer).toMatchObject({
      status: 200,
      body: {
        incidentId: first.incidentId,
        case: { id: first.id, number: first.number },
        own: { id: second.id, state: "MERGED" },
        repeated: false,
      },
    });
    expect((await merge(second, first, key)).body).toEqual({ ...answer.body, repeated: true });
    await eventually(
      () => Promise.resolve(police.cancelled.length),
      (count) => count === cancelled + 1,
    );
    expect(police.cancelled.at(-1)?.data).toMatchObject({
      caseId: second.id,
      cause: "case-merged",
      mergedInto: { caseId: first.id, caseNumber: first.number },
      taskId: second.tasks.find(({ department }) => department === "GA")?.id,
    });
    const [left, gone] = [await getCase(bench, first.id), await getCase(bench, second.id)];
    expect(left.timeline.at(-1)).toMatchObject({
      kind: "merged",
      actor: "officer:officer-desk",
      facts: { from: second.number, fromId: second.id, reason: "one and the same fight" },
    });
    expect(gone.timeline.map(({ kind }) => kind)).toContain("merged");
    expect(gone.tasks.map(({ state }) => state)).not.toContain("DELIVERED");
    expect(left.eventCount).toBe(2);
    const audit = (await auditOf("incident.merge")).at(-1);
    expect(audit).toMatchObject({ subject: `incident:${first.incidentId}` });
  });

  it("shows the second operator who was first, of either case, and carries nothing out", async () => {
    const place = somewhere();
    const one = await happening({ place });
    const two = await happening({ place: beside(place, 400) });
    const three = await happening({ place: beside(place, 800) });
    expect(await merge(two, one)).toMatchObject({ status: 200 });
    // What only tells comes after what was decided, and hides it not.
    const noted = await post(bench, `/v1/cases/${two.id}/notes`, {
      text: "seen from the bridge",
    });
    expect(noted).toMatchObject({ status: 200 });
    const late = await merge(two, three);
    expect(late).toMatchObject({
      status: 409,
      body: {
        code: "VERSION_STALE",
        where: "expectedVersion",
        current: { state: "MERGED", by: "officer:officer-desk", did: "merged" },
      },
    });
    expect(await merge(three, one)).toMatchObject({
      status: 409,
      body: { code: "VERSION_STALE", where: "otherVersion", current: { did: "merged" } },
    });
    expect((await getCase(bench, three.id)).state).toBe("DISPATCHED");
  });

  it("lets stay what people work on, and leaves alone what is over", async () => {
    const place = somewhere();
    const worked = await happening({ place });
    const fresh = await happening({ place: beside(place, 400) });
    await give(worked.id, { kind: "accept" });
    expect(await merge(await getCase(bench, worked.id), fresh)).toMatchObject({
      status: 422,
      body: { code: "COMMAND_REFUSED", where: `case ${worked.number}` },
    });
    expect(await merge(fresh, await getCase(bench, worked.id))).toMatchObject({ status: 200 });
    expect(
      await merge(await getCase(bench, fresh.id), await getCase(bench, worked.id)),
    ).toMatchObject({ status: 409, body: { code: "STATE_CONFLICT" } });
    const itself = await getCase(bench, worked.id);
    expect(await merge(itself, itself)).toMatchObject({ body: { code: "STATE_CONFLICT" } });
    const unknown = { ...itself, incidentId: randomUUID() } as unknown as CaseDetail;
    expect((await merge(unknown, itself)).status).toBe(404);
  });

  it("finds the others by place and time, and by number wherever they are", async () => {
    const place = somewhere();
    const one = await happening({ place });
    const near = await happening({ place: beside(place, 400) });
    const afar = await happening({ place: somewhere() });
    const ask = (query = ""): Promise<NearCases> =>
      getJson(bench, `/v1/incidents/${one.incidentId}/near${query}`);
    const found = await ask();
    expect(found.items.map(({ id }) => id)).toEqual([near.id]);
    expect(found.items[0]).toMatchObject({ number: near.number, version: near.version });
    expect(Math.abs((found.items[0]?.distanceM ?? 0) - 400)).toBeLessThan(5);
    expect((await ask(`?number=${afar.number.slice(-6)}`)).items.map(({ id }) => id)).toEqual([
      afar.id,
    ]);
  });
});

describe("splitting by an operator", () => {
  it("gives chosen alarms a case of their own, once, and both say so", async () => {
    const place = somewhere();
    const whole = await happening({ place }, { place: beside(place, 30), cameraId: "cam-2" });
    const view = await getJson<IncidentView>(bench, `/v1/incidents/${whole.incidentId}`);
    expect(view.alarms.map(({ camera, events }) => [camera.name, events])).toEqual([
      ["Camera cam-1", 1],
      ["Camera cam-2", 1],
    ]);
    expect(view.alarms[1]?.link).toMatch(/30 m and/);
    const body = {
      alarms: [view.alarms[1]?.key],
      reason: "another fight across the street",
      expectedVersion: whole.version,
    };
    const url = `/v1/incidents/${whole.incidentId}/split`;
    const key = randomUUID();
    const answer = (await post(bench, url, body, key)) as Answer & { body: RegroupAnswer };
    expect(answer).toMatchObject({ status: 200, body: { own: { id: whole.id } } });
    expect((await post(bench, url, body, key)).body).toEqual({ ...answer.body, repeated: true });
    expect(await post(bench, url, body)).toMatchObject({
      status: 409,
      body: { code: "VERSION_STALE", current: { did: "split", by: "officer:officer-desk" } },
    });
    const fresh = await getCase(bench, answer.body.case?.id ?? "");
    expect(fresh.timeline.find(({ kind }) => kind === "split")?.facts).toMatchObject({
      from: whole.number,
      fromId: whole.id,
      reason: body.reason,
    });
    const left = await getCase(bench, whole.id);
    expect(left.timeline.at(-1)).toMatchObject({
      kind: "split",
      facts: { into: fresh.id, number: fresh.number, alarms: 1 },
    });
    expect([left.eventCount, fresh.eventCount]).toEqual([1, 1]);
    expect((await auditOf("incident.split")).at(-1)).toMatchObject({
      subject: `incident:${whole.incidentId}`,
    });
  });

  it("takes some of the alarms, not all, and none of another incident", async () => {
    const place = somewhere();
    const whole = await happening({ place }, { place: beside(place, 30), cameraId: "cam-2" });
    const { alarms } = await getJson<IncidentView>(bench, `/v1/incidents/${whole.incidentId}`);
    const split = (keys: readonly string[]) =>
      post(bench, `/v1/incidents/${whole.incidentId}/split`, {
        alarms: keys,
        reason: "r",
        expectedVersion: whole.version,
      });
    const refused = { status: 409, body: { code: "STATE_CONFLICT" } };
    expect(await split(alarms.map(({ key }) => key))).toMatchObject(refused);
    expect(await split(["alarm:node-1:nothing"])).toMatchObject(refused);
    expect(await split([])).toMatchObject({ status: 400 });
  });
});

describe("the actions that are listed", () => {
  it("are what the viewer may do, and come with the answer to a command", async () => {
    const found = await happening({ place: somewhere() });
    const { actions } = await getJson<CaseWorkView>(bench, `/v1/cases/${found.id}/work`);
    const kinds = actions.map(({ kind }): string => kind);
    expect(kinds).toEqual(expect.arrayContaining(["accept", "return", "regroup", "split", "note"]));
    expect(kinds).not.toContain("close");
    const as = actions.find(({ kind }) => kind === "accept")?.as ?? undefined;
    expect(as).toEqual({ role: "department", id: found.lead, department: found.lead });
    const answer = await give(found.id, { kind: "accept" }, as);
    expect(answer.body["actions"]).toContainEqual(expect.objectContaining({ kind: "start" }));
  });
});

describe("a note", () => {
  it("stands in the timeline, once, decides nothing, and is for whom it names", async () => {
    const found = await happening({ place: somewhere() });
    const url = `/v1/cases/${found.id}/notes`;
    const key = randomUUID();
    expect(await post(bench, url, { text: "caller rang again" }, key)).toMatchObject({
      status: 200,
    });
    expect(await post(bench, url, { text: "caller rang again" }, key)).toMatchObject({
      body: { repeated: true },
    });
    await post(bench, url, { text: "mind the dog", audience: "all" });
    const textsFor = async (department: string | null): Promise<unknown[]> => {
      const detail = await readCase(db, found.id, { department, jurisdiction: null });
      return (detail?.timeline ?? [])
        .filter(({ kind }) => kind === "noted")
        .map(({ facts }) => facts["text"]);
    };
    expect(await textsFor(null)).toEqual(["caller rang again", "mind the dog"]);
    expect(await textsFor("GA")).toEqual(["mind the dog"]);
    const accept = { expectedVersion: found.version, command: { kind: "accept" } };
    const taken = await post(bench, `/v1/cases/${found.id}/commands`, accept);
    expect(taken.status).toBe(200);
    expect(await post(bench, url, { text: " " })).toMatchObject({ status: 400 });
  });
});

describe("a task that is taken back", () => {
  const lastCancelled = (caseId: string) =>
    eventually(
      () => Promise.resolve(police.cancelled.filter(({ data }) => data.caseId === caseId)),
      (found) => found.length > 0,
    );

  it("is told of when the case is cancelled, after the task itself", async () => {
    const found = await happening({ place: somewhere() });
    await give(found.id, { kind: "cancel", reason: "a drill" }, desk("officer"));
    await give(found.id, { kind: "cancel", reason: "a drill" }, desk("supervisor"));
    const [told, ...more] = await lastCancelled(found.id);
    expect(more).toEqual([]);
    expect(told).toMatchObject({
      type: "task.cancelled",
      data: { cause: "case-cancelled", department: "GA", caseNumber: found.number },
    });
    const { deliveries } = await eventually(
      () => getCase(bench, found.id),
      (detail) => detail.deliveries.every(({ state }) => state === "DELIVERED"),
    );
    expect(deliveries.length).toBe(2);
  });

  it("waits behind a dispatch that is on its way, and a failed one is not tried again", async () => {
    for (const status of [204, 503]) {
      const held = new Promise<ServerResponse>((resolve) => {
        police.behave((_received, response) => resolve(response));
      });
      const event = sampleEvent({ code: "SEC.FIGHT", place: somewhere() });
      await sendEvents(bench, [event]);
      const response = await held;
      police.behave(answer(204));
      const { caseId } = police.received.at(-1)?.message.data ?? { caseId: "" };
      await give(caseId, { kind: "cancel", reason: "a drill" }, desk("officer"));
      await give(caseId, { kind: "cancel", reason: "a drill" }, desk("supervisor"));
      const { deliveries } = await getCase(bench, caseId);
      expect(deliveries.map(({ state }) => state)).toEqual(["IN_FLIGHT", "PENDING"]);
      expect(police.cancelled.some(({ data }) => data.caseId === caseId)).toBe(false);
      const before = police.received.length;
      response.writeHead(status).end();
      await lastCancelled(caseId);
      const after = await eventually(
        () => getCase(bench, caseId),
        (detail) => detail.deliveries.at(-1)?.state === "DELIVERED",
      );
      expect(after.deliveries[0]?.state).toBe(status === 204 ? "DELIVERED" : "DEAD");
      expect(police.received.length).toBe(before);
    }
  });

  it("is told of when the case closes before it was answered, and not when it was", async () => {
    const found = await happening({ place: somewhere() });
    const lead = { role: "department", id: "x", department: found.lead };
    await give(found.id, { kind: "accept" }, lead);
    await give(found.id, { kind: "start" }, lead);
    await give(found.id, { kind: "handle", note: "parted" }, lead);
    await give(found.id, { kind: "check" }, desk("checker"));
    await give(found.id, { kind: "pass" }, desk("checker"));
    const before = police.cancelled.length;
    expect(await give(found.id, { kind: "close" }, desk("officer"))).toMatchObject({
      status: 200,
      body: { state: "CLOSED" },
    });
    const closed = await getCase(bench, found.id);
    const ofLead = closed.tasks.find(({ department }) => department === found.lead);
    expect(ofLead?.state).toBe("ACCEPTED");
    expect(police.cancelled.length).toBe(before);
    // Reopened and sent again, the lead hears of it anew.
    const sent = police.received.length;
    await give(found.id, { kind: "reopen", reason: "they are back" }, desk("supervisor"));
    await give(found.id, { kind: "dispatch" }, desk("dispatcher"));
    await police.nth(sent + 1);
    await eventually(
      () => getCase(bench, found.id),
      ({ state }) => state === "DISPATCHED",
    );
    expect(police.received.at(-1)?.message.data.taskId).toBe(ofLead?.id);
    expect(await give(found.id, { kind: "accept" }, lead)).toMatchObject({ status: 200 });
  });
});

describe("a department that is summoned later", () => {
  it("gets its task with its own time, and holds the whistle up", async () => {
    const found = await happening({ place: somewhere() });
    const lead = { role: "department", id: "x", department: found.lead };
    await give(found.id, { kind: "accept" }, lead);
    await give(found.id, { kind: "start" }, lead);
    const { version } = await getCase(bench, found.id);
    const blown = await post(bench, "/v1/whistles", {
      caseId: found.id,
      expectedVersion: version,
      whistle: {
        kind: "emergency",
        subject: "clear the place",
        parties: [{ department: "CG", required: true }],
      },
    });
    const { id } = blown.body["whistle"] as { id: string };
    const before = police.received.length;
    const summoned = await post(bench, `/v1/whistles/${id}/commands`, {
      command: {
        kind: "summon",
        parties: [{ department: "GA", required: true }],
        reason: "knives were seen",
      },
    });
    expect(summoned).toMatchObject({
      status: 200,
      body: { whistle: { unmet: ["CG", "GA"], state: "BLOWN" } },
    });
    const { message } = await police.nth(before + 1);
    expect(message.data.whistle).toMatchObject({ id, required: true });
    const due = Date.parse(message.data.whistle?.reportInBy ?? "");
    expect(due - Date.parse(message.timestamp)).toBe(30 * 60_000);
    const { timeline } = await getCase(bench, found.id);
    expect(timeline.find(({ kind }) => kind === "whistle-summoned")?.facts).toMatchObject({
      called: "GA",
      reason: "knives were seen",
    });
  });
});
