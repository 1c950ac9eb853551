import { createHash } from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { Webhook } from "standardwebhooks";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Outbox, Uplink } from "../../../edge/uplink/index.ts";
import type { UplinkOptions } from "../../../edge/uplink/index.ts";
import { EVENT_BATCH_CONTENT_TYPE } from "../../../protocol/index.ts";
import { accept, always, FakeBrain, results } from "./fake-brain.ts";
import type { Script } from "./fake-brain.ts";
import { FakeClock } from "./fake-clock.ts";
import { LogBook } from "./log-book.ts";
import { sampleEvent } from "./sample-event.ts";

const SECRET = `whsec_${Buffer.from("a secret of this test").toString("base64")}`;
const TIMEOUT_MS = 5_000;
const SLOW_MS = 10_000;
const isBackoff = (delayMs: number): boolean => delayMs < TIMEOUT_MS;

let dataDir: string;
let clock: FakeClock;
let log: LogBook;
let brain: FakeBrain;
let outbox: Outbox;
const uplinks: Uplink[] = [];

function startUplink(options: Partial<UplinkOptions> = {}): Uplink {
  const uplink = new Uplink({
    outbox,
    url: brain.url,
    nodeId: "node-1",
    secret: SECRET,
    clock,
    random: () => 1,
    log,
    ...options,
  });
  uplinks.push(uplink);
  uplink.start();
  return uplink;
}

function openOutbox(): Outbox {
  return new Outbox({ dataDir, maxEvents: 1000, maxEvidenceMb: 10, clock, log });
}

function add(camera = "cam-1"): string {
  const event = sampleEvent({ sequence: outbox.nextSequence(camera), camera });
  outbox.append(event, []);
  return event.id;
}

async function addPicture(content: string): Promise<{ id: string; sha256: string }> {
  const picture = await outbox.evidence.put(Buffer.from(content));
  const event = sampleEvent({ sequence: outbox.nextSequence("cam-1") });
  outbox.append(event, [picture]);
  return { id: event.id, sha256: picture.sha256 };
}

