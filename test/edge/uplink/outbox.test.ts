import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Outbox } from "../../../edge/uplink/index.ts";
import type { OutboxOptions, Settlement } from "../../../edge/uplink/index.ts";
import type { Phase } from "../../../protocol/index.ts";
import { FakeClock } from "./fake-clock.ts";
import { LogBook } from "./log-book.ts";
import { sampleEvent } from "./sample-event.ts";

const HUGE = 1_000_000_000;
let dataDir: string;
let clock: FakeClock;
let log: LogBook;
const open: Outbox[] = [];

function openOutbox(options: Partial<OutboxOptions> = {}): Outbox {
  const outbox = new Outbox({ dataDir, maxEvents: 100, maxEvidenceMb: 10, clock, log, ...options });
  open.push(outbox);
  return outbox;
}

function add(outbox: Outbox, phase: Phase = "new", camera = "cam-1"): string {
  const event = sampleEvent({ sequence: outbox.nextSequence(camera), camera, phase });
  outbox.append(event, []);
  return event.id;
}

function ids(outbox: Outbox): string[] {
  return outbox.peek(1000, HUGE).map(({ id }) => id);
}

beforeEach(() => {
  dataDir = fs.mkdtempSync(path.join(os.tmpdir(), "outbox-"));
  clock = new FakeClock();
  log = new LogBook();
});

afterEach(() => {
  open.splice(0).forEach((outbox) => outbox.close());
  fs.rmSync(dataDir, { recursive: true, force: true });
});

