/** Orders to nodes: snapshots and tests of rules, over two brains on one database. */
import { pino } from "pino";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Brain, startBrain } from "../../../brain/app.ts";
import {
  type CameraSnapshot,
  type Clock,
  type NodeOrder,
  type OrderResult,
  type Problem,
  type RuleTest,
  sha256Schema,
  systemClock,
} from "../../../protocol/index.ts";
import { type AccountsBench, type Person, startAccountsBench } from "./accounts-bench.ts";
import {
  type FakeNode,
  fakeNode,
  jpegOf,
  sceneOf,
  sha256Of,
  stateOf,
  ZONE_RULE,
} from "./node-bench.ts";

const CAMERA = "/v1/cameras/node-1/cam-1";
let bench: AccountsBench;
let second: Brain;
/** The node asks the second brain; people ask the first. */
let node: FakeNode;
let boss: Person;
let looker: Person;
/** Ahead of the wall clock, so that an order is over without waiting for it. */
let aheadMs = 0;
const clock: Clock = {
  now: () => systemClock.now() + aheadMs,
  wait: async (delayMs, signal) => {
    const due = clock.now() + delayMs;
    for (let leftMs = delayMs; leftMs > 0; leftMs = due - clock.now()) {
      await systemClock.wait(Math.min(leftMs, 50), signal);
    }
  },
};

beforeAll(async () => {
  bench = await startAccountsBench({ clock });
  const { config, directory } = bench.brain;
  const log = pino({ level: "silent" });
  second = await startBrain({ config, directory, clock, random: () => 0.5, log });
  node = fakeNode({ url: second.url, secret: bench.brain.nodeSecret, now: clock.now });
  boss = await bench.person("boss", { roles: ["supervisor"] });
  looker = await bench.person("looker", { roles: ["operator"] });
  await node.beat();
  await node.next({ scenes: [sceneOf()] });
}, 90_000);
afterAll(async () => {
  await second.close();
  await bench[Symbol.asyncDispose]();
});

const call = (method: string, address: string, body?: unknown, as = boss): Promise<Response> =>
  bench.request(method, address, { as, body });
const codeOf = async (response: Response): Promise<string> =>
  ((await response.json()) as Problem).code;

/** Waits at the second brain until an order comes. */
async function nextOrder(): Promise<NodeOrder> {
  const { orders } = await node.next({ plans: [stateOf()], waitMs: 20_000 });
  expect(orders).toHaveLength(1);
  return orders[0] as NodeOrder;
}

function snapshotOf(picture: Buffer): OrderResult {
  return {
    ...{ outcome: "snapshot", width: 1280, height: 720, capturedAt: "2026-01-02T03:04:05.678Z" },
    sha256: sha256Schema.parse(sha256Of(picture)),
  };
}

it("brings a picture of now from the node to whoever asked, over two brains", async () => {
  const picture = jpegOf(1);
  expect((await node.upload(picture)).status, "before it was ordered").toBe(404);
  const asked = call("POST", `${CAMERA}/snapshot`);
  const order = await nextOrder();
  expect(order).toMatchObject({ kind: "snapshot", camera: "cam-1" });
  expect(await codeOf(await node.settle(order, snapshotOf(picture)))).toBe("EVIDENCE_UNKNOWN");
  expect((await node.upload(picture)).status).toBe(200);
  expect((await node.settle(order, snapshotOf(picture))).status).toBe(200);
  const snapshot = (await (await asked).json()) as CameraSnapshot;
  expect(snapshot).toMatchObject({ width: 1280, sha256: sha256Of(picture) });
  const repeated = await node.settle(order, snapshotOf(picture));
  expect(await repeated.json()).toEqual({ id: order.id, repeated: true });
  const shown = await call("GET", snapshot.url);
  expect(Buffer.from(await shown.arrayBuffer()).equals(picture)).toBe(true);
  expect(shown.headers.get("content-type")).toBe("image/jpeg");
  const other = snapshot.url.replace("cam-1", "cam-2");
  expect(await codeOf(await call("GET", other))).toBe("EVIDENCE_UNKNOWN");
});

