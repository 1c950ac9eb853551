import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { cameraSchema, type CameraConfig } from "../../config/index.ts";
import type { EventStore } from "../../edge/alarm-recorder.ts";
import { CameraPipeline, type JudgedFrame } from "../../edge/camera-pipeline.ts";
import type { ModelReport } from "../../edge/infer/index.ts";
import { OpenAlarms } from "../../edge/open-alarms.ts";
import { remembered, rulesOfFile, type RulesInForce } from "../../edge/plan/index.ts";
import type { Detection } from "../../models/index.ts";
import {
  incidentEventSchema,
  parseEventType,
  TransientError,
  type AppError,
  type IncidentEvent,
  type NodeId,
} from "../../protocol/index.ts";
import { FakeClock } from "../support/fake-clock.ts";

const WIDTH = 100;
const HEIGHT = 100;
const MODEL: ModelReport = {
  id: "nanodet",
  version: "1",
  sha256: "a".repeat(64),
  provider: "cpu",
  loadMs: 1,
};
const CAMERA: CameraConfig = cameraSchema.parse({
  id: "cam",
  name: "Gate",
  source: "rtsp://camera/stream",
  location: { lat: 39.8, lon: 116.5, crs: "WGS84" },
  purpose: "public-security",
  rules: [
    {
      kind: "zone-intrusion",
      id: "zone",
      eventType: "SEC.INTRUDE",
      zone: [
        [0.4, 0.4],
        [0.6, 0.4],
        [0.6, 0.9],
        [0.4, 0.9],
      ],
      dwellS: 0.5,
      clearS: 1,
      cooldownS: 1,
    },
    {
      kind: "line-crossing",
      id: "line",
      eventType: "SEC.CROSS",
      line: [
        [0.8, 0.95],
        [0.8, 0.1],
      ],
    },
  ],
});

class FakeStore implements EventStore {
  readonly events: IncidentEvent[] = [];
  readonly pictures: Uint8Array[] = [];
  failures = 0;
  #sequence = 0;
  readonly evidence = {
    put: (bytes: Uint8Array): Promise<{ sha256: string; path: string }> => {
      this.pictures.push(bytes);
      return Promise.resolve({ sha256: "b".repeat(64), path: "picture.jpg" });
    },
  };

  nextSequence(): string {
    return String(++this.#sequence).padStart(12, "0");
  }

  append(event: IncidentEvent): void {
    if (this.failures > 0) {
      this.failures--;
      throw new TransientError("OUTBOX_FULL", "full");
    }
    this.events.push(event);
  }

  /** `phase rule alarm` of every event, alarms numbered in order of their first event. */
  steps(): string[] {
    const alarms = [...new Set(this.events.map((event) => event.correlationid))];
    return this.events.map((event) => {
      const { code, phase } = parseEventType(event.type) ?? { code: "?", phase: "?" };
      return `${phase} ${code} ${alarms.indexOf(event.correlationid) + 1}`;
    });
  }
}

function personAt(x: number): Detection[] {
  return [
    { label: "person", score: 0.9, box: { left: x - 0.05, top: 0.4, width: 0.1, height: 0.4 } },
  ];
}

describe("CameraPipeline", () => {
  let folder: string;
  let clock: FakeClock;
  let store: FakeStore;
  let failures: string[];
  let nextId: number;

  beforeEach(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), "sesb-pipeline-"));
    clock = new FakeClock();
    store = new FakeStore();
    failures = [];
    nextId = 1;
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function start(camera: CameraConfig = CAMERA, rules = rulesOfFile(camera)): CameraPipeline {
    return new CameraPipeline({
      rules,
      timeZone: "Asia/Shanghai",
      nodeId: "node" as NodeId,
      camera,
      model: () => MODEL,
      clock,
      newId: () => `0190b0a0-0000-7000-8000-${String(nextId++).padStart(12, "0")}`,
      store,
      openAlarms: new OpenAlarms(folder),
      observe: () => undefined,
      onStep: () => undefined,
      onFailure: (error: AppError) => failures.push(error.code),
      signal: new AbortController().signal,
    });
  }

