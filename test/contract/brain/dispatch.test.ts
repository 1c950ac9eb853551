import { randomUUID } from "node:crypto";
import { Webhook as SvixWebhook } from "svix";
import { afterEach, describe, expect, it } from "vitest";
import {
  auditPageSchema,
  type CaseDetail,
  deliveryListSchema,
  problemSchema,
  type ReplayAnswer,
  replayAnswerSchema,
  WEBHOOK_BYTES,
} from "../../../protocol/index.ts";
import {
  acknowledge,
  type BrainBench,
  eventually,
  getCase,
  getCases,
  newSecret,
  sendEvents,
  signedHeaders,
  startBench,
} from "./brain-bench.ts";
import { answer, type Department, startDepartment } from "./department.ts";
import { sampleEvent } from "./sample-event.ts";

const secret = newSecret();
const cleanups: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (let clean = cleanups.pop(); clean !== undefined; clean = cleanups.pop()) {
    await clean();
  }
});

async function department(): Promise<Department> {
  const started = await startDepartment(secret);
  cleanups.push(started.close);
  return started;
}

async function brain(
  endpoints: Readonly<Record<string, string>>,
  config: Record<string, unknown> = {},
): Promise<BrainBench> {
  const bench = await startBench({
    endpoints: Object.entries(endpoints).map(([code, url]) => ({ department: code, url, secret })),
    config,
  });
  cleanups.push(async () => bench[Symbol.asyncDispose]());
  return bench;
}

const theCase = async (
  bench: BrainBench,
  satisfies: (found: CaseDetail) => boolean,
): Promise<CaseDetail> => {
  const { items } = await eventually(
    () => getCases(bench),
    (list) => list.items.length > 0,
  );
  return eventually(() => getCase(bench, items[0]?.id as string), satisfies, 20_000);
};

const codeOf = async (response: Response): Promise<[number, string]> => [
  response.status,
  problemSchema.parse(await response.json()).code,
];

