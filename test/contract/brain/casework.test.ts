import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { systemClock, type WhistleView } from "../../../protocol/index.ts";
import {
  type BrainBench,
  eventually,
  getCase,
  getJson,
  newSecret,
  sendEvents,
  startBench,
} from "./brain-bench.ts";
import { post, postSigned, type Signer } from "./casework-bench.ts";
import { type Department, startDepartment } from "./department.ts";
import { sampleEvent } from "./sample-event.ts";

const secrets = { GA: newSecret(), ZZ: newSecret() };
const signer = (department: "GA" | "ZZ"): Signer => ({
  sender: department,
  secret: secrets[department],
  clock: systemClock,
});
let police: Department;
let hub: Department;
let bench: BrainBench;

beforeAll(async () => {
  police = await startDepartment(secrets.GA);
  hub = await startDepartment(secrets.ZZ);
  bench = await startBench({
    endpoints: [
      { department: "GA", url: police.url, secret: secrets.GA },
      { department: "ZZ", url: hub.url, secret: secrets.ZZ },
    ],
  });
});
afterAll(async () => {
  await bench[Symbol.asyncDispose]();
  await police.close();
  await hub.close();
});

interface Dispatched {
  readonly caseId: string;
  readonly taskId: string;
}

/** An intrusion of level S1 that the police have on their desk. */
async function dispatchedCase(code = "SEC.INTRUDE"): Promise<Dispatched> {
  const next = police.received.length + 1;
  await sendEvents(bench, [sampleEvent({ code })]);
  const { message } = await police.nth(next);
  const { caseId, taskId } = message.data;
  await eventually(
    () => getCase(bench, caseId),
    (found) => found.state === "DISPATCHED",
  );
  return { caseId, taskId };
}

const asDepartment = (taskId: string, command: object, id?: string) =>
  postSigned(bench, signer("GA"), `/v1/tasks/${taskId}/commands`, { command, unit: "crew 7" }, id);

async function command(caseId: string, order: object, as?: object, key?: string) {
  const { version } = await getCase(bench, caseId);
  const body = { expectedVersion: version, command: order, ...(as === undefined ? {} : { as }) };
  return post(bench, `/v1/cases/${caseId}/commands`, body, key);
}

async function handledCase(): Promise<Dispatched> {
  const found = await dispatchedCase();
  for (const order of [
    { kind: "accept" },
    { kind: "start" },
    { kind: "contain" },
    { kind: "handle", note: "the intruder left" },
  ]) {
    expect(await asDepartment(found.taskId, order)).toMatchObject({ status: 200 });
  }
  return found;
}

const checker = { role: "checker", id: "checker-1" };
const officer = { role: "officer", id: "officer-1" };

