import { describe, expect, it } from "vitest";
import {
  Scheduler,
  type DetectResult,
  type FrameDetector,
  type LookRequest,
  type ScheduledFrame,
} from "../../../edge/infer/index.ts";
import { TransientError } from "../../../protocol/index.ts";
import { FakeClock, settle } from "../../support/fake-clock.ts";

const RESULT: DetectResult = { detections: [], clipped: [], inferMs: 1, decodeMs: 1 };
const MOVING: LookRequest = { periodMs: 200, isPaced: true };
const ROUTINE: LookRequest = { periodMs: 10_000, isPaced: false };

/** Answers when told to. */
class FakeDetector implements FrameDetector {
  #waiting: { resolve: (result: DetectResult) => void; reject: (error: Error) => void } | undefined;

  get ready(): boolean {
    return this.#waiting === undefined;
  }

  detect(): Promise<DetectResult> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
    });
  }

  async answer(error?: Error): Promise<void> {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (error === undefined) {
      waiting?.resolve(RESULT);
    } else {
      waiting?.reject(error);
    }
    await settle();
  }
}

class Bench {
  readonly clock = new FakeClock();
  readonly detectors: FakeDetector[];
  readonly served: string[] = [];
  readonly failed: string[] = [];
  readonly outcomes = new Map<string, string[]>();
  readonly scheduler: Scheduler<ScheduledFrame, LookRequest>;

  constructor(detectors: number, cameras: number) {
    this.detectors = Array.from({ length: detectors }, () => new FakeDetector());
    this.scheduler = new Scheduler({ detectors: this.detectors, clock: this.clock });
    for (let index = 0; index < cameras; index++) {
      const camera = `cam${String(index)}`;
      this.outcomes.set(camera, []);
      this.scheduler.add(camera, {
        minFps: 2,
        release: (_frame, outcome) => this.outcomes.get(camera)?.push(outcome),
        onDetected: () => this.served.push(camera),
        onFailed: (error) => this.failed.push(`${camera} ${error.code}`),
      });
    }
  }

  offer(camera: string, request: LookRequest = MOVING, ageMs = 0): void {
    const meta = { captureTime: this.clock.now() - ageMs };
    const frame = { buffer: new SharedArrayBuffer(6), byteOffset: 0, width: 2, height: 2, meta };
    this.scheduler.offer(camera, frame, request);
  }
}

