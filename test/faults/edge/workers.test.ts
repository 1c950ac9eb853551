/** A whole node with two cameras and real inference; its workers die, hang and babble. */
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import type { Worker } from "node:worker_threads";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { edgeConfigSchema } from "../../../config/index.ts";
import { startEdge, type EdgeNode } from "../../../edge/node.ts";
import { systemClock } from "../../../protocol/index.ts";
import { recordingLog, type LogEntry } from "../../edge/ingest/camera-fixture.ts";
import { footageMissing } from "../../support/footage.ts";

const CACHE = path.resolve(import.meta.dirname, "../../../.cache");
const FOOTAGE = path.join(CACHE, "footage/vtest.mp4");
const REPLACED = "an inference worker is being replaced";

interface DetectRequest {
  readonly kind: string;
  readonly job: number;
}

let folder: string;
let workers: Worker[];
let entries: readonly LogEntry[];
let node: EdgeNode;
/** What becomes of requests to workers; all pass when undefined. */
let sabotage: ((worker: Worker, request: DetectRequest, pass: () => void) => void) | undefined;

/** Sees every worker that the node starts, and stands between it and the node. */
function meet(worker: Worker): void {
  workers.push(worker);
  const post = worker.postMessage.bind(worker);
  worker.postMessage = (request: DetectRequest) => {
    if (sabotage !== undefined && request.kind === "detect") {
      sabotage(worker, request, () => post(request));
    } else {
      post(request);
    }
  };
}

async function start(workerCount: number): Promise<void> {
  const secretFile = path.join(folder, "secret");
  fs.writeFileSync(secretFile, "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=");
  const camera = (id: string): object => ({
    ...{ id, name: id, source: FOOTAGE, maxFps: 10, maxWidth: 320 },
    location: { lat: 39.9, lon: 116.4, crs: "WGS84" },
    purpose: "test",
    rules: [
      {
        ...{ kind: "line-crossing", id: "line", eventType: "SEC.CROSS", classes: ["person"] },
        line: [
          [0.5, 0.9],
          [0.5, 0.1],
        ],
      },
    ],
  });
  const config = edgeConfigSchema.parse({
    node: { id: "node", dataDir: path.join(folder, "data"), metricsPort: 0 },
    // Nobody listens there: events wait in the outbox, and the cameras go on.
    brain: { url: "http://127.0.0.1:9", secretFile },
    model: { workers: workerCount, threads: 1 },
    cameras: [camera("cam-a"), camera("cam-b")],
  });
  const { entries: kept, log } = recordingLog();
  entries = kept;
  let ids = 0;
  node = await startEdge({
    ...{ config, log, clock: systemClock, modelCacheDir: path.join(CACHE, "models") },
    ...{ version: "0.0.0", random: () => 0.5, newId: () => `id-${ids++}` },
  });
}

/** The test's own limit ends a wait in vain. */
async function until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isTrue())) {
    await systemClock.wait(20);
  }
}

/** Both cameras are looked at so many times more. */
async function goOn(looks: number): Promise<void> {
  const before = node.cameras().map(({ analysed }) => analysed);
  await until(() =>
    node.cameras().every(({ analysed }, index) => analysed >= (before[index] ?? 0) + looks),
  );
}

function restarts(): string[] {
  return entries
    .filter(({ message }) => message === REPLACED)
    .map(({ fields }) => String(fields["reason"]));
}

function expectCamerasUntouched(): void {
  for (const camera of node.cameras()) {
    expect(camera).toMatchObject({ state: "live", reconnects: 0 });
  }
}

async function blind(): Promise<string[]> {
  const response = await fetch(`http://127.0.0.1:${node.metricsPort}/metrics`);
  return (await response.text()).split("\n").filter((line) => line.startsWith("sesb_edge_blind{"));
}

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "edge-faults-"));
  workers = [];
  sabotage = undefined;
  process.on("worker", meet);
});

afterEach(async () => {
  sabotage = undefined;
  await node.close();
  process.off("worker", meet);
  fs.rmSync(folder, { recursive: true });
});

describe.skipIf(footageMissing !== undefined)("a node's inference workers", () => {
  it("are replaced when one dies; both cameras go on", async () => {
    await start(2);
    await goOn(3);
    workers[0]?.postMessage(null); // No request at all: the worker throws and dies.
    await until(() => restarts().length > 0);
    await goOn(10);
    expect(workers).toHaveLength(3);
    expect(restarts()).toEqual([expect.stringContaining("died")]);
    expectCamerasUntouched();
  });

  it("are replaced within 5 s when one hangs; both cameras go on", async () => {
    await start(2);
    await goOn(3);
    const [hung] = workers;
    let askedAt = 0;
    sabotage = (worker, _request, pass) => {
      if (worker === hung) {
        askedAt = Date.now(); // And it never answers.
      } else {
        pass();
      }
    };
    await until(() => restarts().length > 0);
    expect(Date.now() - askedAt).toBeLessThan(5000);
    await goOn(10);
    expect(restarts()).toEqual([expect.stringContaining("hangs")]);
    expectCamerasUntouched();
  });

  it("are replaced, and that told once, while each gives values that are no numbers", async () => {
    await start(1);
    await goOn(3);
    sabotage = (worker, { job }) => {
      const message = "The model gave values that are no numbers";
      worker.emit("message", { kind: "failed", job, code: "INFERENCE_FAILED", message });
    };
    await until(() => workers.length === 3);
    expect(restarts()).toEqual([expect.stringContaining("5 times in a row")]);
    sabotage = undefined;
    await goOn(3);
    expectCamerasUntouched();
  });

  it("that never answer leave cameras blind: told within 15 s, cleared by the next look", async () => {
    await start(1);
    await goOn(3);
    const cutAt = Date.now();
    sabotage = () => undefined;
    await until(async () => (await blind()).filter((line) => line.endsWith(" 1")).length === 2);
    expect(Date.now() - cutAt).toBeLessThan(15_000);
    sabotage = undefined;
    await goOn(1);
    expect((await blind()).sort()).toEqual([
      'sesb_edge_blind{camera="cam-a"} 0',
      'sesb_edge_blind{camera="cam-b"} 0',
    ]);
    expectCamerasUntouched();
  });
});
