/**
 * What the gate costs in quality: PETS09-S2L1 through the product's own gate, scheduler, detector
 * and pipeline, once with every frame looked at whole and once with the gate deciding, frame by
 * frame on the footage's own clock, so that the result does not depend on the machine's speed.
 */
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { edgeConfigSchema, type CameraConfig } from "../../config/index.ts";
import { CameraGate, type CameraLook } from "../../edge/camera-gate.ts";
import type { EventStore } from "../../edge/alarm-recorder.ts";
import { CameraPipeline } from "../../edge/camera-pipeline.ts";
import { Pressure } from "../../edge/pressure.ts";
import { Detector, Scheduler, type ModelReport } from "../../edge/infer/index.ts";
import { FrameRing, type FrameLease } from "../../edge/ingest/index.ts";
import { OpenAlarms } from "../../edge/open-alarms.ts";
import {
  parseEventType,
  systemClock,
  type BoxNorm,
  type Clock,
  type IncidentEvent,
  type NodeId,
} from "../../protocol/index.ts";
import { matched } from "../detection/average-precision.ts";
import { framesOf } from "../detection/frames.ts";
import { readGroundTruth } from "../detection/ground-truth.ts";

const TRUTH = "../shared/data/mot15/PETS09-S2L1/gt.txt";
const FOOTAGE = ".cache/footage/vtest.avi";
const FORMAT = { width: 768, height: 576 };
const FRAME_MS = 100;
const START = Date.UTC(2026, 0, 1);

export interface QualityFigures {
  readonly frames: number;
  readonly recall: { readonly everyFrame: number; readonly gated: number };
  readonly precision: { readonly everyFrame: number; readonly gated: number };
  /** Share of the pixels of all whole looks that the gated run looked at. */
  readonly work: number;
  /** Later (or earlier, negative) begin of the same alarm with the gate, ms. */
  readonly onsetDelayMs: { readonly p50: number; readonly p95: number; readonly max: number };
  readonly alarms: { readonly everyFrame: number; readonly gated: number };
}

interface Outcome {
  readonly hits: number;
  readonly boxes: number;
  readonly people: number;
  readonly work: number;
  readonly frames: number;
  /** Capture times of the alarms' first events, by rule. */
  readonly onsets: ReadonlyMap<string, readonly number[]>;
}

/** @returns undefined, after saying so, when footage or ground truth is missing. */
export async function measureQuality(limit = 795): Promise<QualityFigures | undefined> {
  for (const file of [TRUTH, FOOTAGE]) {
    if (!existsSync(file)) {
      console.log(`quality: skipped, ${file} is missing`);
      return undefined;
    }
  }
  const everyFrame = await run(false, limit);
  const gated = await run(true, limit);
  const delays = delaysOf(everyFrame.onsets, gated.onsets);
  return {
    frames: everyFrame.frames,
    recall: { everyFrame: share(everyFrame, "people"), gated: share(gated, "people") },
    precision: { everyFrame: share(everyFrame, "boxes"), gated: share(gated, "boxes") },
    work: gated.work / everyFrame.work,
    onsetDelayMs: { p50: at(delays, 0.5), p95: at(delays, 0.95), max: at(delays, 1) },
    alarms: { everyFrame: countOf(everyFrame.onsets), gated: countOf(gated.onsets) },
  };
}

/** Nine fields and three lines, so that many alarms begin in the course of the footage. */
function camera(gate: boolean): CameraConfig {
  const third = (n: number): number => n / 3;
  const zones = Array.from({ length: 9 }, (_, index) => {
    const [x, y] = [index % 3, Math.floor(index / 3)];
    const [left, top, right, bottom] = [third(x), third(y), third(x + 1), third(y + 1)];
    const zone = [
      [left, top],
      [right, top],
      [right, bottom],
      [left, bottom],
    ]; // prettier-ignore
    return { id: `zone-${index}`, kind: "zone-intrusion", zone, dwellS: 0.5, clearS: 1 };
  });
  const config = edgeConfigSchema.parse({
    node: { id: "bench", dataDir: "bench" },
    brain: { url: "http://127.0.0.1:1", secretFile: "none" },
    cameras: [
      {
        id: "vtest",
        name: "PETS09-S2L1",
        source: FOOTAGE,
        location: { lat: 0, lon: 0, crs: "WGS84" },
        purpose: "benchmark",
        analysis: { gate, targetFps: 10 },
        rules: zones.map((rule) => ({ ...rule, eventType: "SEC.INTRUDE", cooldownS: 1 })),
      },
    ],
  });
  return config.cameras[0] as CameraConfig;
}

async function run(gate: boolean, limit: number): Promise<Outcome> {
  const folder = await mkdtemp(path.join(os.tmpdir(), "quality-"));
  const detector = new Detector({
    settings: {
      ...{ modelId: "nanodet", cacheDir: ".cache/models", provider: "cpu", threads: 2 },
      ...{ minScore: 0.1, classes: ["person"] },
    },
    clock: systemClock,
    onRestart: (reason) => console.log(`quality: a worker is replaced: ${reason}`),
  });
  try {
    const model = await detector.start();
    return await play(detector, model, camera(gate), folder, limit);
  } finally {
    await detector.close();
    await rm(folder, { recursive: true, force: true });
  }
}

interface Rig {
  readonly eye: CameraGate;
  readonly pipeline: CameraPipeline;
  readonly ring: FrameRing;
  readonly scheduler: Scheduler<FrameLease, CameraLook>;
  /** Resolves when the next look has been judged. */
  nextLook(): Promise<void>;
  /** Pixels looked at, in whole pictures. */
  work(): number;
}

