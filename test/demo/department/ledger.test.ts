import { appendFile, mkdtemp, readFile, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  Ledger,
  parseLedger,
  receivedSchema,
  type Received,
} from "../../../demo/department/index.ts";

function received(number: number): Received {
  return receivedSchema.parse({
    kind: "received",
    id: `0198c0de-0000-7000-8000-${String(number).padStart(12, "0")}`,
    department: "GA",
    receivedAt: number,
    taskId: "t",
    caseId: "c",
    caseNumber: "n",
    eventType: "SEC.INTRUDE",
    captureTime: "2026-11-24T05:00:00.000Z",
    acknowledgeUrl: "http://127.0.0.1/x",
  });
}

describe("a department's ledger", () => {
  let folder: string;
  let file: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), "ledger-"));
    file = path.join(folder, "ledger.jsonl");
  });
  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  it("takes a webhook once, also over a restart, and notes each repetition", async () => {
    const first = await Ledger.open(folder);
    expect(await first.receive(received(1))).toBe(true);
    expect(await first.receive(received(1))).toBe(false);
    await first.end();
    const second = await Ledger.open(folder);
    expect(await second.receive(received(1))).toBe(false);
    expect(await second.receive(received(2))).toBe(true);
    await second.end();
    const kinds = parseLedger(await readFile(file, "utf8")).map((line) => line.kind);
    expect(kinds).toEqual(["received", "repeated", "repeated", "received"]);
  });

  it("knows after a restart what has no answer yet", async () => {
    const first = await Ledger.open(folder);
    await Promise.all([1, 2, 3].map((number) => first.receive(received(number))));
    await first.close({ kind: "acknowledged", id: received(2).id, at: 9 });
    await first.close({ kind: "refused", id: received(3).id, at: 9, reason: "no" });
    await first.end();
    const second = await Ledger.open(folder);
    expect(second.unanswered.map((entry) => entry.receivedAt)).toEqual([1]);
    expect(second.counts).toEqual({ received: 3, unanswered: 1 });
    await second.end();
  });

  it("lets many at once share few flushes and keeps all of them in order", async () => {
    const ledger = await Ledger.open(folder);
    const numbers = Array.from({ length: 200 }, (_, index) => index + 1);
    const answers = await Promise.all(numbers.map((number) => ledger.receive(received(number))));
    expect(answers.every(Boolean)).toBe(true);
    await ledger.end();
    const lines = parseLedger(await readFile(file, "utf8"));
    expect(lines.map((line) => (line.kind === "received" ? line.receivedAt : 0))).toEqual(numbers);
  });

  it("leaves out the line that a crash tore off, and appends cleanly after it", async () => {
    const first = await Ledger.open(folder);
    await first.receive(received(1));
    await first.end();
    await appendFile(file, JSON.stringify(received(2)).slice(0, 40));
    const second = await Ledger.open(folder);
    expect(second.counts.received).toBe(1);
    expect(await second.receive(received(2))).toBe(true);
    await second.end();
    expect(parseLedger(await readFile(file, "utf8"))).toEqual([received(1), received(2)]);
    expect((await readFile(file, "utf8")).split("\n")).toHaveLength(3);
  });
});
