import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { Detector, type PictureView } from "../../../edge/infer/index.ts";
import { systemClock, type Clock } from "../../../protocol/index.ts";
import { FakeClock } from "../../support/fake-clock.ts";

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
  { kind: "detected", job: request.job, detections: [], clipped: [], inferMs: 1, decodeMs: 1 });`;

const FAILURE = `parentPort.postMessage(
  { kind: "failed", job: request.job, code: "INFERENCE_FAILED", message: "NaN in output" });`;

/** Frames of one pixel row; the first byte steers the fake worker. */
function picture(first: number): PictureView {
  const buffer = new SharedArrayBuffer(12);
  new Uint8Array(buffer)[0] = first;
  return { buffer, byteOffset: 0, width: 2, height: 2 };
}

const open: Detector[] = [];
afterEach(() => Promise.all(open.splice(0).map((detector) => detector.close())));

interface SetUp {
  readonly detector: Detector;
  readonly restarted: Promise<string>;
  /** Every reason told so far. */
  readonly reasons: readonly string[];
}

/** The real clock, and a time limit that no healthy worker comes near on a loaded machine. */
const PATIENT = { clock: systemClock, timeoutMs: 10_000 };

function setUp(
  url: URL,
  options: { readonly clock: Clock; readonly timeoutMs?: number } = PATIENT,
): SetUp {
  const reasons: string[] = [];
  let tell: (reason: string) => void = () => undefined;
  const restarted = new Promise<string>((resolve) => {
    tell = resolve;
  });
  const detector = new Detector({
    settings: SETTINGS,
    onRestart: (reason) => {
      reasons.push(reason);
      tell(reason);
    },
    entry: url,
    ...options,
  });
  open.push(detector);
  return { detector, restarted, reasons };
}

/** A worker file that plays another part each time it is started, and keeps a diary of that. */
function startsAs(name: string, parts: readonly string[]): { url: URL; diary: () => string[] } {
  const file = path.join(folder, `${name}.diary`);
  writeFileSync(file, "");
  const url = pathToFileURL(path.join(folder, `${name}.mjs`));
  writeFileSync(
    url,
    `import { appendFileSync, readFileSync } from "node:fs";
     import { parentPort } from "node:worker_threads";
     const file = ${JSON.stringify(file)};
     const started = readFileSync(file, "utf8").split("\\n").length - 1;
     const part = ${JSON.stringify(parts)}[started];
     const model = { id: "m", version: "1", sha256: "0", provider: "cpu", loadMs: 0 };
     parentPort.on("message", (request) => {
       if (request.kind === "retire") {
         if (part === "does not load") { appendFileSync(file, "retired\\n"); }
         process.exit(0);
       }
       if (part === "dies") { process.exit(3); }
       ${ANSWER}
     });
     appendFileSync(file, part + "\\n");
     if (part !== "does not load") { parentPort.postMessage({ kind: "ready", model }); }`,
  );
  const diary = (): string[] => readFileSync(file, "utf8").split("\n").filter(Boolean);
  return { url, diary };
}

async function until(isTrue: () => boolean): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!isTrue()) {
    if (Date.now() > deadline) {
      throw new Error("What was waited for did not come");
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function untilReady(detector: Detector): Promise<void> {
  return until(() => detector.ready);
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
    const { detector, restarted } = setUp(entry("hangs", hangs), {
      clock: systemClock,
      timeoutMs: 300,
    });
    await detector.start();
    await expect(detector.detect(picture(13))).rejects.toMatchObject({ code: "INFERENCE_TIMEOUT" });
    expect(await restarted).toContain("hangs");
    await untilReady(detector);
    await expect(detector.detect(picture(1))).resolves.toMatchObject({ detections: [] });
  });

  it("reports a frame's failure and keeps the worker", async () => {
    const { detector, reasons } = setUp(entry("fails", FAILURE));
    await detector.start();
    await expect(detector.detect(picture(1))).rejects.toThrow("NaN in output");
    expect(detector.ready).toBe(true);
    expect(reasons).toEqual([]);
  });

  it("keeps a worker that fails now and then", async () => {
    const fails = `if (new Uint8Array(request.buffer)[0] === 13) { ${FAILURE} } else { ${ANSWER} }`;
    const { detector, reasons } = setUp(entry("now-and-then", fails));
    await detector.start();
    for (let frame = 1; frame <= 20; frame++) {
      const result = detector.detect(picture(frame % 5 === 0 ? 1 : 13));
      await (frame % 5 === 0 ? result : expect(result).rejects.toThrow("NaN"));
    }
    expect(reasons).toEqual([]);
    expect(detector.ready).toBe(true);
  });

  it("replaces a worker that fails at every frame, and tells it once", async () => {
    const { detector, reasons } = setUp(entry("babbles", FAILURE));
    await detector.start();
    for (let frame = 0; frame < 15; frame++) {
      await untilReady(detector);
      await expect(detector.detect(picture(1))).rejects.toThrow("NaN");
    }
    expect(detector.ready).toBe(false); // The third replacement is under way.
    expect(reasons).toEqual(["An inference worker failed 5 times in a row: NaN in output"]);
  });

  it("tells anew of a worker that fails after one has succeeded", async () => {
    const fails = `if (new Uint8Array(request.buffer)[0] === 13) { ${FAILURE} } else { ${ANSWER} }`;
    const { detector, reasons } = setUp(entry("relapses", fails));
    await detector.start();
    for (const first of [13, 13, 13, 13, 13, 1, 13, 13, 13, 13, 13]) {
      await untilReady(detector);
      await detector.detect(picture(first)).catch(() => undefined);
    }
    expect(reasons).toHaveLength(2);
  });

  it("sees a worker that hangs within 5 s", async () => {
    const hangs = `if (new Uint8Array(request.buffer)[0] === 13) { for (;;) {} } ${ANSWER}`;
    const clock = new FakeClock();
    const { detector, reasons } = setUp(entry("hangs-for-long", hangs), { clock });
    await detector.start();
    const lost = expect(detector.detect(picture(13))).rejects.toThrow("hangs");
    await clock.advance(5000);
    await lost;
    await clock.advance(3000); // The patience with the hung one is over: it is ended by force.
    expect(reasons).toEqual([expect.stringContaining("hangs")]);
    await untilReady(detector);
  });

  it("replaces a successor that does not load, and lets it go", async () => {
    const clock = new FakeClock();
    const { url, diary } = startsAs("successor", ["dies", "does not load", "", "works"]);
    const { detector, reasons } = setUp(url, { clock });
    await detector.start();
    await expect(detector.detect(picture(1))).rejects.toThrow("ended");
    await clock.advance(100);
    await until(() => diary().includes("does not load"));
    await clock.advance(60_000);
    await until(() => diary().includes("retired"));
    await clock.advance(500);
    await untilReady(detector);
    await expect(detector.detect(picture(1))).resolves.toMatchObject({ inferMs: 1 });
    expect(diary()).toEqual(["dies", "does not load", "retired", "works"]);
    expect(reasons).toEqual([
      expect.stringContaining("exit code 3"),
      "The model did not load in time",
    ]);
  });

  it("says at once that a model is missing, and how to get it", async () => {
    const { detector } = setUp(new URL("../../../edge/infer/worker-entry.mjs", import.meta.url));
    await expect(detector.start()).rejects.toMatchObject({
      code: expect.stringMatching(/^MODEL_/) as string,
    });
  });
});
