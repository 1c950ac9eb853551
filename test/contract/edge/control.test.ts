/** A whole node with one camera and real inference, and a small brain that changes its rules. */
import fs from "node:fs";
import { createHash } from "node:crypto";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { edgeConfigSchema } from "../../../config/index.ts";
import { startEdge, type EdgeNode } from "../../../edge/node.ts";
import {
  formatTime,
  orderResultSchema,
  ordersQuestionSchema,
  parseEventType,
  systemClock,
  type CameraPlan,
  type NodeOrder,
  type OrderResult,
  type OrdersQuestion,
} from "../../../protocol/index.ts";
import { recordingLog } from "../../edge/ingest/camera-fixture.ts";
import { accept, FakeBrain, type Answer, type Received } from "../../edge/uplink/fake-brain.ts";
import { FOOTAGE, footageMissing } from "../../support/footage.ts";

const CACHE = path.resolve(import.meta.dirname, "../../../.cache");
const WHOLE = [
  [0, 0],
  [1, 0],
  [1, 1],
  [0, 1],
] as [number, number][];
/** Where the footage shows nobody. */
const CORNER = [
  [0.98, 0],
  [1, 0],
  [1, 0.02],
] as [number, number][];

const zoneRule = (zone: [number, number][]): object => ({
  ...{ kind: "zone-intrusion", id: "zone", eventType: "SEC.INTRUDE", zone },
  ...{ dwellS: 0, clearS: 1, cooldownS: 0 },
});

/** Answers the node as the brain would: questions wait until there is something to say. */
class ControlRoom {
  readonly brain: FakeBrain;
  readonly questions: OrdersQuestion[] = [];
  readonly results = new Map<string, OrderResult>();
  readonly pictures: Received[] = [];
  /** `phase code` of every event. */
  readonly steps: string[] = [];
  #plans: CameraPlan[] = [];
  #orders: NodeOrder[] = [];
  #ids = 0;

  constructor(brain: FakeBrain) {
    this.brain = brain;
    brain.otherwise((received) => this.#answer(received));
  }

  say(plan: Partial<CameraPlan> & { version: number }): void {
    this.#plans.push({
      ...{ camera: "cam" as CameraPlan["camera"], analysed: true, paused: [], rules: null },
      ...plan,
    });
  }

  async order(
    order: { kind: "snapshot" } | { kind: "test-rule"; rule: object },
  ): Promise<OrderResult> {
    const id = `0190b0a0-0000-7000-8000-${String(this.#ids++).padStart(12, "0")}`;
    const until = formatTime(Date.now() + 10_000);
    this.#orders.push({ ...order, id, camera: "cam", until } as NodeOrder);
    await untilTrue(() => this.results.has(id));
    return this.results.get(id) as OrderResult;
  }

  get lastState(): OrdersQuestion["plans"][number] | undefined {
    return this.questions.at(-1)?.plans[0];
  }

  scene(): OrdersQuestion["scenes"][number] | undefined {
    return this.questions.flatMap(({ scenes }) => scenes).at(-1);
  }

  #answer(received: Received): Answer | Promise<Answer> {
    const [, , kind, id, last] = received.path.split("/");
    const body = (): unknown => JSON.parse(received.body.toString());
    switch (kind) {
      case "events":
        for (const { type } of body() as { type: string }[]) {
          const { phase, code } = parseEventType(type) ?? { phase: "?", code: "?" };
          this.steps.push(`${phase} ${code}`);
        }
        return accept(received);
      case "evidence":
        this.pictures.push(received);
        return { status: 200 };
      case "heartbeat": {
        const now = formatTime(Date.now());
        return { status: 200, body: { receivedAt: now, answeredAt: now } };
      }
      default:
        if (last === "result") {
          this.results.set(id ?? "", orderResultSchema.parse(body()));
          return { status: 200, body: {} };
        }
        return this.#wait(ordersQuestionSchema.parse(body()));
    }
  }

  async #wait(question: OrdersQuestion): Promise<Answer> {
    this.questions.push(question);
    const until = Date.now() + Math.min(question.waitMs, 500);
    await untilTrue(() => Date.now() >= until || this.#plans.length + this.#orders.length > 0);
    const body = { plans: this.#plans.splice(0), orders: this.#orders.splice(0) };
    return { status: 200, body };
  }
}

/** The test's own limit ends a wait in vain. */
async function untilTrue(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) {
    await systemClock.wait(20);
  }
}

let folder: string;
let room: ControlRoom;
let node: EdgeNode;
const log = recordingLog();

async function start(url: string, rule = zoneRule(CORNER)): Promise<void> {
  const secretFile = path.join(folder, "secret");
  fs.writeFileSync(secretFile, "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=");
  const config = edgeConfigSchema.parse({
    node: { id: "node", dataDir: path.join(folder, "data"), metricsPort: 0 },
    brain: { url, secretFile },
    model: { workers: 1, threads: 1 },
    cameras: [
      {
        ...{ id: "cam", name: "Camera", source: FOOTAGE, maxFps: 10, maxWidth: 320 },
        location: { lat: 39.9, lon: 116.4, crs: "WGS84" },
        purpose: "test",
        masks: [CORNER],
        rules: [rule],
      },
    ],
  });
  node = await startEdge({
    ...{ config, log: log.log, clock: systemClock, modelCacheDir: path.join(CACHE, "models") },
    ...{ version: "0.0.0", random: () => 0.5, newId: () => crypto.randomUUID() },
  });
}

function camera(): ReturnType<EdgeNode["cameras"]>[number] {
  return node.cameras()[0] as ReturnType<EdgeNode["cameras"]>[number];
}

