import type { CameraConfig } from "../../config/index.ts";
import {
  AppError,
  type CameraReport,
  type CameraState,
  type Clock,
  type EpochMs,
  formatTime,
  PermanentError,
  redactUrl,
  TransientError,
} from "../../protocol/index.ts";
import { Backoff } from "./backoff.ts";
import { CameraSink } from "./camera-sink.ts";
import type { CaptureTime } from "./capture-clock.ts";
import { FfmpegSource } from "./ffmpeg-source.ts";
import type { FrameHeader } from "./frame.ts";
import { FrameRing, type FrameRingOptions } from "./frame-ring.ts";
import type { FrameSource } from "./frame-source.ts";
import type { StartTurns } from "./start-turns.ts";
import { applyMasks, type MaskPlan, planMasks } from "./mask.kernel.ts";

/** What the stage logs with; pino fits. */
export interface IngestLog {
  info(fields: Readonly<Record<string, unknown>>, message: string): void;
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
  error(fields: Readonly<Record<string, unknown>>, message: string): void;
}

export interface CameraIngestOptions {
  readonly camera: CameraConfig;
  readonly clock: Clock;
  /** Uniform in [0, 1), for jitter. */
  readonly random: () => number;
  readonly log: IngestLog;
  /** A new frame is pending in the ring. */
  onFrame(): void;
  onState(report: CameraReport): void;
  /** FFmpeg on the camera's source where absent. */
  readonly source?: FrameSource;
  /** Name or path of FFmpeg. */
  readonly ffmpeg?: string;
  readonly ring?: FrameRingOptions;
  /** Shared by the cameras of a node; without, the source starts at once. */
  readonly turns?: StartTurns;
}

/** Silence is looked for in steps of this length, so it is noticed after 3.5 to 4 s, and within 5 s on a busy machine. */
const SILENCE_STEP_MS = 500;
const LIVE_SILENCE_MS = 3_500;
/** A first picture may have to wait for a key frame, and some cameras send one in 10 s. */
const FIRST_FRAME_MS = 15_000;
/** Where only key frames are decoded a picture may be this long in coming. */
const KEYFRAMES_SILENCE_MS = 15_000;
/** At very low rates silence is more than two missing frames. */
const SILENT_PERIODS = 2.5;

const FIRST_RETRY_MS = 250;
const MAX_RETRY_MS = 8_000;
/** Files and packages can appear, passwords can be corrected: hopeless is retried, slowly. */
const PERMANENT_RETRY_MS = 20_000;
/** A connection that lasted this long was a good one: the next failure starts small again. */
const STABLE_MS = 10_000;

const MAX_REASON_CHARS = 300;

/**
 * Keeps one camera delivering: runs its source, notices silence, restarts it with growing pauses
 * and never gives up; counts every frame; tells each change of state once.
 */
export class CameraIngest implements AsyncDisposable {
  readonly ring: FrameRing;
  readonly #options: CameraIngestOptions;
  readonly #source: FrameSource;
  readonly #backoff: Backoff;
  readonly #stop = new AbortController();
  #state: CameraState = "connecting";
  #since: EpochMs;
  #reason: string | undefined;
  #reconnects = 0;
  #sequence = 0;
  #lastFrameAt: EpochMs;
  #masks: { readonly width: number; readonly height: number; readonly plan: MaskPlan } | undefined;
  #running: Promise<void> | undefined;

  constructor(options: CameraIngestOptions) {
    this.#options = options;
    const { camera, clock, random, ffmpeg } = options;
    this.ring = new FrameRing(options.ring);
    this.#source =
      options.source ??
      new FfmpegSource({ ...camera, clock, ...(ffmpeg === undefined ? {} : { binary: ffmpeg }) });
    this.#backoff = new Backoff({ firstMs: FIRST_RETRY_MS, maxMs: MAX_RETRY_MS, random });
    this.#since = clock.now();
    this.#lastFrameAt = clock.now();
  }

  /** When the last frame came; the start while none has. */
  get lastFrameAt(): EpochMs {
    return this.#lastFrameAt;
  }

  start(): void {
    this.#running ??= this.#keepRunning();
  }

