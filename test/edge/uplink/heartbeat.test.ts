import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Heartbeat } from "../../../edge/uplink/index.ts";
import type { HeartbeatOptions } from "../../../edge/uplink/index.ts";
import { formatTime, heartbeatSchema, nodeIdSchema } from "../../../protocol/index.ts";
import { always, FakeBrain } from "./fake-brain.ts";
import type { Script } from "./fake-brain.ts";
import { FakeClock } from "./fake-clock.ts";
import { LogBook } from "./log-book.ts";

const SECRET = `whsec_${Buffer.from("a secret of this test").toString("base64")}`;
const BEAT_MS = 3_000;
const isBeat = (delayMs: number): boolean => delayMs <= BEAT_MS;

let clock: FakeClock;
let log: LogBook;
let brain: FakeBrain;
let heartbeat: Heartbeat;

function report(): ReturnType<HeartbeatOptions["report"]> {
  const nodeId = nodeIdSchema.parse("node-1");
  const startedAt = formatTime(0);
  const about = { version: "0.1.0", model: "nanodet", provider: "cpu" };
  return { nodeId, startedAt, ...about, outboxDepth: 4, cameras: [] };
}

/** The brain's clock is ahead by `skewMs`; each way takes so long, and so does the work between. */
function brainAhead(skewMs: number, outMs: number, workMs: number, backMs: number): Script {
  return () => {
    const receivedAt = clock.now() + outMs + skewMs;
    const answeredAt = receivedAt + workMs;
    clock.set(clock.now() + outMs + workMs + backMs);
    const body = { receivedAt: formatTime(receivedAt), answeredAt: formatTime(answeredAt) };
    return { status: 200, body };
  };
}

beforeEach(async () => {
  clock = new FakeClock();
  log = new LogBook();
  brain = await FakeBrain.start();
  heartbeat = new Heartbeat({
    url: `${brain.url}/base`,
    nodeId: "node-1",
    secret: SECRET,
    heartbeatS: BEAT_MS / 1000,
    report,
    clock,
    log,
  });
});

afterEach(async () => {
  await heartbeat.close();
  await brain.close();
});

describe("Heartbeat", () => {
  it("sends a signed report that fits the protocol's schema, again and again", async () => {
    brain.otherwise(brainAhead(0, 0, 0, 0));
    heartbeat.start();
    expect(await clock.pass(isBeat)).toBe(BEAT_MS);
    const second = await brain.until(2);
    expect(second).toMatchObject({ method: "POST", path: "/base/v1/heartbeat" });
    expect(second.headers["webhook-signature"]).toMatch(/^v1,/);
    const body = heartbeatSchema.parse(JSON.parse(second.body.toString()));
    expect(body.sentAt).toBe(formatTime(clock.now()));
    expect(body.outboxDepth).toBe(4);
  });

  it("measures the brain's clock, believing the exchange with the shortest way", async () => {
    expect(heartbeat.skewMs).toBeUndefined();
    brain.next(brainAhead(500, 10, 200, 10), brainAhead(500, 400, 5, 0));
    heartbeat.start();
    await clock.pass(isBeat);
    await clock.pass((delayMs) => isBeat(delayMs) && brain.received.length === 2);
    expect(heartbeat.skewMs).toBe(500);
    expect(heartbeat.roundTripMs).toBe(20);
  });

  it("counts the time of an answer into the beat", async () => {
    brain.next(brainAhead(0, 100, 0, 100));
    heartbeat.start();
    expect(await clock.pass(isBeat)).toBe(BEAT_MS - 200);
  });

  it("warns once when the clocks differ by more than a second", async () => {
    brain.otherwise(brainAhead(-4_000, 1, 1, 1));
    heartbeat.start();
    await clock.pass(isBeat);
    await clock.pass((delayMs) => isBeat(delayMs) && brain.received.length === 2);
    const warnings = log.lines.filter(({ level }) => level === "warn");
    expect(warnings).toMatchObject([{ fields: { skewMs: -4_000, roundTripMs: 2 } }]);
  });

  it("goes on when the brain fails, answers nonsense or is silent, and logs changes alone", async () => {
    brain.next(always(503), always(503), always(200, { body: "?" }), () => "silent");
    brain.otherwise(brainAhead(0, 0, 0, 0));
    heartbeat.start();
    for (let count = 1; count <= 3; count += 1) {
      await clock.pass((delayMs) => isBeat(delayMs) && brain.received.length === count);
    }
    await brain.until(4);
    await clock.pass((delayMs) => delayMs === 5_000);
    await clock.pass((delayMs) => isBeat(delayMs) && brain.received.length === 4);
    await clock.pass((delayMs) => isBeat(delayMs) && brain.received.length === 5);
    expect(log.linkChanges("heartbeats")).toEqual([
      "HTTP_503",
      "ANSWER_UNREADABLE",
      "TIMEOUT",
      "up",
    ]);
  });

  it("stops in the middle of a request", async () => {
    brain.next(() => "silent");
    heartbeat.start();
    await brain.until(1);
    const closed = heartbeat.close();
    await clock.pass((delayMs) => delayMs === 100);
    await closed;
    expect(brain.received).toHaveLength(1);
  });
});