/** Frames that wait or are being looked at. */
function pending(): number {
  const { captured, analysed, dropped } = camera();
  return captured - analysed - Object.values(dropped).reduce((sum, count) => sum + count, 0);
}

function expectExact(): void {
  expect(pending()).toBe(0);
}

beforeEach(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "edge-control-"));
  room = new ControlRoom(await FakeBrain.start());
});

afterEach(async () => {
  await node.close();
  await room.brain.close();
  fs.rmSync(folder, { recursive: true });
});

describe.skipIf(footageMissing !== undefined)("a node whose control room changes its rules", () => {
  it("does so without a reconnect or a lost frame, tries rules and shows pictures", async () => {
    await start(room.brain.url);
    await untilTrue(() => (room.scene()?.width ?? 0) > 0);
    expect(room.scene()).toMatchObject({
      ...{ camera: "cam", width: 320, calibrated: false, analysed: true, paused: [] },
      rules: [{ id: "zone", minScore: 0.4 }],
    });
    expect(room.steps).toEqual([]);

    room.say({ version: 1, rules: [zoneRule(WHOLE)] as never });
    await untilTrue(() => room.steps.includes("new SEC.INTRUDE"));
    await untilTrue(() => room.lastState?.version === 1);
    expect(room.scene()).toMatchObject({ rules: [{ zone: WHOLE }], fileRules: [{ zone: CORNER }] });

    const tried = await room.order({ kind: "test-rule", rule: zoneRule(WHOLE) });
    expect(tried).toMatchObject({ outcome: "tested", test: { incomplete: [] } });
    const test = tried.outcome === "tested" ? tried.test : undefined;
    expect(test?.tracks).toBeGreaterThan(0);
    expect(test?.footprints.length).toBeGreaterThan(0);
    expect(test?.alarmCount).toBeGreaterThan(0);
    const empty = await room.order({ kind: "test-rule", rule: zoneRule(CORNER) });
    expect(empty).toMatchObject({ outcome: "tested", test: { alarmCount: 0 } });

    const before = room.pictures.length;
    const shown = await room.order({ kind: "snapshot" });
    expect(shown).toMatchObject({ outcome: "snapshot", width: 320 });
    const sha256 = shown.outcome === "snapshot" ? shown.sha256 : "";
    const picture = room.pictures.slice(before).find((one) => one.path.endsWith(sha256));
    expect(
      createHash("sha256")
        .update(picture?.body ?? "")
        .digest("hex"),
    ).toBe(sha256);

    room.say({
      version: 2,
      rules: [
        zoneRule([
          [0, 0],
          [0.5, 0.5],
          [1, 1],
        ]),
      ] as never,
    });
    await untilTrue(() => room.lastState?.refused !== undefined);
    expect(room.lastState).toMatchObject({
      version: 1,
      refused: { version: 2, problem: { code: "PLAN_INVALID", where: "rules.0.zone" } },
    });
    expect(camera()).toMatchObject({ state: "live", reconnects: 0 });
    const metrics = await fetch(`http://127.0.0.1:${node.metricsPort}/metrics`);
    const lines = (await metrics.text()).split("\n");
    expect(lines).toContain('sesb_edge_plan_version{camera="cam"} 1');
    expect(lines).toContain('sesb_edge_orders_total{kind="test-rule",outcome="tested"} 2');
    await node.close();
    expectExact();
  }, 60_000);

  it("looks at nothing while it is switched off, also after a restart without the brain", async () => {
    await start(room.brain.url);
    room.say({ version: 1, rules: [zoneRule(WHOLE)] as never });
    await untilTrue(() => room.steps.includes("new SEC.INTRUDE"));
    room.say({ version: 2, analysed: false, rules: [zoneRule(WHOLE)] as never });
    await untilTrue(() => room.lastState?.version === 2);
    await untilTrue(() => room.steps.at(-1) === "end SEC.INTRUDE");
    const off = (): number => camera().dropped["switched-off"] ?? 0;
    await untilTrue(() => off() > 3 && pending() === 0); // A look was under way.
    const { analysed } = camera();
    const seen = off();
    await untilTrue(() => off() > seen + 20);
    expect(camera()).toMatchObject({ analysed, state: "live", reconnects: 0 });
    expect(await room.order({ kind: "snapshot" })).toMatchObject({
      outcome: "failed",
      problem: { code: "CAMERA_INACTIVE" },
    });
    expect(await room.order({ kind: "test-rule", rule: zoneRule(WHOLE) })).toMatchObject({
      problem: { code: "CAMERA_INACTIVE" },
    });
    await node.close();
    expectExact();

    await start("http://127.0.0.1:9"); // Nobody listens there.
    await untilTrue(() => off() > 10);
    expect(camera().analysed).toBe(0);
    await node.close();
    expectExact();
  }, 60_000);

  it("asks the model for a class that only a plan names", async () => {
    const giraffes = { ...zoneRule(WHOLE), classes: ["giraffe"] };
    await start(room.brain.url, giraffes);
    await untilTrue(() => camera().analysed > 10);
    expect(room.steps).toEqual([]);
    const early = await room.order({ kind: "test-rule", rule: zoneRule(WHOLE) });
    expect(early).toMatchObject({ test: { alarmCount: 0, tracks: 0, incomplete: ["classes"] } });
    room.say({ version: 1, rules: [zoneRule(WHOLE)] as never });
    await untilTrue(() => room.steps.includes("new SEC.INTRUDE"));
    expect(camera()).toMatchObject({ state: "live", reconnects: 0 });
  }, 60_000);
});
