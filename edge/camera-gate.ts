/**
 * What of one camera's frames is worth a look: every frame passes the motion gate on the main
 * thread; most end here. The others wait in the scheduler, with the parts to look at and how soon.
 */
import { isDeepStrictEqual } from "node:util";
import type { CameraConfig, RuleConfig } from "../config/index.ts";
import {
  sharedArea,
  TransientError,
  type AppError,
  type BoxNorm,
  type Clock,
  type EpochMs,
  type PolygonNorm,
} from "../protocol/index.ts";
import type { CameraPipeline } from "./camera-pipeline.ts";
import { copyPicture, type Picture } from "./evidence/index.ts";
import {
  LookPlanner,
  MotionGate,
  PictureWatch,
  type GateVerdict,
  type Look,
  type PictureState,
} from "./gate/index.ts";
import type { DetectResult, FrameTimings, LookRequest, Scheduler } from "./infer/index.ts";
import type { FrameLease, FrameRing } from "./ingest/index.ts";
import type { Pressure } from "./pressure.ts";

export interface CameraLook extends LookRequest {
  readonly look: Look;
}

/** What the gate tells of its work. */
export interface GateReport {
  gated(durationMs: number, verdict: GateVerdict["kind"]): void;
  /** Something moves, so a completed look is owed. */
  moving(): void;
  looked(look: Look, timings: FrameTimings, ageMs: number): void;
  failed(error: AppError): void;
}

export interface CameraGateOptions {
  readonly camera: CameraConfig;
  readonly ring: FrameRing;
  readonly pipeline: CameraPipeline;
  readonly scheduler: Scheduler<FrameLease, CameraLook>;
  readonly clock: Clock;
  readonly report: GateReport;
  /** Shared by the cameras of a node. */
  readonly pressure: Pressure;
}

/** A copy of one picture, and when it was taken. */
export interface TakenPicture extends Picture {
  readonly capturedAt: EpochMs;
}

/** Cause of a frame's drop while the control room has switched its camera off. */
const SWITCHED_OFF = "switched-off";

/** A second look after something odd comes this much later, so that the picture can have changed. */
const RECHECK_MS = 1000;
/** After the last motion one whole look settles what stays; moving shadows have gone by then. */
const SETTLE_MS = 300;
/** An urgent camera is looked at this many times as often, at most at its own frame rate. */
const URGENCY = 2;
/** The tracker starts nothing below this score. */
const SURE = 0.5;

/**
 * A frame that reaches the gate later than this says that the node cannot keep up with its cameras.
 * It is dropped unseen: work on it would make the next ones later still, until all are too old.
 */
const LATE_MS = 400;

export class CameraGate {
  readonly #options: CameraGateOptions;
  #gate: MotionGate;
  #planner: LookPlanner;
  /** Only where some rule asks what the picture itself tells: it costs half of what the gate does. */
  #watch: PictureWatch | undefined;
  /** Zones that the watch looks into finely. */
  #fineZones: readonly PolygonNorm[] = [];
  /** A whole look is wanted from this time on. */
  #wholeAt: EpochMs = Infinity;
  #wasMoving = false;
  #seenAt: EpochMs = -Infinity;
  #size = { width: 0, height: 0 };
  #isOn: boolean;
  /** Who waits for a copy of the next picture. */
  readonly #wanted = new Set<(picture: TakenPicture) => void>();

  constructor(options: CameraGateOptions) {
    const { camera, scheduler } = options;
    this.#options = options;
    this.#gate = new MotionGate({ masks: camera.masks });
    this.#planner = new LookPlanner({ fullLookMs: camera.analysis.fullLookS * 1000 });
    this.#isOn = options.pipeline.isAnalysed;
    this.#fitWatch();
    scheduler.add(camera.id, {
      minFps: camera.analysis.minFps,
      release: (frame, outcome) => options.ring.release(frame, outcome),
      onDetected: (frame, request, result, timings) => this.#judge(frame, request, result, timings),
      onFailed: (error) => options.report.failed(error),
    });
  }

  /** Pixels of the pictures that come; 0 while none has. */
  get size(): { readonly width: number; readonly height: number } {
    return this.#size;
  }