describe("commands to a case", () => {
  it("lead it from the department's acceptance to its rating", async () => {
    const { caseId } = await handledCase();
    expect(await command(caseId, { kind: "check" }, checker)).toMatchObject({ status: 200 });
    expect(await command(caseId, { kind: "close" }, officer)).toMatchObject({
      status: 422,
      body: { code: "COMMAND_REFUSED" },
    });
    await command(caseId, { kind: "pass" }, checker);
    expect(await command(caseId, { kind: "close" }, officer)).toMatchObject({
      status: 200,
      body: { state: "CLOSED" },
    });
    const rating = { kind: "evaluate", responded: true, solved: true, satisfaction: 5 };
    expect(await command(caseId, rating, { role: "reporter", id: "grid-3" })).toMatchObject({
      body: { state: "EVALUATED" },
    });
    const { timeline, clocks } = await getCase(bench, caseId);
    expect(timeline.map(({ kind }) => kind)).toEqual([
      "reported",
      "filed",
      "delivered",
      "dispatched",
      "accepted",
      "handling",
      "contained",
      "handled",
      "checking",
      "check-passed",
      "closed",
      "evaluated",
    ]);
    expect(clocks.contain.stoppedAt).not.toBeNull();
  });

  it("do not let the crew that handled it check or close it", async () => {
    const { caseId } = await handledCase();
    const crew = { role: "checker", id: "crew 7" };
    expect(await command(caseId, { kind: "check" }, crew)).toMatchObject({
      status: 403,
      body: { code: "ROLE_REFUSED" },
    });
  });

  it("act once under one key, and refuse the key for anything else", async () => {
    const { taskId, caseId } = await dispatchedCase();
    const id = randomUUID();
    const first = await asDepartment(taskId, { kind: "accept" }, id);
    expect(first.body).toMatchObject({ state: "ACCEPTED", repeated: false });
    await asDepartment(taskId, { kind: "start" });
    const again = await asDepartment(taskId, { kind: "accept" }, id);
    expect(again.body).toEqual({ ...first.body, repeated: true });
    expect(await asDepartment(taskId, { kind: "contain" }, id)).toMatchObject({
      status: 422,
      body: { code: "KEY_REUSED" },
    });
    expect((await getCase(bench, caseId)).state).toBe("HANDLING");
  });

  it("answer 409 with what stands and who was first when the sender's picture is old", async () => {
    const { caseId, taskId } = await dispatchedCase();
    const { version } = await getCase(bench, caseId);
    await asDepartment(taskId, { kind: "accept" });
    const late = await post(bench, `/v1/cases/${caseId}/commands`, {
      expectedVersion: version,
      command: { kind: "escalate", reason: "nobody comes" },
    });
    expect(late).toMatchObject({
      status: 409,
      body: {
        code: "VERSION_STALE",
        current: { state: "ACCEPTED", by: "department:GA", did: "accepted" },
      },
    });
  });

  it("are not made stale by what only happens, such as a further event of the alarm", async () => {
    const alarm = sampleEvent();
    const next = police.received.length + 1;
    await sendEvents(bench, [alarm]);
    const { caseId } = (await police.nth(next)).message.data;
    const { version } = await eventually(
      () => getCase(bench, caseId),
      (found) => found.state === "DISPATCHED",
    );
    const { alarmId } = alarm.data;
    await sendEvents(bench, [sampleEvent({ alarmId, phase: "update", sequence: 2 })]);
    await eventually(
      () => getCase(bench, caseId),
      (found) => found.eventCount === 2,
    );
    const order = { expectedVersion: version, command: { kind: "escalate", reason: "big" } };
    expect(await post(bench, `/v1/cases/${caseId}/commands`, order)).toMatchObject({ status: 200 });
  });

  it("need a key, and a case that is there", async () => {
    const body = { expectedVersion: 1, command: { kind: "verify" } };
    const address = `/v1/cases/${randomUUID()}/commands`;
    expect(await post(bench, address, body)).toMatchObject({ status: 404 });
    const { caseId } = await dispatchedCase();
    const real = `/v1/cases/${caseId}/commands`;
    expect(await post(bench, real, body, "short")).toMatchObject({
      status: 400,
      body: { code: "BODY_MALFORMED" },
    });
  });

  it("send a returned case to another department as a new task", async () => {
    const { caseId, taskId } = await dispatchedCase();
    await asDepartment(taskId, { kind: "return", reason: "private land" });
    const next = hub.received.length + 1;
    const sent = await command(caseId, { kind: "dispatch", lead: "ZZ" });
    expect(sent).toMatchObject({ status: 200, body: { state: "RETURNED" } });
    expect((await hub.nth(next)).message.data).toMatchObject({ caseId, role: "lead" });
    const found = await eventually(
      () => getCase(bench, caseId),
      ({ state }) => state === "DISPATCHED",
    );
    expect(found.lead).toBe("ZZ");
    expect(await asDepartment(taskId, { kind: "accept" })).toMatchObject({ status: 409 });
  });
});

describe("a whistle", () => {
  it("calls departments to the site and keeps the case open until they are done", async () => {
    const { caseId, taskId } = await dispatchedCase();
    await asDepartment(taskId, { kind: "accept" });
    await asDepartment(taskId, { kind: "start" });
    const { version } = await getCase(bench, caseId);
    const next = hub.received.length + 1;
    const blown = await post(bench, "/v1/whistles", {
      caseId,
      expectedVersion: version,
      whistle: {
        kind: "emergency",
        subject: "crowd at the gate",
        parties: [
          { department: "GA", required: true },
          { department: "ZZ", required: true },
        ],
      },
    });
    expect(blown).toMatchObject({ status: 200 });
    const whistle = blown.body["whistle"] as WhistleView;
    const { data } = (await hub.nth(next)).message;
    expect(data).toMatchObject({ caseId, role: "co", whistle: { id: whistle.id, required: true } });
    const party = (department: "GA" | "ZZ", order: object) =>
      postSigned(bench, signer(department), `/v1/whistles/${whistle.id}/party-commands`, {
        command: { department, ...order },
      });
    const { code } = await getJson<{ code: string }>(bench, `/v1/whistles/${whistle.id}/code`);
    const place = { lat: data.location.lat, lon: data.location.lon };
    await party("GA", { kind: "check-in", proof: { by: "place", ...place } });
    expect(
      await party("ZZ", { kind: "check-in", proof: { by: "code", code: `${code}0` } }),
    ).toMatchObject({ status: 422 });
    await party("ZZ", { kind: "check-in", proof: { by: "code", code } });
    await post(bench, `/v1/whistles/${whistle.id}/commands`, {
      command: { kind: "consult", opinion: "close the gate" },
    });
    for (const department of ["GA", "ZZ"] as const) {
      await party(department, { kind: "take", measure: "ours" });
    }
    await party("GA", { kind: "feed-back", result: "gate closed" });
    const open = await getJson<WhistleView>(bench, `/v1/whistles/${whistle.id}`);
    expect(open).toMatchObject({ state: "ASSIGNED", unmet: ["ZZ"] });
    expect((await getCase(bench, caseId)).state).toBe("WHISTLED");
    await party("ZZ", { kind: "feed-back", result: "crowd gone" });
    expect((await getCase(bench, caseId)).state).toBe("HANDLING");
  });
});
