/**
 * One scheduler for all cameras. Each camera has one slot for the newest frame that is worth a
 * look, and at most one frame in flight, so that its tracks see frames in order. A free detector
 * gets the frame of the camera that is most overdue for what it needs; a frame older than the
 * staleness budget is dropped, not served. Nothing queues, so overload shows as fewer looks per
 * camera, evenly, and never as old ones.
 */
import { AppError, type BoxNorm, type Clock, type EpochMs } from "../../protocol/index.ts";
import type { DetectResult, PictureView } from "./detector.ts";

export interface ScheduledFrame extends PictureView {
  readonly meta: { readonly captureTime: EpochMs };
}

/** What a camera wants to be looked at. */
export interface LookRequest {
  /** Parts of the picture; the whole picture when left out. */
  readonly regions?: readonly BoxNorm[];
  /** How long this camera may go without a look at present, ms; smaller is more urgent. */
  readonly periodMs: number;
  /** Frames that come sooner after the last look are not worth one (`paced`). */
  readonly isPaced: boolean;
  /** The pace while the detectors are busy: extra looks are for idle ones. `periodMs` if left out. */
  readonly busyPeriodMs?: number;
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

export interface SchedulerOptions {
  readonly detectors: readonly FrameDetector[];
  readonly clock: Clock;
  readonly stalenessMs?: number;
}

/** How the scheduler speaks to one camera. */
export interface CameraLane<Frame extends ScheduledFrame, Request extends LookRequest> {
  /** Tells what became of a frame: `analysed` or the cause of its drop. */
  release(frame: Frame, outcome: string): void;
  /** Takes the detections while the frame's pixels are still held; must not wait. */
  onDetected(frame: Frame, request: Request, result: DetectResult, timings: FrameTimings): void;
  onFailed(error: AppError): void;
  /** No camera with work to do gets fewer looks a second than this while the node can afford it. */
  readonly minFps: number;
}

interface Entry<Frame extends ScheduledFrame, Request extends LookRequest> {
  readonly lane: CameraLane<Frame, Request>;
  waiting: { readonly frame: Frame; readonly request: Request } | undefined;
  isBusy: boolean;
  /** When the frame looked at last was handed over; the basis of fairness. */
  servedAt: EpochMs;
  /** Capture time at which the present period of the pace began. */
  pacedAt: EpochMs;
}

/** Half a second: what is older no longer shows where people are. */
const STALENESS_MS = 500;
/** A camera below its floor goes before those above it. */
const FLOOR_WEIGHT = 4;
/** Share of the detectors' time in use from which looks beyond the aim are not worth it. */
const BUSY = 0.6;
const LOAD_WINDOW_MS = 1000;
/** Earliness that the pace forgives, in periods, so that jitter does not halve the rate. */
const PACE_SLACK = 0.25;

export class Scheduler<Frame extends ScheduledFrame, Request extends LookRequest> {
  readonly #options: SchedulerOptions;
  readonly #entries = new Map<string, Entry<Frame, Request>>();
  readonly #load = { share: 0, at: 0 as EpochMs };

  constructor(options: SchedulerOptions) {
    this.#options = options;
  }