  /** The pipeline has other rules. A camera that is switched on again is learned anew. */
  refresh(): void {
    const { camera, scheduler, pipeline } = this.#options;
    if (this.#isOn && !pipeline.isAnalysed) {
      scheduler.withdraw(camera.id, SWITCHED_OFF);
    } else if (!this.#isOn && pipeline.isAnalysed) {
      this.#gate = new MotionGate({ masks: camera.masks });
      this.#planner = new LookPlanner({ fullLookMs: camera.analysis.fullLookS * 1000 });
      this.#wholeAt = Infinity;
      this.#wasMoving = false;
    }
    this.#isOn = pipeline.isAnalysed;
    this.#fitWatch();
  }

  /**
   * A copy of the next picture that comes, masked as all are.
   * @throws the signal's reason when it is aborted first.
   */
  async takePicture(signal: AbortSignal): Promise<TakenPicture> {
    signal.throwIfAborted();
    return new Promise((resolve, reject) => {
      const onPicture = (picture: TakenPicture): void => {
        signal.removeEventListener("abort", onAbort);
        resolve(picture);
      };
      const onAbort = (): void => {
        this.#wanted.delete(onPicture);
        reject(
          new TransientError("DECODER_SILENT", "No picture of the camera came in time", {
            where: this.#options.camera.id,
          }),
        );
      };
      signal.addEventListener("abort", onAbort, { once: true });
      this.#wanted.add(onPicture);
    });
  }

  /** Takes the newest frame out of the ring and decides about it; call it once per frame. */
  onFrame(): void {
    const { camera, ring, scheduler, pipeline } = this.#options;
    this.#noteSize(ring.peek());
    if (!this.#isOn) {
      ring.dropPending(SWITCHED_OFF);
      return;
    }
    const frame = ring.take();
    if (frame === undefined) {
      return;
    }
    this.#hand(frame);
    const unseen = this.#whyUnseen(frame.meta.captureTime);
    if (unseen !== undefined) {
      ring.release(frame, unseen);
      return;
    }
    const verdict = this.#look(frame);
    const request =
      camera.analysis.gate && verdict ? this.#decide(frame, verdict) : this.#ungated();
    if (request !== undefined) {
      scheduler.offer(camera.id, frame, request);
      return;
    }
    // While a look is under way its frame is older: time must not run backwards for the tracks.
    if (!scheduler.isBusy(camera.id)) {
      pipeline.hold(frame);
    }
    ring.release(frame, "gate");
  }