/** Resolves once the outbox is in such a state. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) {
    await new Promise<void>((resolve) => {
      const off = outbox.onChange(() => {
        off();
        resolve();
      });
    });
  }
}

const empty = (): Promise<void> => until(() => outbox.depth() === 0);

beforeEach(async () => {
  dataDir = fs.mkdtempSync(path.join(os.tmpdir(), "uplink-"));
  clock = new FakeClock();
  log = new LogBook();
  brain = await FakeBrain.start();
  outbox = openOutbox();
});

afterEach(async () => {
  await Promise.all(uplinks.splice(0).map((uplink) => uplink.close()));
  await brain.close();
  outbox.close();
  fs.rmSync(dataDir, { recursive: true, force: true });
});

describe("Uplink", () => {
  it("sends an event at once, signed over the raw body, and forgets it when accepted", async () => {
    clock.set(Date.now()); // The verifier looks at the wall clock.
    startUplink();
    const id = add();
    await empty();
    const [request] = brain.received;
    expect(request).toMatchObject({ method: "POST", path: "/v1/events", ids: [id] });
    expect(request?.headers).toMatchObject({
      "content-type": EVENT_BATCH_CONTENT_TYPE,
      "x-sesb-sender": "node-1",
    });
    const headers = request?.headers as Record<string, string>;
    expect(new Webhook(SECRET).verify(request?.body ?? "", headers)).toHaveLength(1);
  });

  it("keeps the order of each camera over failures, one request at a time", async () => {
    const order = Array.from({ length: 5 }, (_, index) => add(`cam-${String(index % 2)}`));
    let inFlight = 0;
    let most = 0;
    const counted =
      (script: Script): Script =>
      async (received) => {
        inFlight += 1;
        most = Math.max(most, inFlight);
        await new Promise((resolve) => setImmediate(resolve));
        inFlight -= 1;
        return script(received) as ReturnType<typeof accept>;
      };
    brain.next(counted(always(503)), counted(always(500)));
    brain.otherwise(counted(accept));
    startUplink();
    await clock.pass(isBackoff);
    await clock.pass(isBackoff);
    await empty();
    order.push(add(), add());
    await empty();
    const accepted = brain.received.slice(2).flatMap(({ ids }) => ids);
    expect(accepted).toEqual(order);
    expect(most).toBe(1);
  });

  it("sets a rejected event aside, logs it once, and lets the others pass", async () => {
    const [good, poison, last] = [add(), add(), add()];
    const problem = { code: "EVENT_INVALID", message: "no such camera" };
    brain.next(({ ids }) =>
      results(
        ids.map((id) =>
          id === poison ? { id, outcome: "rejected", problem } : { id, outcome: "accepted" },
        ),
      ),
    );
    startUplink();
    await empty();
    expect(brain.received[0]?.ids).toEqual([good, poison, last]);
    expect(outbox.rejected(10)).toMatchObject([{ id: poison, problem }]);
    const lines = log.lines.filter(({ fields }) => fields["event"] === poison);
    expect(lines).toMatchObject([{ level: "error", fields: { camera: "cam-1", problem } }]);
  });

  it("backs off from 0.1 to 5 s while the brain fails, and logs the change alone", async () => {
    add();
    brain.otherwise(always(503, { body: { code: "UNAVAILABLE", message: "starting" } }));
    const uplink = startUplink({ random: () => 0.5 });
    const pauses: number[] = [];
    for (let count = 1; count <= 8; count += 1) {
      pauses.push(await clock.pass((ms) => isBackoff(ms) && brain.received.length === count));
    }
    expect(pauses).toEqual([75, 150, 300, 600, 1200, 2400, 3750, 3750]);
    expect(uplink.events).toMatchObject({ state: "unreachable", code: "UNAVAILABLE" });
    await brain.until(9);
    brain.otherwise(accept);
    await clock.pass((ms) => isBackoff(ms));
    await empty();
    expect(log.linkChanges("events")).toEqual(["UNAVAILABLE", "up"]);
    expect(uplink.events.state).toBe("reachable");
  });

  it("spreads its retries by the random source", async () => {
    add();
    brain.next(always(500));
    startUplink({ random: () => 0 });
    expect(await clock.pass(isBackoff)).toBe(50);
    await empty();
  });

  it("survives a brain that is not there, and one that cuts the connection", async () => {
    const { port } = brain;
    await brain.close();
    const id = add();
    startUplink();
    await clock.pass(isBackoff);
    await clock.until(isBackoff);
    brain = await FakeBrain.start(port);
    brain.next(() => "cut");
    await clock.pass(isBackoff);
    await clock.pass((delayMs) => isBackoff(delayMs) && brain.received.length === 1);
    await empty();
    expect(brain.received.at(-1)?.ids).toEqual([id]);
    expect(log.linkChanges("events")[0]).toBe("ECONNREFUSED");
    expect(log.linkChanges("events").at(-1)).toBe("up");
  });

  it("gives up an answer that does not come within 5 s, and sends again", async () => {
    const id = add();
    brain.next(() => "silent");
    startUplink();
    await brain.until(1);
    await clock.pass((delayMs) => delayMs === TIMEOUT_MS);
    await clock.pass(isBackoff);
    await empty();
    expect(brain.received.map(({ ids }) => ids)).toEqual([[id], [id]]);
    expect(log.linkChanges("events")).toEqual(["TIMEOUT", "up"]);
  });

  it.each([
    ["seconds", "7", 7_000],
    ["a date", new Date(new FakeClock().now() + 9_000).toUTCString(), 9_000],
    ["an absurd time", "999999", 300_000],
  ])("waits as long as Retry-After says in %s", async (_, header, expectedMs) => {
    add();
    brain.next(always(429, { headers: { "retry-after": header } }));
    startUplink();
    expect(await clock.pass((delayMs) => delayMs !== TIMEOUT_MS)).toBe(expectedMs);
    await empty();
  });

  it.each([
    [401, "SIGNATURE_WRONG"],
    [403, "NODE_MISMATCH"],
  ])("keeps events on %i, retries slowly and names the reason once", async (status, code) => {
    const id = add();
    const refusal = always(status, { body: { code, message: "not you" } });
    brain.next(refusal, refusal);
    startUplink();
    await clock.pass((delayMs) => delayMs === SLOW_MS);
    await clock.pass((delayMs) => delayMs === SLOW_MS && brain.received.length === 2);
    await empty();
    expect(brain.received.at(-1)?.ids).toEqual([id]);
    const line = { level: "error", fields: { code, reason: "not you" } };
    expect(log.lines.filter(({ level }) => level === "error")).toMatchObject([line]);
  });

  it.each([
    ["status 400", always(400, { body: "what?" }), "HTTP_400"],
    ["a redirect", always(307, { headers: { location: "/elsewhere" } }), "HTTP_307"],
    ["a page instead of JSON", always(200, { body: "<html>" }), "ANSWER_UNREADABLE"],
    ["too few results", () => results([]), "ANSWER_UNREADABLE"],
    [
      "results of strangers",
      () => results([{ id: "x", outcome: "accepted" }]),
      "ANSWER_UNREADABLE",
    ],
    ["an endless answer", always(200, { body: "x".repeat(2_000_000) }), "ANSWER_UNREADABLE"],
  ] as [string, Script, string][])(
    "drops nothing on %s, and retries slowly",
    async (_, script, code) => {
      const id = add();
      brain.next(script);
      startUplink();
      await clock.pass((delayMs) => delayMs === SLOW_MS);
      expect(outbox.depth()).toBe(1);
      await empty();
      expect(brain.received.at(-1)).toMatchObject({ path: "/v1/events", ids: [id] });
      expect(log.linkChanges("events")).toEqual([code, "up"]);
    },
  );

  it("halves a batch that is too large, down to the one event, which it sets aside", async () => {
    const ids = Array.from({ length: 8 }, () => add());
    const large = ids[5] as string;
    brain.otherwise((received) =>
      received.ids.includes(large) ? { status: 413 } : accept(received),
    );
    startUplink();
    await empty();
    expect(outbox.rejected(10)).toMatchObject([{ id: large, problem: { code: "BODY_TOO_LARGE" } }]);
    expect(outbox.counters()).toMatchObject({ accepted: 7, rejected: 1 });
    expect(brain.received.slice(0, 3).map((one) => one.ids.length)).toEqual([8, 4, 8 - 4]);
  });

  it("sends again what it does not know to be accepted when it comes back from a crash", async () => {
    const id = add();
    brain.next(() => "silent");
    const first = startUplink();
    await brain.until(1);
    const closing = first.close();
    await clock.pass((delayMs) => delayMs === 1_000); // The brain has the event, its answer is lost.
    await closing;
    outbox.close();
    outbox = openOutbox();
    brain.next(({ ids }) => results(ids.map((one) => ({ id: one, outcome: "duplicate" }))));
    startUplink();
    await empty();
    expect(brain.received.map(({ ids }) => ids)).toEqual([[id], [id]]);
    expect(outbox.counters()).toMatchObject({ duplicate: 1, accepted: 0 });
  });

  it("settles the request in flight when it is closed, and sends no more", async () => {
    add();
    const uplink = startUplink();
    await brain.until(1);
    await uplink.close();
    expect(outbox.depth()).toBe(0);
    add();
    expect(brain.received).toHaveLength(1);
  });

  it("stops at once when its signal is aborted, keeping the event", async () => {
    const abort = new AbortController();
    add();
    brain.next(() => "silent");
    const uplink = startUplink({ signal: abort.signal });
    await brain.until(1);
    abort.abort();
    await uplink.close();
    expect(outbox.depth()).toBe(1);
  });

  it("refuses an address with a password in it without quoting it", () => {
    const url = "http://user:hush@127.0.0.1:1";
    expect(() => startUplink({ url })).toThrow(/without user and password/);
    expect(() => startUplink({ url })).not.toThrow(/hush/);
  });
});

describe("Uplink's pictures", () => {
  it("go after their event was accepted, signed over their hash, and leave the disk", async () => {
    clock.set(Date.now());
    startUplink();
    const { sha256 } = await addPicture("picture");
    await until(() => outbox.counters().picturesUploaded === 1);
    const [events, picture] = brain.received;
    expect(events?.path).toBe("/v1/events");
    expect(picture).toMatchObject({ method: "PUT", path: `/v1/evidence/${sha256}` });
    expect(picture?.headers["content-type"]).toBe("image/jpeg");
    expect(
      createHash("sha256")
        .update(picture?.body ?? "")
        .digest("hex"),
    ).toBe(sha256);
    const verify = { jsonParse: false };
    new Webhook(SECRET).verify(sha256, picture?.headers as Record<string, string>, verify);
    expect(fs.readdirSync(path.join(dataDir, "evidence"))).toEqual([]);
  });

  it("wait while events wait", async () => {
    await addPicture("first");
    await addPicture("second");
    const late: string[] = [];
    brain.next((received) => {
      late.push(add()); // Comes while the first batch is in flight.
      return accept(received);
    });
    startUplink();
    await until(() => outbox.counters().picturesUploaded === 2);
    expect(brain.received.map(({ path: name }) => name.slice(0, 7))).toEqual([
      "/v1/eve",
      "/v1/eve",
      "/v1/evi",
      "/v1/evi",
    ]);
    expect(brain.received[1]?.ids).toEqual(late);
  });

  it.each([404, 413, 422])("are given up for good on status %i, and logged", async (status) => {
    const { sha256 } = await addPicture("picture");
    brain.next(accept, always(status));
    startUplink();
    await until(() => outbox.counters().picturesLost === 1);
    expect(outbox.peekPictures(1)).toEqual([]);
    expect(log.lines.filter(({ fields }) => fields["sha256"] === sha256)).toHaveLength(1);
  });

  it("let others pass when one fails again and again", async () => {
    const bad = await addPicture("bad");
    await addPicture("good");
    brain.otherwise((received) =>
      received.path.endsWith(bad.sha256) ? { status: 500 } : accept(received),
    );
    startUplink();
    await clock.pass(isBackoff);
    await until(() => outbox.counters().picturesUploaded === 1);
    expect(outbox.peekPictures(9)).toMatchObject([{ sha256: bad.sha256 }]);
    await brain.until(4); // Events, bad, good, and bad again.
    brain.otherwise(accept);
    await clock.pass(isBackoff);
    await until(() => outbox.counters().picturesUploaded === 2);
  });

  it("are given up when their file is gone", async () => {
    const { sha256 } = await addPicture("picture");
    fs.rmSync(outbox.evidence.pathOf(sha256));
    startUplink();
    await until(() => outbox.counters().picturesLost === 1);
    expect(brain.received).toHaveLength(1);
  });
});