  add(camera: string, lane: CameraLane<Frame, Request>): void {
    this.#entries.set(camera, {
      lane,
      waiting: undefined,
      isBusy: false,
      servedAt: -Infinity,
      pacedAt: -Infinity,
    });
  }

  /** A frame of this camera is being looked at. */
  isBusy(camera: string): boolean {
    return this.#entries.get(camera)?.isBusy ?? false;
  }

  /** Takes over the frame: it is released once, looked at or not. */
  offer(camera: string, frame: Frame, request: Request): void {
    const entry = this.#entries.get(camera);
    if (entry === undefined) {
      throw new Error(`offer() of a camera that was never added: ${camera}`);
    }
    const dueAt = entry.pacedAt + this.#paceOf(request) * (1 - PACE_SLACK);
    if (request.isPaced && frame.meta.captureTime < dueAt) {
      entry.lane.release(frame, "paced");
      return;
    }
    this.withdraw(camera, "superseded");
    entry.waiting = { frame, request };
    this.pump();
  }

  /** Gives up the frame that waits, if any. */
  withdraw(camera: string, cause: string): void {
    const entry = this.#entries.get(camera);
    if (entry?.waiting !== undefined) {
      const { frame } = entry.waiting;
      entry.waiting = undefined;
      entry.lane.release(frame, cause);
    }
  }

  /** Hands out work while there is any; call it whenever a detector becomes free. */
  pump(): void {
    for (const detector of this.#options.detectors) {
      if (detector.ready && !this.#serveNext(detector)) {
        return;
      }
    }
  }

  /** @returns false when no camera has a frame to serve. */
  #serveNext(detector: FrameDetector): boolean {
    const now = this.#options.clock.now();
    this.#dropStale(now);
    let next: Entry<Frame, Request> | undefined;
    let highest = -Infinity;
    for (const entry of this.#entries.values()) {
      if (entry.waiting !== undefined && !entry.isBusy) {
        const overdue = overdueOf(entry, entry.waiting.request, now);
        if (overdue > highest) {
          highest = overdue;
          next = entry;
        }
      }
    }
    if (next?.waiting === undefined) {
      return false;
    }
    const { frame, request } = next.waiting;
    next.waiting = undefined;
    next.isBusy = true;
    next.servedAt = now;
    if (request.isPaced) {
      // The debt is kept up to half a period, so that 6 frames a second give 5 looks and not 3.
      const periodMs = this.#paceOf(request);
      next.pacedAt = Math.max(next.pacedAt + periodMs, frame.meta.captureTime - periodMs / 2);
    }
    void this.#serve(detector, next, frame, request);
    return true;
  }

  #paceOf({ periodMs, busyPeriodMs }: LookRequest): number {
    return this.#loadNow() > BUSY ? (busyPeriodMs ?? periodMs) : periodMs;
  }

  /** Share of the detectors' time in use, 0–1, fading over a second. */
  #loadNow(): number {
    const elapsedMs = this.#options.clock.now() - this.#load.at;
    return this.#load.share * Math.exp(-Math.max(0, elapsedMs) / LOAD_WINDOW_MS);
  }

  #noteLoad(busyMs: number): void {
    const share = busyMs / LOAD_WINDOW_MS / this.#options.detectors.length;
    this.#load.share = this.#loadNow() + share;
    this.#load.at = this.#options.clock.now();
  }

  #dropStale(now: EpochMs): void {
    const stalenessMs = this.#options.stalenessMs ?? STALENESS_MS;
    for (const entry of this.#entries.values()) {
      const frame = entry.waiting?.frame;
      if (frame !== undefined && now - frame.meta.captureTime > stalenessMs) {
        entry.waiting = undefined;
        entry.lane.release(frame, "stale");
      }
    }
  }

  async #serve(
    detector: FrameDetector,
    entry: Entry<Frame, Request>,
    frame: Frame,
    request: Request,
  ): Promise<void> {
    const waitedMs = this.#options.clock.now() - frame.meta.captureTime;
    const startedAt = performance.now();
    let outcome = "analysed";
    try {
      const { buffer, byteOffset, width, height } = frame;
      const { regions } = request;
      const result = await detector.detect({
        ...{ buffer, byteOffset, width, height },
        ...(regions === undefined ? {} : { regions }),
      });
      const { inferMs, decodeMs } = result;
      const detectMs = performance.now() - startedAt;
      entry.lane.onDetected(frame, request, result, { waitedMs, detectMs, inferMs, decodeMs });
    } catch (error) {
      if (!(error instanceof AppError)) {
        throw error;
      }
      outcome = "inference-failed";
      entry.lane.onFailed(error);
    } finally {
      this.#noteLoad(this.#options.clock.now() - entry.servedAt);
      entry.lane.release(frame, outcome);
      entry.isBusy = false;
      this.pump();
    }
  }
}

/** How many of its periods a camera has gone without a look. */
function overdueOf<Frame extends ScheduledFrame, Request extends LookRequest>(
  entry: Entry<Frame, Request>,
  request: LookRequest,
  now: EpochMs,
): number {
  const sinceMs = now - entry.servedAt;
  const overdue = sinceMs / request.periodMs;
  return request.isPaced && sinceMs > 1000 / entry.lane.minFps ? overdue * FLOOR_WEIGHT : overdue;
}
