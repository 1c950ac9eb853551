import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { seeded } from "../../bench/support/seeded.ts";
import { cameraSchema } from "../../config/index.ts";
import { CameraGate, type CameraLook } from "../../edge/camera-gate.ts";
import {
  CameraPipeline,
  type JudgedFrame,
  type PipelineOptions,
} from "../../edge/camera-pipeline.ts";
import type { PictureState } from "../../edge/gate/index.ts";
import { Pressure } from "../../edge/pressure.ts";
import {
  Scheduler,
  type DetectResult,
  type ModelReport,
  type PictureView,
} from "../../edge/infer/index.ts";
import { FrameRing, type FrameLease } from "../../edge/ingest/index.ts";
import { OpenAlarms } from "../../edge/open-alarms.ts";
import { rulesOfFile } from "../../edge/plan/index.ts";
import {
  parseEventType,
  type BoxNorm,
  type IncidentEvent,
  type NodeId,
} from "../../protocol/index.ts";
import { FakeClock, settle } from "../support/fake-clock.ts";

const WIDTH = 320;
const HEIGHT = 180;
const FRAME_MS = 100;
const MODEL: ModelReport = {
  id: "nanodet",
  version: "1",
  sha256: "a".repeat(64),
  provider: "cpu",
  loadMs: 1,
};
const WHOLE = [
  [0, 0],
  [1, 0],
  [1, 1],
  [0, 1],
]; // prettier-ignore

const ZONE_RULE = {
  kind: "zone-intrusion",
  id: "zone",
  eventType: "SEC.INTRUDE",
  zone: WHOLE,
  clearS: 1,
};

const TAMPER_RULE = { kind: "camera-tamper", id: "tamper", eventType: "DEV.TAMPER", holdS: 2 };

interface StreetOptions {
  readonly gate?: boolean;
  readonly rule?: object;
}

class WatchedPipeline extends CameraPipeline {
  readonly #street: Street;

  constructor(street: Street, options: PipelineOptions) {
    super(options);
    this.#street = street;
  }

  override watch(frame: JudgedFrame, picture: PictureState): void {
    expect(frame.meta.captureTime).toBe(picture.at);
    expect(this.#street.ring.counters().inFlight).toBeGreaterThan(0);
    this.#street.watched.push(picture.at);
    super.watch(frame, picture);
  }
}

/** A grey street with sensor noise and, where it is told, one bright block that is a "person". */
class Street {
  readonly clock = new FakeClock();
  readonly ring = new FrameRing();
  readonly looks: (readonly BoxNorm[] | undefined)[] = [];
  readonly steps: string[] = [];
  readonly gate: CameraGate;
  readonly pressure = new Pressure();
  /** Where the person is, and whether the detector notices it. */
  person: BoxNorm | undefined;
  isDetectable = true;
  /** How late a frame reaches the gate, ms. */
  lagMs = 0;
  /** Something lies over the lens. */
  isCovered = false;
  /** How often a look was said to be owed. */
  moving = 0;
  readonly #random = seeded(7);
  #sequence = 0;

  /** Capture times of the pictures that the rules were told of, while the ring held them. */
  readonly watched: number[] = [];

