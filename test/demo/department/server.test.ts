import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  Ledger,
  startDepartmentServer,
  type DepartmentServer,
  type Received,
} from "../../../demo/department/index.ts";
import { systemClock, WEBHOOK_BYTES } from "../../../protocol/index.ts";
import { DELIVERY_ID, OTHER_SECRET, SECRET, signed, task } from "./fixtures.ts";

describe("a department's door", () => {
  let folder: string;
  let ledger: Ledger;
  let server: DepartmentServer;
  let taken: Received[];
  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), "department-"));
    ledger = await Ledger.open(folder);
    taken = [];
    server = await startDepartmentServer({
      ...{ host: "127.0.0.1", port: 0, clock: systemClock, ledger, maxPending: 2 },
      acknowledger: { take: (entry) => taken.push(entry) },
      secrets: new Map([["GA", SECRET]]),
      brainUrl: "http://127.0.0.1:8080",
      log: () => undefined,
    });
  });
  afterEach(async () => {
    await server.close();
    await ledger.end();
    await rm(folder, { recursive: true });
  });

  async function post(
    body: string,
    headers = signed(body),
    hook = "GA",
  ): Promise<{ status: number; answer: Record<string, unknown> }> {
    const response = await fetch(`${server.url}/hooks/${hook}`, { method: "POST", body, headers });
    return { status: response.status, answer: (await response.json()) as Record<string, unknown> };
  }

  it("takes a task once and answers its repetition the same way", async () => {
    const body = JSON.stringify(task());
    expect(await post(body)).toEqual({ status: 200, answer: { received: true, repeated: false } });
    expect(await post(body)).toEqual({ status: 200, answer: { received: true, repeated: true } });
    expect(taken).toHaveLength(1);
    expect(taken[0]).toMatchObject({
      id: DELIVERY_ID,
      department: "GA",
      captureTime: "2026-11-24T04:59:59.500Z",
    });
    const health = await fetch(`${server.url}/healthz`);
    expect(await health.json()).toEqual({ status: "ok", received: 1, unanswered: 1 });
  });

  it("takes a task back when the brain says so, once, and waits for its answer no more", async () => {
    await post(JSON.stringify(task()));
    const body = JSON.stringify({
      type: "task.cancelled",
      version: 1,
      timestamp: "2026-11-24T05:01:00.000Z",
      data: {
        taskId: "0198c0de-0000-7000-8000-0000000000aa",
        caseId: "0198c0de-0000-7000-8000-0000000000bb",
        caseNumber: "20261124-000001",
        department: "GA",
        cause: "case-merged",
        reason: "merged into case 20261124-000002",
      },
    });
    const headers = signed(body, { id: DELIVERY_ID.replace(/1$/, "2") });
    expect(await post(body, headers)).toEqual({
      status: 200,
      answer: { received: true, repeated: false },
    });
    expect((await post(body, headers)).answer).toEqual({ received: true, repeated: true });
    expect(taken).toHaveLength(1);
    expect(ledger.counts).toEqual({ received: 1, unanswered: 0 });
    await ledger.end();
    ledger = await Ledger.open(folder);
    expect(ledger.counts).toEqual({ received: 1, unanswered: 0 });
  });

  it("answers a ping and keeps nothing of it", async () => {
    const body = JSON.stringify({
      ...{ type: "endpoint.ping", version: 1, timestamp: "2026-11-24T05:01:00.000Z" },
      data: { department: "GA" },
    });
    expect(await post(body)).toEqual({ status: 200, answer: { received: true, repeated: false } });
    expect(taken).toEqual([]);
    expect(ledger.counts).toMatchObject({ received: 0, unanswered: 0 });
  });

  it("refuses a wrong signature with 401 and says where", async () => {
    const body = JSON.stringify(task());
    const { status, answer } = await post(body, signed(body, { secret: OTHER_SECRET }));
    expect(status).toBe(401);
    expect(answer).toMatchObject({ code: "SIGNATURE_WRONG", where: "webhook-signature" });
    expect(taken).toEqual([]);
  });

  it("refuses an unsigned request with 401", async () => {
    const { status, answer } = await post("{}", {});
    expect(status).toBe(401);
    expect(answer).toMatchObject({ code: "SIGNATURE_MISSING", where: "webhook-id" });
  });

  it("refuses too large a body with 413 and goes on serving", async () => {
    const { status, answer } = await post("x".repeat(WEBHOOK_BYTES + 1));
    expect(status).toBe(413);
    expect(answer).toMatchObject({ code: "BODY_TOO_LARGE", where: "body" });
    expect((await post(JSON.stringify(task()))).status).toBe(200);
  });

  it("refuses a malformed task with 422 and says where", async () => {
    const { status, answer } = await post(JSON.stringify(task({ severity: "high" })));
    expect(status).toBe(422);
    expect(answer).toMatchObject({ code: "EVENT_INVALID", where: "data.severity" });
    expect((await post("not json")).status).toBe(422);
  });

  it("refuses a task of another department, and an answer to another host", async () => {
    expect((await post(JSON.stringify(task({ department: "XF" })))).answer).toMatchObject({
      where: "data.department",
      got: "XF",
    });
    const elsewhere = task({ acknowledgeUrl: "http://169.254.1.1/x" });
    expect((await post(JSON.stringify(elsewhere))).answer).toMatchObject({
      where: "data.acknowledgeUrl",
      got: "http://169.254.1.1",
    });
  });

  it("answers 404 for a department that it does not speak for", async () => {
    const body = JSON.stringify(task());
    expect((await post(body, signed(body), "XF")).status).toBe(404);
    expect((await fetch(server.url)).status).toBe(404);
  });

  it("puts new tasks off with 503 while too many wait for an answer", async () => {
    const body = JSON.stringify(task());
    const id = (last: number): string => DELIVERY_ID.replace(/1$/, String(last));
    expect((await post(body, signed(body, { id: id(1) }))).status).toBe(200);
    expect((await post(body, signed(body, { id: id(2) }))).status).toBe(200);
    expect((await post(body, signed(body, { id: id(3) }))).status).toBe(503);
  });
});