describe("a delivery", () => {
  it("is signed so that two other implementations verify it, and stays small", async () => {
    const police = await department();
    const bench = await brain({ GA: police.url });
    await sendEvents(bench, [sampleEvent({ evidence: [{ sha256: "b".repeat(64), bytes: 9 }] })]);
    // The department itself verifies with `standardwebhooks`.
    const { text, headers, message } = await police.nth(1);
    expect(new SvixWebhook(secret).verify(text, headers)).toEqual(message);
    expect(() => new SvixWebhook(newSecret()).verify(text, headers)).toThrow();
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(WEBHOOK_BYTES);
    expect(message.data.evidence[0]?.url).toBe(`${bench.url}/v1/evidence/${"b".repeat(64)}`);
    expect(message.data.acknowledgeUrl).toBe(
      `${bench.url}/v1/tasks/${message.data.taskId}/acknowledgement`,
    );
  });

  it("is repeated under the same id until it succeeds, and every attempt is visible", async () => {
    const police = await department();
    let left = 2;
    police.behave((received, response) => {
      left -= 1;
      answer(left < 0 ? 200 : 500)(received, response);
    });
    const bench = await brain({ GA: police.url });
    await sendEvents(bench, [sampleEvent()]);
    const found = await theCase(bench, ({ state }) => state === "DISPATCHED");
    expect(new Set(police.received.map(({ id }) => id)).size).toBe(1);
    expect(new Set(police.received.map(({ text }) => text)).size).toBe(1);
    expect(found.deliveries[0]).toMatchObject({ state: "DELIVERED", id: police.received[0]?.id });
    expect(found.deliveries[0]?.attempts.map(({ status, error }) => [status, error])).toEqual([
      [500, "answered 500"],
      [500, "answered 500"],
      [200, null],
    ]);
    expect(found.timeline.map(({ kind }) => kind)).toEqual([
      "reported",
      "filed",
      "delivery-failed",
      "delivered",
      "dispatched",
    ]);
  });

  it("gives up on a department that hangs, and holds up no other meanwhile", async () => {
    const [police, fire] = [await department(), await department()];
    police.behave(() => undefined);
    const bench = await brain(
      { GA: police.url, XF: fire.url },
      { dispatch: { timeoutMs: 400, lane: 2 } },
    );
    await sendEvents(bench, [
      ...Array.from({ length: 5 }, () => sampleEvent()),
      sampleEvent({ code: "FIR.LANE" }),
    ]);
    await fire.nth(1);
    const { items } = await getCases(bench);
    const intrusion = items.find(({ lead }) => lead === "GA");
    const found = await eventually(
      () => getCase(bench, intrusion?.id as string),
      ({ deliveries }) => (deliveries[0]?.attempts.length ?? 0) > 0,
    );
    expect(found.deliveries[0]?.attempts[0]).toMatchObject({
      status: null,
      error: "no answer within 400 ms",
    });
    expect(found.state).toBe("FILED");
  });

  it("never follows a redirect, and asks a misconfigured address slowly", async () => {
    const [police, trap] = [await department(), await department()];
    police.behave(answer(302, { location: trap.url }));
    const bench = await brain({ GA: police.url });
    await sendEvents(bench, [sampleEvent()]);
    const found = await theCase(bench, ({ deliveries }) => deliveries[0]?.attempts.length === 1);
    expect(found.deliveries[0]?.attempts[0]).toMatchObject({
      status: 302,
      error: "answered 302: redirects are never followed",
    });
    const waitMs = Date.parse(found.deliveries[0]?.nextAttemptAt as string) - Date.now();
    expect(waitMs).toBeGreaterThan(60_000);
    expect(trap.received).toHaveLength(0);
  });

  it("does not post to addresses outside the allowed networks", async () => {
    const police = await department();
    const bench = await brain(
      { GA: police.url },
      { dispatch: { allowedNetworks: ["10.0.0.0/8"] } },
    );
    await sendEvents(bench, [sampleEvent()]);
    const found = await theCase(bench, ({ deliveries }) => deliveries[0]?.attempts.length === 1);
    expect(found.deliveries[0]?.attempts[0]?.error).toContain("127.0.0.1 is neither public nor");
    expect(police.received).toHaveLength(0);
  });

  it("asks a department that is down by one delivery at a time, and has all sent once it is back", async () => {
    const police = await department();
    police.behave(answer(503));
    const bench = await brain({ GA: police.url });
    await sendEvents(
      bench,
      Array.from({ length: 6 }, () => sampleEvent()),
    );
    await police.nth(6);
    const [probe] = [await police.nth(7)];
    const before = police.received.length;
    expect(before).toBe(7);
    police.behave(answer(204));
    await police.nth(13);
    const delivered = new Set(police.received.slice(7).map(({ id }) => id));
    expect(delivered.size).toBe(6);
    expect(delivered.has(probe.id)).toBe(true);
    const health = await fetch(`${bench.url}/v1/health`).then((answer) => answer.json());
    expect(health).toMatchObject({ endpoints: [{ state: "healthy", lastError: null }] });
  });

  it("sends again what an operator asks for, under the same id, and only tells it on a dry run", async () => {
    const police = await department();
    const bench = await brain({ GA: police.url });
    await sendEvents(bench, [sampleEvent(), sampleEvent()]);
    await Promise.all([police.nth(1), police.nth(2)]);
    await eventually(
      () => fetch(`${bench.url}/v1/deliveries?state=DELIVERED`).then((found) => found.json()),
      (list) => deliveryListSchema.parse(list).items.length === 2,
    );
    const replay = async (what: object, dryRun: boolean): Promise<ReplayAnswer> => {
      const response = await fetch(`${bench.url}/v1/deliveries/replay`, {
        method: "POST",
        headers: { "content-type": "application/json", origin: bench.url },
        body: JSON.stringify({ what, reason: "their disk was lost", dryRun }),
      });
      return replayAnswerSchema.parse(await response.json());
    };
    const range = { kind: "range", department: "GA", from: "2020-01-01T00:00:00Z" };
    const all = { ...range, to: "2100-01-01T00:00:00Z" };
    expect(await replay(all, true)).toMatchObject({ count: 2, dryRun: true });
    expect(await replay({ kind: "missing" }, false)).toMatchObject({ count: 0 });
    const [first] = police.received;
    const one = { kind: "one", ids: [first?.id] };
    expect(await replay(one, false)).toEqual({ count: 1, ids: [first?.id], dryRun: false });
    const again = await police.nth(3);
    expect([again.id, again.text]).toEqual([first?.id, first?.text]);
    const audit = await fetch(`${bench.url}/v1/audit`).then((answer) => answer.json());
    expect(auditPageSchema.parse(audit).items[0]).toMatchObject({
      action: "delivery.replay",
      subject: `delivery:${first?.id ?? ""}`,
      purpose: "their disk was lost",
    });
  });

  it("survives the brain's restart", async () => {
    const police = await department();
    police.behave(answer(503));
    const bench = await brain({ GA: police.url });
    await sendEvents(bench, [sampleEvent()]);
    await police.nth(1);
    await theCase(bench, ({ deliveries }) => deliveries[0]?.attempts.length === 1);
    police.behave(answer(200));
    await bench.restart();
    const found = await theCase(bench, ({ state }) => state === "DISPATCHED");
    expect(found.deliveries[0]?.attempts.length).toBeGreaterThan(1);
  });
});