  constructor(folder: string, { gate = true, rule = ZONE_RULE }: StreetOptions = {}) {
    const camera = cameraSchema.parse({
      id: "cam",
      name: "Gate",
      source: "rtsp://camera/stream",
      location: { lat: 39.8, lon: 116.5, crs: "WGS84" },
      purpose: "public-security",
      analysis: { gate },
      rules: [rule],
    });
    const detectors = [{ ready: true, detect: (view: PictureView) => this.#detect(view) }];
    const scheduler = new Scheduler<FrameLease, CameraLook>({ detectors, clock: this.clock });
    const pipeline = new WatchedPipeline(this, {
      timeZone: "Asia/Shanghai",
      nodeId: "node" as NodeId,
      camera,
      model: () => MODEL,
      clock: this.clock,
      newId: () => crypto.randomUUID(),
      store: {
        nextSequence: () => "1",
        append: (event: IncidentEvent) => {
          this.steps.push(parseEventType(event.type)?.phase ?? "?");
        },
        evidence: { put: () => Promise.resolve({ sha256: "b".repeat(64), path: "p.jpg" }) },
      },
      openAlarms: new OpenAlarms(folder),
      observe: () => undefined,
      onStep: () => undefined,
      onFailure: (error) => this.steps.push(error.code),
      signal: new AbortController().signal,
    });
    this.gate = new CameraGate({
      pressure: this.pressure,
      camera,
      ring: this.ring,
      pipeline,
      scheduler,
      clock: this.clock,
      report: {
        gated: () => undefined,
        moving: () => this.moving++,
        looked: () => undefined,
        failed: (error) => this.steps.push(error.code),
      },
    });
    this.drain = () => pipeline.drain();
    this.switch = (analysed) => {
      pipeline.apply({ ...rulesOfFile(camera), version: 1, analysed });
      this.gate.refresh();
    };
  }

  readonly drain: () => Promise<void>;
  /** What the control room's kill switch does. */
  readonly switch: (analysed: boolean) => void;

  async play(seconds: number, move?: (share: number) => void): Promise<void> {
    const frames = (seconds * 1000) / FRAME_MS;
    for (let frame = 0; frame < frames; frame++) {
      move?.(frame / frames);
      await this.#frame();
    }
    await this.drain();
  }

  /** Looks since the last call. */
  takeLooks(): number {
    return this.looks.splice(0).length;
  }

  async #frame(): Promise<void> {
    const pixels = this.ring.begin(WIDTH, HEIGHT);
    pixels?.fill(128);
    for (let y = 0; y < HEIGHT; y++) {
      for (let x = 0; x < WIDTH; x++) {
        const isPerson = this.person !== undefined && isInside(this.person, x / WIDTH, y / HEIGHT);
        const noise = Math.round((this.#random() - 0.5) * 6);
        if (pixels !== undefined) {
          const street = isPerson ? 220 : 90 + (y >> 3) + (((x >> 5) + (y >> 5)) % 2) * 40;
          pixels[y * WIDTH + x] = (this.isCovered ? 60 : street) + noise;
        }
      }
    }
    const captureTime = this.clock.now() - this.lagMs;
    const size = { width: WIDTH, height: HEIGHT };
    const meta = { sequence: this.#sequence++, captureTime, captureClock: "stream" } as const;
    this.ring.publish({ ...meta, ...size, ptsS: captureTime / 1000 });
    this.gate.onFrame();
    await settle();
    await this.clock.advance(FRAME_MS);
  }

  #detect({ regions }: PictureView): Promise<DetectResult> {
    this.looks.push(regions);
    const { person } = this;
    const isSeen =
      person !== undefined &&
      this.isDetectable &&
      (regions === undefined || regions.some((region) => isCovered(person, region)));
    const detections = isSeen ? [{ label: "person", score: 0.9, box: person }] : [];
    return Promise.resolve({ detections, clipped: [], inferMs: 1, decodeMs: 0 });
  }
}

function isInside({ left, top, width, height }: BoxNorm, x: number, y: number): boolean {
  return x >= left && x < left + width && y >= top && y < top + height;
}

function isCovered(box: BoxNorm, region: BoxNorm): boolean {
  return (
    isInside(region, box.left, box.top) &&
    box.left + box.width <= region.left + region.width + 1e-9 &&
    box.top + box.height <= region.top + region.height + 1e-9
  );
}

describe("CameraGate", () => {
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), "gate-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** From the left border to the middle in two seconds. */
  const walkIn = (street: Street) => (share: number) => {
    street.person = { left: 0.05 + 0.4 * share, top: 0.3, width: 0.08, height: 0.4 };
  };

  it("looks at a still scene once in ten seconds", async () => {
    const street = new Street(folder);
    await street.play(5);
    street.takeLooks();
    await street.play(60);
    expect(street.takeLooks()).toBeLessThanOrEqual(6);
    const { captured, analysed, dropped, pending, inFlight } = street.ring.counters();
    expect(captured).toBe(650);
    const total = Object.values(dropped).reduce((sum, count) => sum + count, analysed);
    expect(total + pending + inFlight).toBe(captured);
  });

  it("alarms about somebody who walks in, looking at parts of the picture", async () => {
    const street = new Street(folder);
    await street.play(5);
    street.takeLooks();
    await street.play(2, walkIn(street));
    expect(street.steps[0]).toBe("new");
    expect(street.looks.some((regions) => regions !== undefined)).toBe(true);
    expect(street.takeLooks()).toBeLessThanOrEqual(22);
  });

  it("keeps one alarm while somebody stands still, and ends it when they leave", async () => {
    const street = new Street(folder);
    await street.play(5);
    await street.play(2, walkIn(street));
    street.takeLooks();
    await street.play(60);
    expect(street.takeLooks()).toBeLessThan(40);
    expect(street.steps.filter((step) => step === "new")).toHaveLength(1);
    expect(street.steps).not.toContain("end");
    await street.play(2, (share) => {
      street.person = { left: 0.45 + 0.5 * share, top: 0.3, width: 0.08, height: 0.4 };
    });
    street.person = undefined;
    await street.play(5);
    expect(street.steps.at(-1)).toBe("end");
  });

  it("does not end an alarm because one routine look misses who stands there", async () => {
    const street = new Street(folder);
    await street.play(5);
    await street.play(2, walkIn(street));
    await street.play(8);
    street.takeLooks();
    street.isDetectable = false;
    while (street.looks.length === 0) {
      await street.play(0.1);
    }
    street.isDetectable = true;
    await street.play(5);
    expect(street.steps).not.toContain("end");
  });

  it("drops frames that come too late unseen, and says that a look is owed", async () => {
    const street = new Street(folder);
    await street.play(5);
    street.takeLooks();
    street.moving = 0;
    street.lagMs = 401;
    await street.play(1);
    expect(street.ring.counters().dropped["late"]).toBe(10);
    expect([street.takeLooks(), street.moving]).toEqual([0, 10]);
  });

  it("looks at every due frame whole where the gate is off", async () => {
    const street = new Street(folder, { gate: false });
    await street.play(10);
    expect(street.looks.every((regions) => regions === undefined)).toBe(true);
    expect(Math.abs(street.takeLooks() - 50)).toBeLessThanOrEqual(1);
  });

  it.each([true, false])("tells rules about the picture of every frame, gate %s", async (gate) => {
    const street = new Street(folder, { gate, rule: TAMPER_RULE });
    await street.play(15);
    expect(street.watched).toHaveLength(150);
    expect(street.steps).toEqual([]);
    street.isCovered = true;
    await street.play(4);
    expect(street.steps).toEqual(["new"]);
    street.isCovered = false;
    await street.play(8);
    expect(street.steps.at(-1)).toBe("end");
    expect(street.watched).toEqual(street.watched.toSorted((a, b) => a - b));
  });

  it("tells rules nothing of frames that come too late", async () => {
    const street = new Street(folder, { rule: TAMPER_RULE });
    await street.play(5);
    street.lagMs = 401;
    await street.play(1);
    expect(street.watched).toHaveLength(50);
  });

  it("spares the work where no rule asks for the picture", async () => {
    const street = new Street(folder);
    await street.play(5);
    expect(street.watched).toEqual([]);
  });

  it("drops every frame unseen while the camera is switched off, and counts each", async () => {
    const street = new Street(folder, { rule: { ...ZONE_RULE, cooldownS: 1 } });
    street.person = { left: 0.4, top: 0.3, width: 0.1, height: 0.4 };
    await street.play(4);
    expect(street.steps).toEqual(["new"]);
    street.switch(false);
    street.takeLooks();
    const owed = street.moving;
    await street.play(3, (share) => {
      street.person = { left: 0.1 + share * 0.6, top: 0.3, width: 0.1, height: 0.4 };
    });
    expect(street.takeLooks()).toBe(0);
    expect(street.moving).toBe(owed);
    expect(street.steps).toEqual(["new", "end"]);
    const { captured, analysed, dropped, pending, inFlight } = street.ring.counters();
    expect(dropped["switched-off"]).toBe(30);
    const lost = Object.values(dropped).reduce((sum, count) => sum + count, 0);
    expect(captured).toBe(analysed + lost + pending + inFlight);
    street.switch(true);
    await street.play(4);
    expect(street.steps).toEqual(["new", "end", "new"]);
  });

  it("gives a copy of the next picture to whoever asks, none of a camera that is off", async () => {
    const street = new Street(folder);
    const signal = new AbortController();
    const taken = street.gate.takePicture(signal.signal);
    await street.play(0.2);
    expect(await taken).toMatchObject({ width: WIDTH, height: HEIGHT });
    expect((await taken).pixels).toHaveLength((WIDTH * HEIGHT * 3) / 2);
    expect(street.gate.size).toEqual({ width: WIDTH, height: HEIGHT });
    street.switch(false);
    const vain = street.gate.takePicture(signal.signal);
    await street.play(0.2);
    signal.abort(new Error("late"));
    await expect(vain).rejects.toThrow("No picture of the camera came in time");
  });
});