  #noteSize(meta: FrameLease["meta"] | undefined): void {
    const { width, height } = this.#size;
    if (meta !== undefined && (meta.width !== width || meta.height !== height)) {
      this.#size = { width: meta.width, height: meta.height };
    }
  }

  #hand(frame: FrameLease): void {
    if (this.#wanted.size > 0) {
      const picture = { ...copyPicture(frame), capturedAt: frame.meta.captureTime };
      const wanted = [...this.#wanted];
      this.#wanted.clear();
      wanted.forEach((take) => take(picture));
    }
  }

  /** The watch keeps what it knows of the picture as long as it looks into the same zones. */
  #fitWatch(): void {
    const { camera, pipeline } = this.#options;
    if (!pipeline.watchesPicture) {
      this.#watch = undefined;
      return;
    }
    const fineZones = fineZonesOf(pipeline.activeRules());
    if (this.#watch === undefined || !isDeepStrictEqual(fineZones, this.#fineZones)) {
      this.#fineZones = fineZones;
      this.#watch = new PictureWatch({ masks: camera.masks, fineZones });
    }
  }

  #whyUnseen(at: EpochMs): "late" | "pressed" | undefined {
    const { clock, pressure, report, camera } = this.#options;
    const now = clock.now();
    pressure.note(now, now - at);
    if (now - at > LATE_MS) {
      report.moving(); // Nobody knows what it shows: unanswered, that is blindness.
      return "late";
    }
    const gapMs = Math.min(pressure.gapMs, 1000 / camera.analysis.minFps);
    if (at - this.#seenAt < gapMs) {
      return "pressed";
    }
    this.#seenAt = at;
    return undefined;
  }

  /** Gives back what still waits. */
  close(): void {
    this.#options.scheduler.withdraw(this.#options.camera.id, "closed");
  }

  /** Every frame may show something, so every frame is owed a look. */
  #ungated(): CameraLook {
    this.#options.report.moving();
    return this.#wholeRequest(true);
  }

  /** Where nobody asks for the gate and no rule for the picture, nothing is looked at. */
  #look(frame: FrameLease): GateVerdict | undefined {
    const { camera, report } = this.#options;
    if (!camera.analysis.gate && this.#watch === undefined) {
      return undefined;
    }
    const startedAt = performance.now();
    const { width, height } = frame;
    const luma = new Uint8Array(frame.buffer, frame.byteOffset, width * height);
    const verdict = this.#gate.look(luma, width, height, frame.meta.captureTime);
    const picture = this.#picture(frame, luma, verdict);
    report.gated(performance.now() - startedAt, verdict.kind);
    if (picture !== undefined) {
      this.#options.pipeline.watch(frame, picture);
    }
    return verdict;
  }

  #picture(frame: FrameLease, luma: Uint8Array, verdict: GateVerdict): PictureState | undefined {
    const { sight } = this.#gate;
    const objects = this.#options.pipeline.boxes();
    return sight && this.#watch?.look(luma, verdict, sight, objects, frame.meta.captureTime);
  }

  #decide(frame: FrameLease, verdict: GateVerdict): CameraLook | undefined {
    const { report, pipeline } = this.#options;
    const at = frame.meta.captureTime;
    const planned = this.#planner.plan(verdict, pipeline.boxes(), at);
    // While the gate still learns what is usual, everything may be moving.
    const isMoving = verdict.kind !== "still" && verdict.kind !== "lighting";
    if (isMoving) {
      report.moving();
    } else if (this.#wasMoving) {
      this.#wantWhole(at + SETTLE_MS);
    }
    this.#wasMoving = isMoving;
    if (at >= this.#wholeAt || verdict.kind === "calibrating") {
      return this.#wholeRequest(isMoving);
    }
    return planned && this.#request(planned, isMoving);
  }

  #request(look: Look, isMoving: boolean): CameraLook {
    return look.kind === "regions"
      ? { look, regions: look.regions, ...this.#pace(isMoving) }
      : { look, ...this.#pace(isMoving) };
  }

  #wholeRequest(isMoving: boolean): CameraLook {
    return { look: { kind: "full" }, ...this.#pace(isMoving) };
  }

  #pace(isMoving: boolean): Pick<CameraLook, "periodMs" | "busyPeriodMs" | "isPaced"> {
    const { camera, pipeline } = this.#options;
    const { targetFps, fullLookS } = camera.analysis;
    if (!isMoving) {
      return { periodMs: fullLookS * 1000, isPaced: false };
    }
    const fps = Math.min(camera.maxFps, pipeline.isUrgent ? targetFps * URGENCY : targetFps);
    const aimFps = Math.min(camera.maxFps, targetFps);
    return { periodMs: 1000 / fps, busyPeriodMs: 1000 / aimFps, isPaced: true };
  }

  #judge(
    frame: FrameLease,
    { look, regions }: CameraLook,
    result: DetectResult,
    timings: FrameTimings,
  ): void {
    const { pipeline, report, clock } = this.#options;
    if (!this.#isOn) {
      return; // Switched off while the model looked.
    }
    const at = frame.meta.captureTime;
    pipeline.judge(frame, result.detections, regions);
    this.#planner.done(look, at);
    if (look.kind === "full" && at >= this.#wholeAt) {
      this.#wholeAt = Infinity;
    }
    if (pipeline.wantsRecheck) {
      this.#wantWhole(at + RECHECK_MS);
    }
    if (isUnexplained(result.clipped, pipeline.boxes())) {
      this.#wantWhole(at);
    }
    report.looked(look, timings, clock.now() - at);
  }

  #wantWhole(at: EpochMs): void {
    this.#wholeAt = Math.min(this.#wholeAt, at);
  }
}

/** A cut object of which nothing is known needs a look at the whole of it. */
function isUnexplained(clipped: DetectResult["clipped"], known: readonly BoxNorm[]): boolean {
  return clipped.some(
    (one) => one.score >= SURE && !known.some((box) => sharedArea(box, one.box) > 0),
  );
}

/** Where small fast things matter. */
function fineZonesOf(rules: readonly RuleConfig[]): readonly PolygonNorm[] {
  return rules.flatMap((rule) => (rule.kind === "thrown-object" ? [rule.zone] : []));
}
