import { spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Outbox } from "../../../edge/uplink/index.ts";
import type { OutboxOptions } from "../../../edge/uplink/index.ts";
import { systemClock } from "../../../protocol/index.ts";
import { LogBook } from "../../edge/uplink/log-book.ts";

const KILLS = 20;
const APPENDER = path.join(import.meta.dirname, "appender.ts");
/** The kill comes after so many acknowledged events at most: a different moment in each run. */
const MOST_BEFORE_KILL = 60;

interface Acknowledged {
  readonly id: string;
  readonly camera: string;
  readonly sequence: string;
  readonly picture: string;
}

let dataDir: string;

/** Starts the appender, kills it after `count` events, gives what it had acknowledged. */
async function appendUntilKilled(run: number, count: number): Promise<Acknowledged[]> {
  const args = ["--import", "tsx", APPENDER, dataDir, String(run)];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
    if (text.split("\n").length > count) {
      child.kill("SIGKILL");
    }
  });
  const [, signal] = (await once(child, "close")) as [number | null, string | null];
  expect(signal).toBe("SIGKILL");
  const lines = text.slice(0, text.lastIndexOf("\n")).split("\n");
  return lines.map((line) => {
    const [id = "", camera = "", sequence = "", picture = ""] = line.split(" ");
    return { id, camera, sequence, picture };
  });
}

function openOutbox(log: LogBook): Outbox {
  const options: OutboxOptions = {
    dataDir,
    maxEvents: 1_000_000,
    maxEvidenceMb: 100,
    clock: systemClock,
    log,
  };
  return new Outbox(options);
}

beforeEach(() => {
  dataDir = fs.mkdtempSync(path.join(os.tmpdir(), "outbox-kill-"));
});

afterEach(() => {
  fs.rmSync(dataDir, { recursive: true, force: true });
});

describe("Outbox under SIGKILL", () => {
  it("holds every acknowledged event and picture, and repeats no sequence", async () => {
    const acknowledged: Acknowledged[] = [];
    for (let run = 0; run < KILLS; run += 1) {
      const count = 1 + ((run * 37) % MOST_BEFORE_KILL);
      acknowledged.push(...(await appendUntilKilled(run, count)));
    }
    const log = new LogBook();
    const outbox = openOutbox(log);
    const entries = outbox.peek(1_000_000, 1e12);
    const onDisk = new Set(entries.map(({ id }) => id));
    expect(acknowledged.filter(({ id }) => !onDisk.has(id))).toEqual([]);
    const pictures = acknowledged.filter(({ picture }) => picture !== "-");
    expect(pictures.filter(({ picture }) => outbox.evidence.sizeOf(picture) === 0)).toEqual([]);
    expect(acknowledged.length).toBeGreaterThan(KILLS);
    expect(pictures.length).toBeGreaterThan(KILLS / 2);
    expectRising(entries.map(({ camera, body }) => ({ camera, body })));
    expect(log.lines.filter(({ level }) => level === "error")).toEqual([]);
    outbox.close();
  });

  it("lets the next process in as soon as the last one is dead, and none before", async () => {
    await appendUntilKilled(0, 1);
    const outbox = openOutbox(new LogBook());
    const args = ["--import", "tsx", APPENDER, dataDir, "1"];
    const second = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "pipe"] });
    let complaint = "";
    second.stderr.setEncoding("utf8").on("data", (chunk: string) => {
      complaint += chunk;
    });
    const [code] = (await once(second, "close")) as [number];
    expect(code).not.toBe(0);
    expect(complaint).toContain("in use by another process");
    outbox.close();
  });
});

function expectRising(entries: readonly { camera: string; body: string }[]): void {
  const latest = new Map<string, string>();
  for (const { camera, body } of entries) {
    const { sequence } = JSON.parse(body) as { sequence: string };
    expect(sequence > (latest.get(camera) ?? "")).toBe(true);
    latest.set(camera, sequence);
  }
}
