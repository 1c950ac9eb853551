import { mkdtempSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { Detector, type PictureView } from "../../../edge/infer/index.ts";
import { systemClock } from "../../../protocol/index.ts";

const folder = mkdtempSync(path.join(os.tmpdir(), "sesb-detector-"));
afterAll(() => rm(folder, { recursive: true }));

const SETTINGS = {
  modelId: "any",
  cacheDir: folder,
  provider: "cpu",
  threads: 1,
  minScore: 0.1,
  classes: ["person"],
} as const;

/** A worker file: loads at once, then does `onDetect` for every frame. */
function entry(name: string, onDetect: string): URL {
  const file = path.join(folder, `${name}.mjs`);
  writeFileSync(
    file,
    `import { parentPort } from "node:worker_threads";
     const model = { id: "m", version: "1", sha256: "0", provider: "cpu", loadMs: 0 };
     parentPort.on("message", (request) => {
       if (request.kind === "retire") { process.exit(0); }
       ${onDetect}
     });
     parentPort.postMessage({ kind: "ready", model });`,
  );
  return pathToFileURL(file);
}

const ANSWER = `parentPort.postMessage(
  { kind: "detected", job: request.job, detections: [], inferMs: 1, decodeMs: 1 });`;

/** Frames of one pixel row; the first byte steers the fake worker. */
function picture(first: number): PictureView {
  const buffer = new SharedArrayBuffer(12);
  new Uint8Array(buffer)[0] = first;
  return { buffer, byteOffset: 0, width: 2, height: 2 };
}

const open: Detector[] = [];
afterEach(() => Promise.all(open.splice(0).map((detector) => detector.close())));

function setUp(url: URL, timeoutMs = 10_000): { detector: Detector; restarted: Promise<string> } {
  let tell: (reason: string) => void = () => undefined;
  const restarted = new Promise<string>((resolve) => {
    tell = resolve;
  });
  const detector = new Detector({
    settings: SETTINGS,
    clock: systemClock,
    onRestart: tell,
    timeoutMs,
    entry: url,
  });
  open.push(detector);
  return { detector, restarted };
}

async function untilReady(detector: Detector): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!detector.ready) {
    if (Date.now() > deadline) {
      throw new Error("The detector did not come back");
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe("Detector", () => {
  it("replaces a worker that dies and serves the next frame", async () => {
    const dies = `const first = new Uint8Array(request.buffer)[0];
      if (first === 13) { process.exit(3); } ${ANSWER}`;
    const { detector, restarted } = setUp(entry("dies", dies));
    await detector.start();
    await expect(detector.detect(picture(13))).rejects.toMatchObject({ code: "INFERENCE_FAILED" });
    expect(await restarted).toContain("exit code 3");
    await untilReady(detector);
    await expect(detector.detect(picture(1))).resolves.toMatchObject({ inferMs: 1 });
  });

  it("replaces a worker that hangs", async () => {
    const hangs = `const first = new Uint8Array(request.buffer)[0];
      if (first === 13) { for (;;) {} } ${ANSWER}`;
    const { detector, restarted } = setUp(entry("hangs", hangs), 300);
    await detector.start();
    await expect(detector.detect(picture(13))).rejects.toMatchObject({ code: "INFERENCE_TIMEOUT" });
    expect(await restarted).toContain("hangs");
    await untilReady(detector);
    await expect(detector.detect(picture(1))).resolves.toMatchObject({ detections: [] });
  });

  it("reports a frame's failure and keeps the worker", async () => {
    const fails = `parentPort.postMessage(
      { kind: "failed", job: request.job, code: "INFERENCE_FAILED", message: "NaN in output" });`;
    const { detector } = setUp(entry("fails", fails));
    await detector.start();
    await expect(detector.detect(picture(1))).rejects.toThrow("NaN in output");
    expect(detector.ready).toBe(true);
  });

  it("says at once that a model is missing, and how to get it", async () => {
    const { detector } = setUp(new URL("../../../edge/infer/worker-entry.mjs", import.meta.url));
    await expect(detector.start()).rejects.toMatchObject({
      code: expect.stringMatching(/^MODEL_/) as string,
    });
  });
});