describe("Outbox", () => {
  it("gives events back in the order of appending, also after a restart", () => {
    const outbox = openOutbox();
    const appended = [add(outbox), add(outbox, "update", "cam-2"), add(outbox, "end")];
    outbox.close();
    const again = openOutbox();
    expect(ids(again)).toEqual(appended);
    expect(again.depth()).toBe(3);
  });

  it("numbers each camera's events upwards, over restarts and a lost directory", () => {
    const outbox = openOutbox();
    const first = outbox.nextSequence("cam-1");
    expect(first).toMatch(/^\d{12}$/);
    const event = sampleEvent({ sequence: outbox.nextSequence("cam-1") });
    outbox.append(event, []);
    outbox.settle([{ id: event.id, outcome: "accepted" }]);
    outbox.close();
    const again = openOutbox();
    const second = again.nextSequence("cam-1");
    expect(Number(second)).toBe(Number(event.sequence) + 1);
    again.close();
    fs.rmSync(dataDir, { recursive: true });
    clock.set(clock.now() + 60_000);
    expect(Number(openOutbox().nextSequence("cam-1"))).toBeGreaterThan(Number(second));
  });

  it("does not fall back behind a number when events are appended out of order", () => {
    const outbox = openOutbox();
    const [first, second] = [outbox.nextSequence("cam-1"), outbox.nextSequence("cam-1")];
    outbox.append(sampleEvent({ sequence: second }), []);
    outbox.append(sampleEvent({ sequence: first }), []);
    outbox.close();
    expect(Number(openOutbox().nextSequence("cam-1"))).toBe(Number(second) + 1);
  });

  it("limits a peek by count and by bytes of the batch, but gives one at least", () => {
    const outbox = openOutbox();
    const appended = [add(outbox), add(outbox), add(outbox)];
    const [first, second] = outbox.peek(3, HUGE);
    const bodyOfTwo = Buffer.byteLength(`[${String(first?.body)},${String(second?.body)}]`);
    expect(outbox.peek(2, HUGE)).toHaveLength(2);
    expect(outbox.peek(3, bodyOfTwo + 1).map(({ id }) => id)).toEqual(appended.slice(0, 2));
    expect(outbox.peek(3, bodyOfTwo - 1)).toHaveLength(1);
    expect(outbox.peek(3, 10)).toHaveLength(1);
  });

  it("forgets accepted and duplicate events and keeps rejected ones aside", () => {
    const outbox = openOutbox();
    const [a, b, c, d] = [add(outbox), add(outbox), add(outbox), add(outbox)];
    const problem = { code: "EVENT_INVALID", message: "no" } as const;
    outbox.settle([
      { id: a, outcome: "accepted" },
      { id: b, outcome: "duplicate" },
      { id: c, outcome: "rejected", problem },
    ]);
    expect(ids(outbox)).toEqual([d]);
    expect(outbox.rejected(10)).toMatchObject([{ id: c, problem, camera: "cam-1" }]);
    expect(outbox.counters()).toMatchObject({ accepted: 1, duplicate: 1, rejected: 1 });
  });

  it("counts a repeated settlement once", () => {
    const outbox = openOutbox();
    const id = add(outbox);
    outbox.settle([{ id, outcome: "accepted" }]);
    outbox.settle([{ id, outcome: "accepted" }]);
    expect(outbox.counters().accepted).toBe(1);
    expect(outbox.depth()).toBe(0);
  });

  it("takes the same event twice as one, and refuses its id with another body", () => {
    const outbox = openOutbox();
    const event = sampleEvent({ sequence: outbox.nextSequence("cam-1") });
    outbox.append(event, []);
    outbox.append(event, []);
    expect(outbox.depth()).toBe(1);
    const other = { ...event, sequence: outbox.nextSequence("cam-1") };
    expect(() => outbox.append(other, [])).toThrow(
      expect.objectContaining({ code: "EVENT_CONFLICT" }),
    );
  });

  it("refuses an event larger than the protocol allows", () => {
    const outbox = openOutbox();
    const event = sampleEvent({ sequence: outbox.nextSequence("cam-1") });
    const large = { ...event, subject: "s".repeat(21_000) };
    expect(() => outbox.append(large, [])).toThrow(
      expect.objectContaining({ code: "BODY_TOO_LARGE" }),
    );
    expect(outbox.depth()).toBe(0);
  });

  it("drops the oldest updates first when full, then refuses, and says so once", () => {
    const outbox = openOutbox({ maxEvents: 3 });
    const begin = add(outbox);
    const older = add(outbox, "update");
    const newer = add(outbox, "update");
    const end = add(outbox, "end");
    expect(ids(outbox)).toEqual([begin, newer, end]);
    const cancel = add(outbox, "cancel");
    expect(ids(outbox)).toEqual([begin, end, cancel]);
    expect(() => add(outbox)).toThrow(expect.objectContaining({ code: "OUTBOX_FULL" }));
    expect(() => add(outbox, "update")).toThrow(expect.objectContaining({ code: "OUTBOX_FULL" }));
    expect(ids(outbox)).not.toContain(older);
    expect(outbox.counters()).toMatchObject({ droppedUpdates: 2, refused: 2, appended: 5 });
    expect(log.lines.filter(({ message }) => message.includes("is full"))).toHaveLength(1);
    outbox.settle([{ id: begin, outcome: "accepted" }]);
    expect(log.lines.at(-1)?.message).toContain("room again");
  });

  it("says how long the oldest event has waited", () => {
    const outbox = openOutbox();
    expect(outbox.oldestAgeMs()).toBeUndefined();
    add(outbox);
    clock.set(clock.now() + 1234);
    add(outbox);
    expect(outbox.oldestAgeMs()).toBe(1234);
  });

  it("refuses a second opener of the data directory with a clear reason", () => {
    openOutbox();
    expect(() => openOutbox()).toThrow(/in use by another process/);
  });

  it.each([
    ["no database at all", (file: string) => fs.writeFileSync(file, "garbage".repeat(2000))],
    ["damaged pages", (file: string) => damage(file, 1)],
    ["a torn file", (file: string) => fs.truncateSync(file, 4096 * 3 + 100)],
  ])("moves %s aside with its pictures and goes on", async (_, spoil) => {
    const outbox = openOutbox();
    const { sha256, path: file } = await outbox.evidence.put(Buffer.from("picture"));
    for (let count = 0; count < 20; count += 1) {
      const sequence = outbox.nextSequence("cam-1");
      outbox.append(sampleEvent({ sequence }), [{ sha256, path: file }]);
    }
    const last = Number(outbox.nextSequence("cam-1"));
    outbox.close();
    spoil(path.join(dataDir, "outbox.db"));
    clock.set(clock.now() + 5_000);
    const again = openOutbox();
    const id = add(again);
    expect(ids(again)).toEqual([id]);
    expect(again.counters().corrupt).toBe(1);
    expect(Number(again.nextSequence("cam-1"))).toBeGreaterThan(last);
    expect(log.lines[0]?.level).toBe("error");
    expect(log.lines[0]?.message).toContain("corrupt");
    const names = fs.readdirSync(dataDir);
    expect(names.some((name) => name.startsWith("outbox.db.corrupt-"))).toBe(true);
    const pictures = names.find((name) => name.startsWith("evidence.corrupt-")) ?? "";
    expect(fs.readdirSync(path.join(dataDir, pictures))).toEqual([`${sha256}.jpg`]);
  });

  it("does not touch a database of a newer version", () => {
    const outbox = openOutbox();
    outbox.close();
    const file = path.join(dataDir, "outbox.db");
    const bytes = fs.readFileSync(file);
    bytes.writeUInt32BE(99, 60); // user_version, SQLite file format §1.3
    fs.writeFileSync(file, bytes);
    expect(() => openOutbox()).toThrow(/another version/);
    expect(fs.readdirSync(dataDir).filter((name) => name.includes("corrupt"))).toEqual([]);
  });

  it("keeps the oldest 'new', 'end' and 'cancel' phases whatever is appended (property)", () => {
    const phase = fc.constantFrom<Phase>("new", "update", "end", "cancel");
    const step = fc.oneof(
      { weight: 4, arbitrary: phase },
      { weight: 1, arbitrary: fc.nat({ max: 3 }) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const dir = fs.mkdtempSync(path.join(dataDir, "property-"));
        const outbox = openOutbox({ dataDir: dir, maxEvents: 5 });
        runModel(outbox, steps, 5);
        outbox.close();
      }),
      { numRuns: 15, seed: 7 },
    );
  });
});

