import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { OrdersChannel, type OrdersOffice } from "../../../edge/uplink/index.ts";
import {
  formatTime,
  nodeIdSchema,
  nodeOrderSchema,
  ordersQuestionSchema,
  type CameraScene,
  type NodeOrder,
  type OrderResult,
  type OrdersAnswer,
  type OrdersQuestion,
} from "../../../protocol/index.ts";
import { always, FakeBrain, type Received } from "./fake-brain.ts";
import { FakeClock } from "./fake-clock.ts";
import { LogBook } from "./log-book.ts";

const SECRET = `whsec_${Buffer.from("a secret of this test").toString("base64")}`;
const FAILED: OrderResult = {
  outcome: "failed",
  problem: { code: "CAMERA_INACTIVE", message: "switched off" },
};
const SHA256 = "c".repeat(64);

let clock: FakeClock;
let log: LogBook;
let brain: FakeBrain;
let channel: OrdersChannel;
let office: OrdersOffice & { readonly taken: OrdersAnswer[]; scenes_: CameraScene[] };

function createOffice(): typeof office {
  const taken: OrdersAnswer[] = [];
  const self = {
    taken,
    scenes_: [] as CameraScene[],
    plans: () => [],
    scenes: () => ({ scenes: self.scenes_, more: false }),
    told: () => {
      self.scenes_ = [];
    },
    forget: () => undefined,
    isUnsettled: () => false,
    take: (answer: OrdersAnswer) => {
      taken.push(answer);
    },
  };
  return self;
}

beforeEach(async () => {
  clock = new FakeClock();
  log = new LogBook();
  brain = await FakeBrain.start();
  office = createOffice();
  channel = new OrdersChannel({
    ...{ url: brain.url, secret: SECRET, office, clock, log, random: () => 1 },
    nodeId: nodeIdSchema.parse("node-1"),
  });
});

afterEach(async () => {
  await channel.close();
  await brain.close();
});

function order(): NodeOrder {
  return nodeOrderSchema.parse({
    ...{ id: "0190b0a0-0000-7000-8000-000000000001", camera: "cam", kind: "snapshot" },
    until: formatTime(clock.now() + 10_000),
  });
}

function questionOf({ body }: Received): OrdersQuestion {
  return ordersQuestionSchema.parse(JSON.parse(body.toString()));
}

const nothing = { plans: [], orders: [] };

describe("OrdersChannel", () => {
  it("asks signed, hands on what it is told, and asks again", async () => {
    const told = { plans: [], orders: [order()] };
    brain.next(() => ({ status: 200, body: told }));
    brain.otherwise(() => "silent");
    channel.start();
    await clock.pass((delayMs) => delayMs === 250);
    const second = await brain.until(2);
    expect(second).toMatchObject({ method: "POST", path: "/v1/orders/next" });
    expect(second.headers["webhook-signature"]).toMatch(/^v1,/);
    expect(questionOf(second)).toEqual({ nodeId: "node-1", plans: [], scenes: [], waitMs: 20_000 });
    expect(office.taken).toEqual([told]);
  });

  it("asks a brain that answers nothing at once only every second", async () => {
    brain.otherwise(always(200, { body: nothing }));
    channel.start();
    expect(await clock.pass((delayMs) => delayMs <= 1_000)).toBe(1_000);
    await brain.until(2);
  });

  it("asks an older brain only every five minutes and says so once", async () => {
    brain.otherwise(always(404, { body: { code: "NOT_FOUND", message: "no such route" } }));
    channel.start();
    await clock.pass((delayMs) => delayMs === 300_000);
    await clock.until((delayMs) => delayMs === 300_000);
    expect(brain.received).toHaveLength(2);
    expect(log.lines.map(({ level }) => level)).toEqual(["warn"]);
  });

  it("backs off while the brain is away, and believes no answer that does not fit", async () => {
    brain.next(always(503), always(503), () => ({ status: 200, body: { plans: 3 } }));
    brain.otherwise(() => "silent");
    channel.start();
    expect(await clock.pass((delayMs) => delayMs < 5_000)).toBe(100);
    expect(await clock.pass((delayMs) => delayMs < 5_000)).toBe(200);
    expect(await clock.pass((delayMs) => delayMs === 10_000)).toBe(10_000);
    expect(log.linkChanges("orders")).toEqual(["HTTP_503", "ANSWER_UNREADABLE"]);
    expect(office.taken).toEqual([]);
  });

  it("cuts its question short when it is closed", async () => {
    brain.otherwise(() => "silent");
    channel.start();
    await brain.until(1);
    await channel.close();
  });

  it("posts a result again after a failure that passes, and gives up at a refusal", async () => {
    const signal = new AbortController().signal;
    brain.next(always(503), always(200));
    const posted = channel.answer(order(), FAILED, signal);
    await clock.pass((delayMs) => delayMs === 100);
    await posted;
    expect(brain.received[1]).toMatchObject({
      path: "/v1/orders/0190b0a0-0000-7000-8000-000000000001/result",
    });
    expect(JSON.parse(brain.received[1]?.body.toString() ?? "")).toEqual(FAILED);
    brain.next(always(410, { body: { code: "ORDER_EXPIRED", message: "late" } }));
    await channel.answer(order(), FAILED, signal);
    expect(log.lines.at(-1)?.fields).toMatchObject({ code: "ORDER_EXPIRED" });
  });

  it("uploads a picture as evidence, and tells why the brain did not take it", async () => {
    const signal = new AbortController().signal;
    brain.next(always(200), always(404, { body: { code: "EVIDENCE_UNKNOWN", message: "no" } }));
    expect(await channel.upload(SHA256, new Uint8Array([1, 2]), signal)).toBeUndefined();
    expect(brain.received[0]).toMatchObject({ method: "PUT", path: `/v1/evidence/${SHA256}` });
    expect(await channel.upload(SHA256, new Uint8Array([1]), signal)).toMatchObject({
      code: "EVIDENCE_UNKNOWN",
    });
  });
});
