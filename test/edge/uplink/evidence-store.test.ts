import { createHash } from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Outbox } from "../../../edge/uplink/index.ts";
import type { StoredPicture } from "../../../edge/uplink/index.ts";
import type { Phase } from "../../../protocol/index.ts";
import { FakeClock } from "./fake-clock.ts";
import { LogBook } from "./log-book.ts";
import { sampleEvent } from "./sample-event.ts";

let dataDir: string;
let outbox: Outbox;
let log: LogBook;
const clock = new FakeClock();

function reopen(): void {
  outbox.close();
  outbox = new Outbox({ dataDir, maxEvents: 100, maxEvidenceMb: 10, clock, log });
}

function files(): string[] {
  return fs.readdirSync(path.join(dataDir, "evidence"));
}

function append(pictures: readonly StoredPicture[], phase: Phase = "new"): string {
  const event = sampleEvent({ sequence: outbox.nextSequence("cam-1"), phase });
  outbox.append(event, pictures);
  return event.id;
}

function megabytes(count: number, fill: number): Buffer {
  return Buffer.alloc(count * 1_048_576, fill);
}

beforeEach(() => {
  dataDir = fs.mkdtempSync(path.join(os.tmpdir(), "evidence-"));
  log = new LogBook();
  outbox = new Outbox({ dataDir, maxEvents: 100, maxEvidenceMb: 10, clock, log });
});

afterEach(() => {
  outbox.close();
  fs.rmSync(dataDir, { recursive: true, force: true });
});

describe("EvidenceStore", () => {
  it("names a picture by its hash and stores the same bytes once", async () => {
    const bytes = Buffer.from("picture");
    const both = await Promise.all([outbox.evidence.put(bytes), outbox.evidence.put(bytes)]);
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    expect(both.map((one) => one.sha256)).toEqual([sha256, sha256]);
    expect(fs.readFileSync(both[0].path)).toEqual(bytes);
    expect(files()).toEqual([`${sha256}.jpg`]);
    expect(outbox.evidence.bytes).toBe(bytes.byteLength);
  });

  it("deletes a picture only when the brain has it and no other event needs it", async () => {
    const picture = await outbox.evidence.put(Buffer.from("picture"));
    const [first, second] = [append([picture]), append([picture])];
    outbox.settle([{ id: first, outcome: "accepted" }]);
    outbox.settlePicture(picture.sha256, "uploaded");
    expect(files()).toHaveLength(1);
    outbox.settle([{ id: second, outcome: "accepted" }]);
    expect(files()).toEqual([]);
    expect(outbox.peekPictures(10)).toEqual([]);
    expect(outbox.evidence.bytes).toBe(0);
  });

  it("offers a picture for upload only after its event was accepted", async () => {
    const picture = await outbox.evidence.put(Buffer.from("picture"));
    const id = append([picture]);
    expect(outbox.peekPictures(10)).toEqual([]);
    outbox.settle([{ id, outcome: "duplicate" }]);
    expect(outbox.peekPictures(10)).toMatchObject([{ ...picture, event: id, bytes: 7 }]);
  });

  it("deletes the picture of a rejected event", async () => {
    const id = append([await outbox.evidence.put(Buffer.from("picture"))]);
    outbox.settle([{ id, outcome: "rejected" }]);
    expect(files()).toEqual([]);
  });

  it("keeps a picture between put and append, and deletes a released one", async () => {
    const bytes = Buffer.from("picture");
    const id = append([await outbox.evidence.put(bytes)]);
    const again = await outbox.evidence.put(bytes);
    outbox.settle([{ id, outcome: "rejected" }]);
    expect(files()).toHaveLength(1);
    outbox.evidence.release(again.sha256);
    expect(files()).toEqual([]);
  });

  it("sweeps what a crash left behind at the next start, and keeps what events need", async () => {
    const needed = await outbox.evidence.put(Buffer.from("needed"));
    append([needed]);
    await outbox.evidence.put(Buffer.from("orphan"));
    fs.writeFileSync(path.join(dataDir, "evidence", "torn.tmp"), "x");
    reopen();
    expect(files()).toEqual([path.basename(needed.path)]);
    expect(outbox.evidence.bytes).toBe(6);
  });

  it("gives up the oldest update's picture when full, never one of a 'new', then refuses", async () => {
    const kept = await outbox.evidence.put(megabytes(4, 1));
    append([kept]);
    const dropped = await outbox.evidence.put(megabytes(4, 2));
    append([dropped], "update");
    const fresh = await outbox.evidence.put(megabytes(4, 3));
    append([fresh]);
    expect(files().sort()).toEqual([kept, fresh].map((one) => `${one.sha256}.jpg`).sort());
    expect(outbox.depth()).toBe(3);
    await expect(outbox.evidence.put(megabytes(4, 4))).rejects.toMatchObject({
      code: "OUTBOX_FULL",
    });
    expect(outbox.counters()).toMatchObject({ picturesDropped: 1, picturesRefused: 1 });
    expect(files()).toHaveLength(2);
  });
});