  async function play(
    pipeline: CameraPipeline,
    durationMs: number,
    detections: (elapsedMs: number) => Detection[],
  ): Promise<void> {
    for (let elapsedMs = 0; elapsedMs < durationMs; elapsedMs += 100) {
      const frame: JudgedFrame = {
        buffer: new SharedArrayBuffer(WIDTH * HEIGHT * 3),
        byteOffset: 0,
        width: WIDTH,
        height: HEIGHT,
        meta: { captureTime: clock.now(), captureClock: "stream" },
      };
      pipeline.judge(frame, detections(elapsedMs));
      await clock.advance(100);
    }
    const drained = pipeline.drain().then(() => true);
    const waiting = (): Promise<boolean> => clock.advance(100).then(() => false);
    while (!(await Promise.race([drained, waiting()]))) {
      // Waiting for the disk takes fake time; encoding a picture takes real time.
    }
  }

  it("reports one visit as one alarm with a snapshot, valid on the wire", async () => {
    const pipeline = start();
    await play(pipeline, 2000, () => personAt(0.5));
    await play(pipeline, 2000, () => []);
    expect(store.steps()).toEqual(["new SEC.INTRUDE 1", "end SEC.INTRUDE 1"]);
    for (const event of store.events) {
      expect(incidentEventSchema.parse(event)).toEqual(event);
    }
    expect(store.pictures).toHaveLength(1);
    expect(store.events[0]?.data.evidence[0]).toMatchObject({ width: WIDTH, height: HEIGHT });
    expect(store.events.map((event) => event.sequence)).toEqual(["000000000001", "000000000002"]);
  });

  it("goes on with an intrusion that was under way when the node died", async () => {
    await play(start(), 1500, () => personAt(0.5));
    const restarted = start();
    await play(restarted, 1500, () => personAt(0.5));
    await play(restarted, 2000, () => []);
    expect(store.steps()).toEqual([
      "new SEC.INTRUDE 1",
      "update SEC.INTRUDE 1",
      "end SEC.INTRUDE 1",
    ]);
  });

  it("tells where a calibrated camera's object stands, the camera's own place otherwise", async () => {
    const ground = ([x, y]: readonly [number, number]) => ({
      picture: [x, y] as [number, number],
      groundM: [(x - 0.5) * 40, (1 - y) * 200] as [number, number],
    });
    const points = [ground([0, 1]), ground([1, 1]), ground([1, 0]), ground([0, 0])];
    await play(start({ ...CAMERA, calibration: { points } }), 1000, () => personAt(0.5));
    await play(start(), 1000, () => personAt(0.5));
    const [measured, own] = store.events.map((event) => event.data.location);
    const [foot = 0] = personAt(0.5).map(({ box }) => box.top + box.height);
    const northM = (1 - foot) * 200;
    expect(((measured?.lat ?? 0) - CAMERA.location.lat) * 111_030).toBeCloseTo(northM, 0);
    expect(measured?.accuracyM).toBeGreaterThan(0);
    expect(own).toEqual(CAMERA.location);
  });

  it("rests outside its schedule, and ends what was under way", async () => {
    const [zone] = CAMERA.rules;
    const minute = (offsetMs: number): string =>
      new Date(clock.now() + 8 * 3_600_000 + offsetMs).toISOString().slice(11, 16);
    const schedule = [{ days: [1, 2, 3, 4, 5, 6, 7], from: minute(-60_000), to: minute(60_000) }];
    const camera = cameraSchema.parse({ ...CAMERA, rules: [{ ...zone, schedule }] });
    const pipeline = start(camera);
    await play(pipeline, 2000, () => personAt(0.5));
    await clock.advance(120_000);
    await play(pipeline, 2000, () => personAt(0.5));
    expect(store.steps()).toEqual(["new SEC.INTRUDE 1", "end SEC.INTRUDE 1"]);
  });

  it("ends an intrusion that was over when the node came back", async () => {
    await play(start(), 1500, () => personAt(0.5));
    const restarted = start();
    await play(restarted, 31_000, () => []);
    expect(store.steps()).toEqual(["new SEC.INTRUDE 1", "end SEC.INTRUDE 1"]);
  });