describe("routing", () => {
  it("tells all departments at once at life-safety level, and the hub for those unreachable", async () => {
    const [police, hub] = [await department(), await department()];
    const bench = await brain({ GA: police.url, ZZ: hub.url });
    // SEC.FIGHT: lead GA, co ZZ and WJ, S0. WJ has no endpoint.
    await sendEvents(bench, [sampleEvent({ code: "SEC.FIGHT" })]);
    await Promise.all([police.nth(1), hub.nth(2)]);
    const told = hub.received.map(({ message }) => message.data.department).sort();
    expect(told).toEqual(["WJ", "ZZ"]);
    const found = await theCase(bench, ({ tasks }) =>
      tasks.every(({ state }) => state === "DELIVERED"),
    );
    expect(found.tasks.map(({ department: code, role }) => [code, role])).toEqual([
      ["GA", "lead"],
      ["ZZ", "co"],
      ["WJ", "co"],
    ]);
    const forHealth = hub.received.find(({ message }) => message.data.department === "WJ");
    const ack = await acknowledge(bench, {
      department: "ZZ",
      secret,
      deliveryId: forHealth?.id as string,
      taskId: forHealth?.message.data.taskId as string,
    });
    expect(ack.status).toBe(200);
    expect((await getCase(bench, found.id)).state).toBe("DISPATCHED");
  });

  it("leaves a task visible as pending when nobody can be reached", async () => {
    const bench = await brain({});
    await sendEvents(bench, [sampleEvent()]);
    const found = await theCase(bench, () => true);
    expect(found).toMatchObject({ state: "FILED", deliveries: [] });
    expect(found.tasks[0]).toMatchObject({ department: "GA", role: "lead", state: "PENDING" });
  });

  it("files nothing by itself where the configuration says so", async () => {
    const police = await department();
    const bench = await brain({ GA: police.url }, { filing: { automatic: ["S0"] } });
    await sendEvents(bench, [sampleEvent()]);
    const found = await theCase(bench, () => true);
    expect(found).toMatchObject({ state: "REPORTED", tasks: [] });
  });
});

