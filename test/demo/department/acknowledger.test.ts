import { mkdtemp, readFile, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  Acknowledger,
  Ledger,
  parseLedger,
  receivedSchema,
  retryDelayMs,
  type PostJson,
} from "../../../demo/department/index.ts";
import type { Clock } from "../../../protocol/index.ts";
import { DELIVERY_ID, SECRET } from "./fixtures.ts";

const ENTRY = receivedSchema.parse({
  kind: "received",
  id: DELIVERY_ID,
  department: "GA",
  receivedAt: 1_000,
  taskId: "0198c0de-0000-7000-8000-0000000000aa",
  caseId: "c",
  caseNumber: "n",
  eventType: "SEC.INTRUDE",
  captureTime: "2026-11-24T05:00:00.000Z",
  acknowledgeUrl: "http://127.0.0.1:1/answer",
});

/** Waits pass at once and are written down; time moves with them. */
function jumpingClock(at: number): Clock & { readonly waits: number[] } {
  let now = at;
  const waits: number[] = [];
  return {
    waits,
    now: () => now,
    wait: (delayMs, signal) => {
      waits.push(delayMs);
      now += delayMs;
      return signal?.aborted === true ? Promise.reject(new Error("aborted")) : Promise.resolve();
    },
  };
}

describe("acknowledger", () => {
  let folder: string;
  let ledger: Ledger;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), "acknowledger-"));
    ledger = await Ledger.open(folder);
    await ledger.receive(ENTRY);
  });
  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  function answering(statuses: number[]): {
    post: PostJson;
    done: Promise<void>;
    count: () => number;
  } {
    let count = 0;
    let finish = (): void => undefined;
    const done = new Promise<void>((resolve) => (finish = resolve));
    const post: PostJson = () => {
      const status = statuses[count++] ?? 200;
      if (count >= statuses.length) {
        finish();
      }
      return Promise.resolve({ status, text: () => Promise.resolve("") });
    };
    return { post, done, count: () => count };
  }

  async function lastLine(): Promise<string | undefined> {
    await ledger.end();
    return parseLedger(await readFile(path.join(folder, "ledger.jsonl"), "utf8")).at(-1)?.kind;
  }

  it("thinks for the time that is left, then answers until it is taken", async () => {
    const clock = jumpingClock(1_400);
    const { post, done } = answering([503, 503, 200]);
    const secrets = new Map([["GA", SECRET]]);
    const log: string[] = [];
    const acknowledger = new Acknowledger({
      ...{ ledger, clock, post, secrets, thinkMs: 1_500 },
      log: (line) => log.push(line),
    });
    acknowledger.resume();
    await done;
    await expect.poll(() => ledger.counts.unanswered).toBe(0);
    await acknowledger.close();
    expect(clock.waits).toEqual([1_100, 500, 1_000]);
    expect(log).toHaveLength(1);
    expect(await lastLine()).toBe("acknowledged");
  });

  it("gives up what the brain refuses, and does not take it up again", async () => {
    const { post, done, count } = answering([409]);
    const acknowledger = new Acknowledger({
      ...{ ledger, post, clock: jumpingClock(0), thinkMs: 0, log: () => undefined },
      secrets: new Map([["GA", SECRET]]),
    });
    acknowledger.resume();
    await done;
    await expect.poll(() => ledger.counts.unanswered).toBe(0);
    acknowledger.resume();
    await acknowledger.close();
    expect(count()).toBe(1);
    expect(await lastLine()).toBe("refused");
  });

  it("leaves what is unanswered for the next start when it is closed", async () => {
    const clock: Clock = {
      now: () => 0,
      wait: (_, signal) =>
        new Promise((_resolve, reject) => {
          signal?.addEventListener("abort", () => reject(new Error("aborted")));
        }),
    };
    const { post, count } = answering([200]);
    const acknowledger = new Acknowledger({
      ...{ ledger, post, clock, thinkMs: 1, log: () => undefined },
      secrets: new Map([["GA", SECRET]]),
    });
    acknowledger.resume();
    await acknowledger.close();
    expect(count()).toBe(0);
    expect(ledger.counts.unanswered).toBe(1);
    await ledger.end();
  });

  it("waits longer and longer, up to ten seconds", () => {
    expect([0, 1, 4, 5, 99].map(retryDelayMs)).toEqual([500, 1_000, 8_000, 10_000, 10_000]);
  });
});