describe("Scheduler", () => {
  it("shares one detector evenly when all cameras want more than there is", async () => {
    const bench = new Bench(1, 3);
    for (let frame = 0; frame < 30; frame++) {
      for (const camera of ["cam0", "cam1", "cam2"]) {
        bench.offer(camera);
      }
      await bench.clock.advance(100);
      await bench.detectors[0]?.answer();
    }
    const looks = ["cam0", "cam1", "cam2"].map(
      (camera) => bench.served.filter((one) => one === camera).length,
    );
    expect(Math.max(...looks) - Math.min(...looks)).toBeLessThanOrEqual(1);
    expect(looks.reduce((sum, one) => sum + one, 0)).toBe(30);
  });

  it("serves what is most overdue for its need first", async () => {
    const bench = new Bench(1, 3);
    for (const camera of ["cam0", "cam1", "cam2"]) {
      bench.offer(camera);
      await bench.detectors[0]?.answer();
    }
    await bench.clock.advance(300);
    bench.offer("cam0", ROUTINE); // Occupies the detector.
    bench.offer("cam1", ROUTINE);
    bench.offer("cam2", MOVING);
    await bench.detectors[0]?.answer();
    await bench.detectors[0]?.answer();
    expect(bench.served.slice(-2)).toEqual(["cam0", "cam2"]);
  });

  it("never has two frames of one camera in flight", async () => {
    const bench = new Bench(2, 1);
    bench.offer("cam0");
    await bench.clock.advance(200);
    bench.offer("cam0");
    expect(bench.detectors[1]?.ready).toBe(true);
    expect(bench.scheduler.isBusy("cam0")).toBe(true);
    await bench.detectors[0]?.answer();
    expect(bench.served).toEqual(["cam0"]);
  });

  it("keeps only the newest waiting frame", async () => {
    const bench = new Bench(1, 1);
    bench.offer("cam0");
    await bench.clock.advance(200);
    bench.offer("cam0");
    await bench.clock.advance(200);
    bench.offer("cam0");
    expect(bench.outcomes.get("cam0")).toEqual(["superseded"]);
    await bench.detectors[0]?.answer();
    await bench.detectors[0]?.answer();
    expect(bench.outcomes.get("cam0")).toEqual(["superseded", "analysed", "analysed"]);
  });

  it.each([
    { fps: 10, looks: 50 },
    { fps: 25, looks: 50 },
    { fps: 6, looks: 50 },
    { fps: 4, looks: 40 },
  ])("aims at five looks a second of $fps frames", async ({ fps, looks }) => {
    const bench = new Bench(1, 1);
    for (let frame = 0; frame < fps * 10; frame++) {
      bench.offer("cam0");
      await bench.detectors[0]?.answer();
      await bench.clock.advance(1000 / fps);
    }
    expect(Math.abs(bench.served.length - looks)).toBeLessThanOrEqual(1);
    expect(bench.outcomes.get("cam0")?.length).toBe(fps * 10);
  });

  it("drops frames older than the staleness budget and counts them", () => {
    const bench = new Bench(1, 1);
    bench.offer("cam0", MOVING, 501);
    expect(bench.outcomes.get("cam0")).toEqual(["stale"]);
    expect(bench.detectors[0]?.ready).toBe(true);
  });

  it("puts a camera below its floor before a more urgent one above it", async () => {
    const bench = new Bench(1, 2);
    const urgent: LookRequest = { periodMs: 100, isPaced: true };
    bench.offer("cam0");
    await bench.detectors[0]?.answer();
    await bench.clock.advance(600);
    bench.offer("cam1", urgent);
    await bench.detectors[0]?.answer();
    await bench.clock.advance(400);
    bench.offer("cam1", urgent); // Occupies the detector.
    await bench.clock.advance(300);
    bench.offer("cam0"); // 1300 ms without a look, 6.5 of its periods.
    bench.offer("cam1", { periodMs: 30, isPaced: true }); // 300 ms, 10 of its periods.
    await bench.detectors[0]?.answer();
    await bench.detectors[0]?.answer();
    expect(bench.served.at(-1)).toBe("cam0");
  });

  it("does not let a routine look delay the first of those that motion asks for", async () => {
    const bench = new Bench(1, 1);
    bench.offer("cam0", ROUTINE);
    await bench.detectors[0]?.answer();
    await bench.clock.advance(100);
    bench.offer("cam0", MOVING);
    expect(bench.outcomes.get("cam0")).toEqual(["analysed"]);
    await bench.detectors[0]?.answer();
    expect(bench.served).toHaveLength(2);
  });

  it("leaves looks beyond the aim out while the detectors are busy", async () => {
    const bench = new Bench(1, 1);
    const eager: LookRequest = { periodMs: 100, busyPeriodMs: 200, isPaced: true };
    const looks = async (lookMs: number): Promise<number> => {
      const before = bench.served.length;
      for (let frame = 0; frame < 20; frame++) {
        bench.offer("cam0", eager);
        await bench.clock.advance(lookMs);
        await bench.detectors[0]?.answer();
        await bench.clock.advance(100 - lookMs);
      }
      return bench.served.length - before;
    };
    expect(await looks(20)).toBe(20);
    expect(await looks(95)).toBeLessThan(18);
  });

  it("gives a withdrawn frame back once", () => {
    const bench = new Bench(1, 2);
    bench.offer("cam0");
    bench.offer("cam1");
    bench.scheduler.withdraw("cam1", "closed");
    bench.scheduler.withdraw("cam1", "closed");
    expect(bench.outcomes.get("cam1")).toEqual(["closed"]);
  });

  it("counts a failed frame, reports it and goes on with the next", async () => {
    const bench = new Bench(1, 1);
    bench.offer("cam0");
    await bench.clock.advance(200);
    bench.offer("cam0");
    await bench.detectors[0]?.answer(new TransientError("INFERENCE_TIMEOUT", "hangs"));
    expect(bench.failed).toEqual(["cam0 INFERENCE_TIMEOUT"]);
    expect(bench.outcomes.get("cam0")).toEqual(["inference-failed"]);
    await bench.detectors[0]?.answer();
    expect(bench.served).toEqual(["cam0"]);
    expect(bench.outcomes.get("cam0")).toEqual(["inference-failed", "analysed"]);
  });
});