function rigOf(
  detector: Detector,
  config: CameraConfig,
  clock: Clock,
  pipeline: CameraPipeline,
): Rig {
  let work = 0;
  let looked: (() => void) | undefined;
  const watched = {
    get ready() {
      return detector.ready;
    },
    detect(picture: Parameters<Detector["detect"]>[0]) {
      work += areaOf(picture.regions);
      return detector.detect(picture);
    },
  };
  const ring = new FrameRing();
  const scheduler = new Scheduler<FrameLease, CameraLook>({ detectors: [watched], clock });
  const report = {
    gated: () => undefined,
    moving: () => undefined,
    looked: () => looked?.(),
    failed: complain,
  };
  const eye = new CameraGate({
    ...{ camera: config, ring, pipeline, clock, scheduler, report },
    pressure: new Pressure(),
  });
  const nextLook = (): Promise<void> =>
    new Promise((resolve) => {
      looked = resolve;
    });
  return { eye, pipeline, ring, scheduler, nextLook, work: () => work };
}

function complain(error: Error): void {
  console.log(`quality: ${error.message}`);
}

async function play(
  detector: Detector,
  model: ModelReport,
  config: CameraConfig,
  folder: string,
  limit: number,
): Promise<Outcome> {
  const truth = await readGroundTruth(TRUTH, FORMAT);
  const now = { value: START };
  const clock: Clock = { ...systemClock, now: () => now.value };
  const onsets = new Map<string, number[]>();
  const pipeline = new CameraPipeline({
    timeZone: "Asia/Shanghai",
    ...{ nodeId: "bench" as NodeId, camera: config, model: () => model, clock },
    ...{ newId: () => crypto.randomUUID(), openAlarms: new OpenAlarms(folder) },
    ...{ store: memoryStore((event) => note(onsets, event)), onFailure: complain },
    ...{ observe: () => undefined, onStep: () => undefined, signal: new AbortController().signal },
  });
  const rig = rigOf(detector, config, clock, pipeline);
  const total = { hits: 0, boxes: 0, people: 0, frames: 0 };
  for await (const bytes of framesOf(FOOTAGE, FORMAT)) {
    if (total.frames >= limit) {
      break;
    }
    now.value = START + total.frames * FRAME_MS;
    await show(rig, bytes, { sequence: total.frames, captureTime: now.value });
    total.frames++;
    const seen = pipeline.objects().map((object) => object.box);
    count(total, seen, truth.get(total.frames) ?? []);
  }
  await pipeline.drain();
  return { ...total, work: rig.work(), onsets };
}

/** One frame through the gate, and through the detector if it is looked at. */
async function show(
  { eye, ring, scheduler, nextLook }: Rig,
  bytes: Uint8Array,
  meta: { readonly sequence: number; readonly captureTime: number },
): Promise<void> {
  ring.begin(FORMAT.width, FORMAT.height)?.set(bytes);
  const judged = nextLook();
  ring.publish({ ...meta, ...FORMAT, captureClock: "stream", ptsS: meta.captureTime / 1000 });
  eye.onFrame();
  if (scheduler.isBusy("vtest")) {
    await judged;
    await new Promise((resolve) => setImmediate(resolve)); // The frame is released behind it.
  }
}

function count(
  total: { hits: number; boxes: number; people: number },
  boxes: readonly BoxNorm[],
  truth: readonly BoxNorm[],
): void {
  const scored = matched(
    boxes.map((box) => ({ score: 1, box })),
    truth,
    0.5,
  );
  total.hits += scored.filter((one) => one.isTrue).length;
  total.boxes += boxes.length;
  total.people += truth.length;
}

function areaOf(regions: readonly BoxNorm[] | undefined): number {
  return regions?.reduce((sum, { width, height }) => sum + width * height, 0) ?? 1;
}

function note(onsets: Map<string, number[]>, event: IncidentEvent): void {
  const rule = event.data.detection?.ruleId;
  if (rule !== undefined && parseEventType(event.type)?.phase === "new") {
    onsets.set(rule, [...(onsets.get(rule) ?? []), Date.parse(event.data.onset)]);
  }
}

function memoryStore(onEvent: (event: IncidentEvent) => void): EventStore {
  let sequence = 0;
  return {
    nextSequence: () => String(++sequence),
    append: onEvent,
    evidence: { put: () => Promise.resolve({ sha256: "0".repeat(64), path: "none" }) },
  };
}

/** An alarm and the nearest one of the same rule in the other run, within 2 s, are the same. */
function delaysOf(
  before: ReadonlyMap<string, readonly number[]>,
  after: ReadonlyMap<string, readonly number[]>,
): number[] {
  const delays: number[] = [];
  for (const [rule, times] of before) {
    for (const time of times) {
      const differences = (after.get(rule) ?? []).map((other) => other - time);
      const nearest = differences.sort((a, b) => Math.abs(a) - Math.abs(b))[0];
      if (nearest !== undefined && Math.abs(nearest) <= 2000) {
        delays.push(nearest);
      }
    }
  }
  return delays.sort((a, b) => a - b);
}

function share(outcome: Outcome, of: "people" | "boxes"): number {
  return outcome.hits / outcome[of];
}

function at(sorted: readonly number[], part: number): number {
  return sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] ?? Number.NaN;
}

function countOf(onsets: ReadonlyMap<string, readonly number[]>): number {
  return [...onsets.values()].reduce((sum, times) => sum + times.length, 0);
}