/** Overwrites the tables' pages and leaves the header in order. */
function damage(file: string, fromPage: number): void {
  const bytes = fs.readFileSync(file);
  bytes.fill(0x5a, fromPage * 4096);
  fs.writeFileSync(file, bytes);
}

/** Runs the steps against a plain model of the policy: a phase appends, a number settles. */
function runModel(outbox: Outbox, steps: readonly (Phase | number)[], bound: number): void {
  const model: { id: string; phase: Phase }[] = [];
  let [appended, settled, dropped, refused] = [0, 0, 0, 0];
  for (const step of steps) {
    if (typeof step === "number") {
      const done = model.splice(0, step);
      settled += done.length;
      outbox.settle(done.map(({ id }): Settlement => ({ id, outcome: "accepted" })));
      continue;
    }
    const event = sampleEvent({ sequence: outbox.nextSequence("cam-1"), phase: step });
    const victim = model.findIndex((one) => one.phase === "update");
    if (model.length === bound && victim === -1) {
      refused += 1;
      expect(() => outbox.append(event, [])).toThrow(/full/);
      continue;
    }
    if (model.length === bound) {
      dropped += 1;
      model.splice(victim, 1);
    }
    appended += 1;
    model.push({ id: event.id, phase: step });
    outbox.append(event, []);
  }
  expect(ids(outbox)).toEqual(model.map(({ id }) => id));
  expect(outbox.counters()).toMatchObject({ appended, droppedUpdates: dropped, refused });
  expect(appended).toBe(settled + dropped + outbox.depth());
}
