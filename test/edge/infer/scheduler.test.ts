import { describe, expect, it } from "vitest";
import {
  Scheduler,
  type DetectResult,
  type FrameDetector,
  type FrameFeed,
  type ScheduledFrame,
} from "../../../edge/infer/index.ts";
import { TransientError } from "../../../protocol/index.ts";
import { FakeClock, settle } from "../../support/fake-clock.ts";

const RESULT: DetectResult = { detections: [], inferMs: 1, decodeMs: 1 };

/** A feed that always has a newest frame, as a live camera has. */
class FakeFeed implements FrameFeed<ScheduledFrame> {
  readonly outcomes: string[] = [];
  #captureTime: () => number;

  constructor(captureTime: () => number) {
    this.#captureTime = captureTime;
  }

  take(): ScheduledFrame {
    const buffer = new SharedArrayBuffer(12);
    return {
      buffer,
      byteOffset: 0,
      width: 2,
      height: 2,
      meta: { captureTime: this.#captureTime() },
    };
  }

  release(_frame: ScheduledFrame, outcome = "analysed"): void {
    this.outcomes.push(outcome);
  }
}

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

function setUp(
  detectors: number,
  cameras: number,
): {
  clock: FakeClock;
  detectors: FakeDetector[];
  served: string[];
  failed: string[];
  scheduler: Scheduler<ScheduledFrame>;
  feeds: FakeFeed[];
  lagMs: { value: number };
} {
  const clock = new FakeClock();
  const served: string[] = [];
  const failed: string[] = [];
  const lagMs = { value: 0 };
  const pool = Array.from({ length: detectors }, () => new FakeDetector());
  const scheduler = new Scheduler<ScheduledFrame>({
    detectors: pool,
    clock,
    onDetected: (camera) => served.push(camera),
    onFailed: (camera, error) => failed.push(`${camera} ${error.code}`),
  });
  const feeds = Array.from({ length: cameras }, (_, index) => {
    const feed = new FakeFeed(() => clock.now() - lagMs.value);
    scheduler.add(`cam${index}`, feed);
    return feed;
  });
  return { clock, detectors: pool, served, failed, scheduler, feeds, lagMs };
}

describe("Scheduler", () => {
  it("serves all cameras in turn when they want more than there is", async () => {
    const { detectors, scheduler, served } = setUp(1, 3);
    scheduler.pump();
    for (let frame = 0; frame < 9; frame++) {
      await detectors[0]?.answer();
    }
    expect(served).toEqual([
      "cam0",
      "cam1",
      "cam2",
      "cam0",
      "cam1",
      "cam2",
      "cam0",
      "cam1",
      "cam2",
    ]);
  });

  it("never has two frames of one camera in flight", async () => {
    const { detectors, scheduler, served } = setUp(2, 1);
    scheduler.pump();
    scheduler.pump();
    await detectors[1]?.answer();
    expect(served).toEqual([]);
    await detectors[0]?.answer();
    expect(served).toEqual(["cam0"]);
  });

  it("drops frames older than the staleness budget and counts them", () => {
    const { scheduler, feeds, lagMs, detectors } = setUp(1, 1);
    lagMs.value = 501;
    scheduler.pump();
    expect(feeds[0]?.outcomes).toEqual(["stale"]);
    expect(detectors[0]?.ready).toBe(true);
  });

  it("counts a failed frame, reports it and goes on with the next", async () => {
    const { detectors, scheduler, served, failed, feeds } = setUp(1, 1);
    scheduler.pump();
    await detectors[0]?.answer(new TransientError("INFERENCE_TIMEOUT", "hangs"));
    expect(failed).toEqual(["cam0 INFERENCE_TIMEOUT"]);
    expect(feeds[0]?.outcomes).toEqual(["inference-failed"]);
    await detectors[0]?.answer();
    expect(served).toEqual(["cam0"]);
    expect(feeds[0]?.outcomes).toEqual(["inference-failed", "analysed"]);
  });
});