it("asks who may not draw for a purpose of the camera, and records every look", async () => {
  const picture = jpegOf(1);
  const url = `${CAMERA}/snapshots/${sha256Of(picture)}`;
  expect(await codeOf(await call("GET", url, undefined, looker))).toBe("PURPOSE_REFUSED");
  expect((await call("GET", `${url}?purpose=public-safety`, undefined, looker)).status).toBe(200);
  expect(await codeOf(await call("POST", `${CAMERA}/snapshot`, undefined, looker))).toBe(
    "PURPOSE_REFUSED",
  );
  const rows = await bench.db
    .selectFrom("audit")
    .select(["action", "outcome", "purpose"])
    .where("action", "in", ["camera.snapshot", "evidence.view"])
    .orderBy("id")
    .execute();
  expect(rows.map(({ action, outcome, purpose }) => [action, outcome, purpose].join(" "))).toEqual([
    "camera.snapshot done camera-setup",
    "evidence.view done camera-setup",
    "evidence.view refused ",
    "evidence.view done public-safety",
    "camera.snapshot refused ",
  ]);
});

it("brings a rule's test back, and the node's own problem where it failed", async () => {
  const asked = call("POST", `${CAMERA}/rule-test`, { rule: ZONE_RULE });
  const order = await nextOrder();
  expect(order).toMatchObject({ kind: "test-rule", rule: { id: "yard", clearS: 3 } });
  const test: RuleTest = {
    ...{ looks: 40, incomplete: [], tracks: 3, alarms: [], alarmCount: 0 },
    footprints: [[0.5, 0.25]],
  };
  expect(await codeOf(await node.settle(order, snapshotOf(jpegOf(1))))).toBe("BODY_MALFORMED");
  expect((await node.settle(order, { outcome: "tested", test })).status).toBe(200);
  expect(await (await asked).json()).toEqual(test);
  const failing = call("POST", `${CAMERA}/rule-test`, { rule: ZONE_RULE });
  const problem: Problem = { code: "CAMERA_INACTIVE", message: "stopped", where: "cam-1" };
  await node.settle(await nextOrder(), { outcome: "failed", problem });
  const failed = await failing;
  expect(failed.status).toBe(422);
  expect(await failed.json()).toEqual(problem);
  const wrong = await call("POST", `${CAMERA}/rule-test`, { rule: { kind: "none" } });
  expect(await codeOf(wrong)).toBe("PLAN_INVALID");
});

it("tells an order once, and not to another node", async () => {
  const leaving = new AbortController();
  const asked = bench
    .request("POST", `${CAMERA}/rule-test`, {
      as: boss,
      body: { rule: ZONE_RULE },
      signal: leaving.signal,
    })
    .catch(() => "hung up");
  const order = await nextOrder();
  expect((await node.next()).orders).toEqual([]);
  leaving.abort();
  expect(await asked).toBe("hung up");
  await bench.db
    .updateTable("node_order")
    .set({ node_id: "node-9" })
    .where("id", "=", order.id)
    .execute();
  const problem: Problem = { code: "INTERNAL", message: "none" };
  expect(await codeOf(await node.settle(order, { outcome: "failed", problem }))).toBe(
    "NODE_MISMATCH",
  );
});

it("takes no answer after the order's time, and no picture either", async () => {
  const asked = call("POST", `${CAMERA}/snapshot`);
  const order = await nextOrder();
  aheadMs += 11_000;
  const picture = jpegOf(2);
  expect((await node.upload(picture)).status).toBe(404);
  const problem: Problem = { code: "SOURCE_UNREACHABLE", message: "no camera" };
  const late = await node.settle(order, { outcome: "failed", problem });
  expect([late.status, await codeOf(late)]).toEqual([410, "ORDER_EXPIRED"]);
  expect(await codeOf(await asked)).toBe("NODE_AWAY");
});

it("does not wait for a node that has not been heard of", async () => {
  aheadMs += 120_000;
  const answer = await call("POST", `${CAMERA}/snapshot`);
  expect([answer.status, await codeOf(answer)]).toEqual([504, "NODE_AWAY"]);
});