  it("never takes a new crossing for one that was reported before a restart", async () => {
    const crossing = (elapsedMs: number): Detection[] => personAt(0.7 + (elapsedMs / 1000) * 0.2);
    await play(start(), 1100, crossing);
    await play(start(), 1100, crossing);
    expect(store.steps()).toEqual([
      "new SEC.CROSS 1",
      "end SEC.CROSS 1",
      "new SEC.CROSS 2",
      "end SEC.CROSS 2",
    ]);
  });

  it("waits for a full outbox instead of losing the event", async () => {
    const pipeline = start();
    store.failures = 2;
    await play(pipeline, 4000, () => personAt(0.5));
    expect(failures).toEqual(["OUTBOX_FULL", "OUTBOX_FULL"]);
    expect(store.steps()).toEqual(["new SEC.INTRUDE 1"]);
  });

  describe("whose rules change while it runs", () => {
    const file = rulesOfFile(CAMERA);
    const elsewhere: RulesInForce = {
      ...file,
      version: 1,
      rules: CAMERA.rules.map((rule) =>
        rule.kind === "zone-intrusion" ? { ...rule, clearS: 2 } : rule,
      ),
    };

    it("ends the alarms of a rule that changed and judges by the new one from then on", async () => {
      const pipeline = start();
      await play(pipeline, 1000, () => personAt(0.5));
      pipeline.apply(elsewhere);
      await play(pipeline, 1000, () => personAt(0.5));
      expect(store.steps()).toEqual([
        "new SEC.INTRUDE 1",
        "end SEC.INTRUDE 1",
        "new SEC.INTRUDE 2",
      ]);
    });

    it("leaves an unchanged rule alone: its open alarm goes on", async () => {
      const pipeline = start();
      await play(pipeline, 1000, () => personAt(0.5));
      pipeline.apply({ ...file, version: 1, rules: file.rules.slice(0, 1) });
      await play(pipeline, 1000, () => personAt(0.5));
      await play(pipeline, 2000, () => []);
      expect(store.steps()).toEqual(["new SEC.INTRUDE 1", "end SEC.INTRUDE 1"]);
    });

    it("ends what a paused rule had open, and lets it begin anew afterwards", async () => {
      const pipeline = start();
      await play(pipeline, 1000, () => personAt(0.5));
      pipeline.apply({ ...file, version: 1, paused: new Set(["zone"]) });
      await play(pipeline, 3000, () => personAt(0.5));
      expect(store.steps()).toEqual(["new SEC.INTRUDE 1", "end SEC.INTRUDE 1"]);
      pipeline.apply({ ...file, version: 2 });
      await play(pipeline, 1000, () => personAt(0.5));
      expect(store.steps().at(-1)).toBe("new SEC.INTRUDE 2");
    });

    it("judges and remembers nothing while it is switched off", async () => {
      const pipeline = start();
      await play(pipeline, 1000, () => personAt(0.5));
      expect(pipeline.memory.bytes).toBeGreaterThan(0);
      pipeline.apply({ ...file, version: 1, analysed: false });
      await play(pipeline, 3000, () => personAt(0.5));
      pipeline.miss(clock.now(), clock.now() - 2000);
      expect(pipeline.memory.bytes).toBe(0);
      expect(pipeline.boxes()).toEqual([]);
      expect(store.steps()).toEqual(["new SEC.INTRUDE 1", "end SEC.INTRUDE 1"]);
      pipeline.apply({ ...file, version: 2 });
      await play(pipeline, 1000, () => []);
      expect(pipeline.objects()).toEqual([]);
      await play(pipeline, 1000, () => personAt(0.5));
      expect(store.steps().at(-1)).toBe("new SEC.INTRUDE 2");
    });

    it("ends at once what was open before a restart if the rule rests now", async () => {
      await play(start(), 1000, () => personAt(0.5));
      await play(start(CAMERA, { ...file, version: 1, paused: new Set(["zone"]) }), 100, () => []);
      expect(store.steps()).toEqual(["new SEC.INTRUDE 1", "end SEC.INTRUDE 1"]);
    });

    it("remembers what the rules were given", async () => {
      const pipeline = start();
      await play(pipeline, 1000, () => personAt(0.5));
      const scenes = [...remembered(pipeline.memory.stretch(clock.now()))];
      expect(scenes).toHaveLength(10);
      expect(scenes.at(-1)).toMatchObject({ kind: "scene", isLook: true });
    });
  });
});