  report(): CameraReport {
    const { camera } = this.#options;
    const { captured, analysed, dropped } = this.ring.counters();
    return {
      id: camera.id,
      name: camera.name,
      state: this.#state,
      since: formatTime(this.#since),
      captured,
      analysed,
      dropped: { ...dropped },
      reconnects: this.#reconnects,
      ...(this.#reason === undefined ? {} : { reason: this.#reason }),
    };
  }

  /** Ends the source and everything it started; leases may still be released afterwards. */
  async close(): Promise<void> {
    this.#stop.abort(new TransientError("UNAVAILABLE", "The camera is being closed"));
    await this.#running;
    this.ring.dropPending("closed");
    this.#enter("ended", undefined);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #keepRunning(): Promise<void> {
    const { clock } = this.#options;
    const { signal } = this.#stop;
    const isStopped = (): boolean => signal.aborted;
    while (!isStopped()) {
      const failure = await this.#runOnce();
      if (isStopped()) {
        return;
      }
      this.#fail(failure);
      const delayMs =
        failure instanceof PermanentError ? this.#slowRetryMs() : this.#backoff.next();
      await clock.wait(delayMs, signal).catch(() => undefined);
    }
  }

  /** One life of the source: why it ended. */
  async #runOnce(): Promise<unknown> {
    let endTurn: (() => void) | undefined;
    try {
      endTurn = await this.#options.turns?.take(this.#stop.signal);
    } catch (error) {
      return error;
    }
    const life = new AbortController();
    const onStop = (): void => life.abort(this.#stop.signal.reason);
    this.#stop.signal.addEventListener("abort", onStop, { once: true });
    const sink = new CameraSink(this.ring, (header, pixels, time) => {
      endTurn?.();
      this.#publish(header, pixels, time);
    });
    const watching = this.#watch(sink, life);
    try {
      await this.#source.run(sink, life.signal);
      return new TransientError("DECODER_FAILED", "The source ended");
    } catch (error) {
      // The reason of an abort says more than what the source made of it.
      return life.signal.aborted ? life.signal.reason : error;
    } finally {
      endTurn?.();
      this.#stop.signal.removeEventListener("abort", onStop);
      life.abort();
      this.ring.abandon();
      await watching;
    }
  }

  /** Aborts `life` when no frame comes. Counts steps, not time, so a clock that is set is harmless. */
  async #watch(sink: CameraSink, life: AbortController): Promise<void> {
    const { maxFps, decode } = this.#options.camera;
    const usualMs = decode.mode === "keyframes" ? KEYFRAMES_SILENCE_MS : LIVE_SILENCE_MS;
    const liveMs = Math.max(usualMs, (SILENT_PERIODS * 1000) / maxFps);
    let seen = 0;
    let quietMs = 0;
    while (await this.#step(life.signal)) {
      quietMs = sink.frames === seen ? quietMs + SILENCE_STEP_MS : 0;
      seen = sink.frames;
      if (quietMs < liveMs) {
        continue;
      }
      const silence = this.#silence(quietMs);
      if (seen > 0 || quietMs >= Math.max(FIRST_FRAME_MS, liveMs)) {
        // Told before the decoder has gone, which one that ignores SIGTERM takes a while for.
        this.#fail(silence);
        life.abort(silence);
      } else if (this.#state === "connecting") {
        this.#fail(silence);
      }
    }
  }

  #step(signal: AbortSignal): Promise<boolean> {
    return this.#options.clock.wait(SILENCE_STEP_MS, signal).then(
      () => !signal.aborted,
      () => false,
    );
  }

  #silence(quietMs: number): TransientError {
    return new TransientError("DECODER_SILENT", `No picture for ${String(quietMs / 1000)} s`, {
      where: redactUrl(this.#options.camera.source),
    });
  }

  #publish(header: FrameHeader, pixels: Uint8Array, time: CaptureTime): void {
    const { width, height, ptsS = Number.NaN } = header;
    applyMasks(pixels, this.#maskPlan(width, height));
    this.#lastFrameAt = this.#options.clock.now();
    this.ring.publish({ sequence: this.#sequence++, ...time, ptsS, width, height });
    if (this.#state !== "live") {
      this.#enter("live", undefined);
    }
    this.#options.onFrame();
  }

  #maskPlan(width: number, height: number): MaskPlan {
    if (this.#masks?.width !== width || this.#masks.height !== height) {
      const plan = planMasks(this.#options.camera.masks, width, height);
      this.#masks = { width, height, plan };
    }
    return this.#masks.plan;
  }

  #slowRetryMs(): number {
    return PERMANENT_RETRY_MS * (0.5 + this.#options.random());
  }

  #fail(failure: unknown): void {
    if (this.#state === "live" && this.#options.clock.now() - this.#since >= STABLE_MS) {
      this.#backoff.reset();
    }
    const code = failure instanceof AppError ? failure.code : "INTERNAL";
    const text = failure instanceof Error ? failure.message : String(failure);
    const reason = redactUrl(text).slice(0, MAX_REASON_CHARS);
    this.#enter(code === "DECODER_SILENT" ? "silent" : "lost", { code, reason, failure });
  }

  #enter(
    state: CameraState,
    why: { readonly code: string; readonly reason: string; readonly failure: unknown } | undefined,
  ): void {
    const { camera, clock, log, onState } = this.#options;
    const isOutage = state === "lost" || state === "silent";
    const wasOutage = this.#state === "lost" || this.#state === "silent";
    const isNew = state !== this.#state || why?.reason !== this.#reason;
    if (!isNew) {
      return;
    }
    if (state === "live" && wasOutage) {
      this.#reconnects++;
    }
    const previous = this.#state;
    this.#reason = why?.reason;
    if (state !== previous) {
      this.#state = state;
      this.#since = clock.now();
      onState(this.report());
    }
    const fields = {
      camera: camera.id,
      state,
      previous,
      ...(why && { code: why.code, reason: why.reason }),
    };
    if (!isOutage) {
      log.info(fields, `camera is ${state}`);
    } else if (!wasOutage || why?.failure instanceof PermanentError) {
      const write = why?.failure instanceof PermanentError ? log.error : log.warn;
      write.call(log, fields, `camera is ${state}`);
    }
  }
}