describe("an acknowledgement", () => {
  it("that overtakes the delivery's record takes the case through to accepted", async () => {
    const police = await department();
    const bench = await brain({ GA: police.url });
    const answers: Promise<Response>[] = [];
    police.behave((received, response) => {
      const ack = acknowledge(bench, {
        department: "GA",
        secret,
        deliveryId: received.id,
        taskId: received.message.data.taskId,
      });
      answers.push(ack);
      void ack.then(() => response.writeHead(200).end());
    });
    await sendEvents(bench, [sampleEvent()]);
    const found = await theCase(bench, ({ state }) => state === "ACCEPTED");
    expect((await answers[0])?.status).toBe(200);
    await eventually(
      () => getCase(bench, found.id),
      ({ deliveries }) =>
        deliveries[0]?.state === "DELIVERED" && deliveries[0].attempts.length === 1,
    );
    expect(found.timeline.map(({ kind }) => kind)).toEqual([
      "reported",
      "filed",
      "dispatched",
      "accepted",
    ]);
  });

  it("returns a case with a reason, and stands against a later change of mind", async () => {
    const police = await department();
    const bench = await brain({ GA: police.url });
    await sendEvents(bench, [sampleEvent()]);
    const { id, message } = await police.nth(1);
    const base = { department: "GA", secret, deliveryId: id, taskId: message.data.taskId };
    expect(await codeOf(await acknowledge(bench, { ...base, decision: "returned" }))).toEqual([
      400,
      "BODY_MALFORMED",
    ]);
    const returned = await acknowledge(bench, {
      ...base,
      decision: "returned",
      reason: "outside our area",
    });
    expect(await returned.json()).toMatchObject({ state: "RETURNED", repeated: false });
    const found = await getCase(bench, message.data.caseId);
    expect(found.state).toBe("RETURNED");
    expect(found.tasks[0]).toMatchObject({ state: "RETURNED", reason: "outside our area" });
    expect(await codeOf(await acknowledge(bench, base))).toEqual([409, "STATE_CONFLICT"]);
  });

  it("is taken with all that come at the same time, of one case too, and none suffers for another", async () => {
    const [police, hub] = [await department(), await department()];
    const bench = await brain({ GA: police.url, ZZ: hub.url });
    await sendEvents(bench, [
      sampleEvent({ code: "SEC.FIGHT", place: { lat: 30, lon: 110 } }),
      sampleEvent({ code: "SEC.FIGHT", place: { lat: 31, lon: 110 } }),
    ]);
    await Promise.all([police.nth(2), hub.nth(4)]);
    const sent = [...police.received, ...hub.received].map(({ id, message: { data } }) => ({
      department: data.department === "GA" ? "GA" : "ZZ",
      secret,
      deliveryId: id,
      taskId: data.taskId,
    }));
    const [first] = sent;
    const unknown = { ...sent[1], department: "GA", secret, taskId: randomUUID() };
    const late = { ...first, decision: "returned", reason: "too far" };
    const answers = await Promise.all(
      [...sent, first, unknown, late].map((one) => acknowledge(bench, one as (typeof sent)[0])),
    );
    expect(answers.map(({ status }) => status)).toEqual([...sent.map(() => 200), 200, 404, 409]);
    const bodies = await Promise.all(answers.map((one) => one.json()));
    expect(bodies[0]).toMatchObject({ state: "ACCEPTED", repeated: false });
    expect(bodies[sent.length]).toMatchObject({ state: "ACCEPTED", repeated: true });
    for (const caseId of new Set(police.received.map(({ message }) => message.data.caseId))) {
      const found = await getCase(bench, caseId);
      expect(found.state).toBe("ACCEPTED");
      expect(found.tasks.map(({ state }) => state)).toEqual(["ACCEPTED", "ACCEPTED", "ACCEPTED"]);
      expect(found.timeline.filter(({ kind }) => kind === "accepted")).toHaveLength(3);
    }
  });

  it("is refused from strangers, for unknown tasks and under wrong secrets", async () => {
    const [police, fire] = [await department(), await department()];
    const bench = await brain({ GA: police.url, XF: fire.url });
    await sendEvents(bench, [sampleEvent()]);
    const { id, message } = await police.nth(1);
    const base = { department: "GA", secret, deliveryId: id, taskId: message.data.taskId };
    expect(await codeOf(await acknowledge(bench, { ...base, department: "XF" }))).toEqual([
      403,
      "TASK_NOT_YOURS",
    ]);
    const other = "01890000-0000-7000-8000-000000000000";
    expect(await codeOf(await acknowledge(bench, { ...base, taskId: other }))).toEqual([
      404,
      "TASK_UNKNOWN",
    ]);
    expect(await codeOf(await acknowledge(bench, { ...base, deliveryId: other }))).toEqual([
      404,
      "TASK_UNKNOWN",
    ]);
    expect(await codeOf(await acknowledge(bench, { ...base, secret: newSecret() }))).toEqual([
      401,
      "SIGNATURE_WRONG",
    ]);
    expect(await codeOf(await acknowledge(bench, { ...base, department: "YL" }))).toEqual([
      401,
      "SIGNATURE_WRONG",
    ]);
    expect((await getCase(bench, message.data.caseId)).state).not.toBe("ACCEPTED");
  });
});

describe("a department that looks at a picture", () => {
  it("signs its hash, and sees pictures of its own cases only", async () => {
    const [police, fire] = [await department(), await department()];
    const bench = await brain({ GA: police.url, XF: fire.url });
    const sha256 = "c".repeat(64);
    await sendEvents(bench, [sampleEvent({ evidence: [{ sha256, bytes: 9 }] })]);
    await police.nth(1);
    const look = (sender: string): Promise<Response> =>
      fetch(`${bench.url}/v1/evidence/${sha256}`, {
        headers: signedHeaders(sha256, { sender, secret }),
      });
    expect(await codeOf(await look("XF"))).toEqual([403, "TASK_NOT_YOURS"]);
    expect(await codeOf(await look("GA"))).toEqual([404, "EVIDENCE_UNKNOWN"]);
  });
});
