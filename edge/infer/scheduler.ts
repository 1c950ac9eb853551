/**
 * One scheduler for all cameras: each idle detector gets the newest frame of the camera whose turn
 * it is. A camera has at most one frame in flight, so that its tracks see frames in order; a frame
 * older than the staleness budget is dropped, not served.
 */
import { AppError, type Clock, type EpochMs } from "../../protocol/index.ts";
import type { DetectResult, PictureView } from "./detector.ts";

export interface ScheduledFrame extends PictureView {
  readonly meta: { readonly captureTime: EpochMs };
}

/** Where a camera's newest frame lies; `release` tells what became of it. */
export interface FrameFeed<Frame extends ScheduledFrame> {
  take(): Frame | undefined;
  release(frame: Frame, outcome?: string): void;
}

export interface FrameDetector {
  readonly ready: boolean;
  detect(picture: PictureView): Promise<DetectResult>;
}

export interface FrameTimings {
  /** Capture → handed to a detector, ms. */
  readonly waitedMs: number;
  /** The whole detector call as the main thread saw it, ms. */
  readonly detectMs: number;
  readonly inferMs: number;
  readonly decodeMs: number;
}

export interface SchedulerOptions<Frame extends ScheduledFrame> {
  readonly detectors: readonly FrameDetector[];
  readonly clock: Clock;
  /** Takes the detections while the frame's pixels are still held; must not wait. */
  readonly onDetected: (
    camera: string,
    frame: Frame,
    result: DetectResult,
    timings: FrameTimings,
  ) => void;
  readonly onFailed: (camera: string, error: AppError) => void;
  readonly stalenessMs?: number;
}

/** Half a second: what is older no longer shows where people are. */
const STALENESS_MS = 500;

export class Scheduler<Frame extends ScheduledFrame> {
  readonly #options: SchedulerOptions<Frame>;
  readonly #feeds: { readonly camera: string; readonly feed: FrameFeed<Frame>; busy: boolean }[] =
    [];
  #turn = 0;

  constructor(options: SchedulerOptions<Frame>) {
    this.#options = options;
  }

  add(camera: string, feed: FrameFeed<Frame>): void {
    this.#feeds.push({ camera, feed, busy: false });
  }

  /** Hands out work while there is any; call it whenever a frame or a detector becomes free. */
  pump(): void {
    for (const detector of this.#options.detectors) {
      if (detector.ready && !this.#serveNext(detector)) {
        return;
      }
    }
  }

  /** @returns false when no camera has a frame to serve. */
  #serveNext(detector: FrameDetector): boolean {
    for (let step = 0; step < this.#feeds.length; step++) {
      const index = (this.#turn + step) % this.#feeds.length;
      const entry = this.#feeds[index];
      if (entry === undefined || entry.busy) {
        continue;
      }
      const frame = this.#takeFresh(entry.feed);
      if (frame !== undefined) {
        this.#turn = (index + 1) % this.#feeds.length;
        entry.busy = true;
        void this.#serve(detector, entry, frame);
        return true;
      }
    }
    return false;
  }

  #takeFresh(feed: FrameFeed<Frame>): Frame | undefined {
    const frame = feed.take();
    if (frame === undefined) {
      return undefined;
    }
    const ageMs = this.#options.clock.now() - frame.meta.captureTime;
    if (ageMs > (this.#options.stalenessMs ?? STALENESS_MS)) {
      feed.release(frame, "stale");
      return undefined;
    }
    return frame;
  }

  async #serve(
    detector: FrameDetector,
    entry: { readonly camera: string; readonly feed: FrameFeed<Frame>; busy: boolean },
    frame: Frame,
  ): Promise<void> {
    const { clock, onDetected, onFailed } = this.#options;
    const waitedMs = clock.now() - frame.meta.captureTime;
    const startedAt = performance.now();
    let outcome = "analysed";
    try {
      const result = await detector.detect(frame);
      onDetected(entry.camera, frame, result, {
        waitedMs,
        detectMs: performance.now() - startedAt,
        inferMs: result.inferMs,
        decodeMs: result.decodeMs,
      });
    } catch (error) {
      if (!(error instanceof AppError)) {
        throw error;
      }
      outcome = "inference-failed";
      onFailed(entry.camera, error);
    } finally {
      entry.feed.release(frame, outcome);
      entry.busy = false;
      this.pump();
    }
  }
}
