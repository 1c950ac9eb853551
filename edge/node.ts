/** An edge node: cameras, detectors, pipelines, outbox and uplink put together. */
import { readFileSync } from "node:fs";
import os from "node:os";
import type { CameraConfig, EdgeConfig } from "../config/index.ts";
import { loadManifest } from "../models/index.ts";
import {
  formatTime,
  PermanentError,
  TransientError,
  type CameraReport,
  type Clock,
  type EpochMs,
  type Heartbeat as HeartbeatBody,
} from "../protocol/index.ts";
import { CameraGate, type CameraLook, type GateReport } from "./camera-gate.ts";
import { CameraPipeline } from "./camera-pipeline.ts";
import { Control } from "./control.ts";
import {
  InferenceWatch,
  NodeMetrics,
  serveHealth,
  Tally,
  type HealthServer,
  type RuleCount,
} from "./health/index.ts";
import {
  chooseShape,
  Detector,
  Scheduler,
  type ModelReport,
  type WorkerSettings,
} from "./infer/index.ts";
import { CameraIngest, StartTurns, type FrameLease } from "./ingest/index.ts";
import { OpenAlarms } from "./open-alarms.ts";
import { Pressure } from "./pressure.ts";
import { Heartbeat, Outbox, Uplink } from "./uplink/index.ts";

export interface NodeLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface EdgeOptions {
  readonly config: EdgeConfig;
  /** Folder of prepared models. */
  readonly modelCacheDir: string;
  readonly version: string;
  readonly clock: Clock;
  /** 0 ≤ random < 1. */
  readonly random: () => number;
  /** A fresh UUID. */
  readonly newId: () => string;
  readonly log: NodeLog;
}

export interface EdgeNode {
  readonly model: ModelReport;
  readonly metricsPort: number;
  cameras(): readonly CameraReport[];
  close(): Promise<void>;
}

const BLIND_REASON = "something moves, but no frame of this camera is analysed";

/** A picture is missed when none has come for this long. */
const MISSING_STEP_MS = 1000;

/** Decoders that may be starting at the same time; each keeps a core busy for about half a second. */
const STARTS_PER_CORE = 2;

interface Camera {
  readonly ingest: CameraIngest;
  readonly gate: CameraGate;
  readonly pipeline: CameraPipeline;
}

/**
 * Starts everything; resolves when the model is loaded and the cameras are being connected.
 * @throws PermanentError for a missing model, a secret that cannot be read, a data directory that
 * another node holds, or a taken port. Cameras and the brain may be away: that is normal life.
 */
export async function startEdge(options: EdgeOptions): Promise<EdgeNode> {
  const node = new Node(options);
  try {
    await node.start();
  } catch (error) {
    await node.close();
    throw error;
  }
  return node;
}

class Node implements EdgeNode {
  readonly #options: EdgeOptions;
  readonly #closing = new AbortController();
  readonly #startedAt: EpochMs;
  readonly #tally: Tally;
  readonly #metrics: NodeMetrics;
  readonly #watch: InferenceWatch;
  readonly #pressure = new Pressure();
  readonly #turns: StartTurns;
  /** Something moves in front of them, but no look is completed. */
  readonly #blindCameras = new Set<string>();
  #detectors: readonly Detector[] = [];
  #scheduler: Scheduler<FrameLease, CameraLook> | undefined;
  readonly #cameras = new Map<string, Camera>();
  #outbox: Outbox | undefined;
  #uplink: Uplink | undefined;
  #heartbeat: Heartbeat | undefined;
  #control: Control | undefined;
  #health: HealthServer | undefined;
  #model: ModelReport | undefined;

  constructor(options: EdgeOptions) {
    const { clock, log } = options;
    this.#options = options;
    this.#startedAt = clock.now();
    this.#turns = new StartTurns({ clock, limit: STARTS_PER_CORE * os.availableParallelism() });
    this.#tally = new Tally(clock, log);
    this.#metrics = new NodeMetrics(() => ({
      cameras: this.cameras(),
      outboxDepth: this.#outbox?.depth() ?? 0,
      skewMs: nodeAhead(this.#heartbeat?.skewMs),
      counts: this.#counts(),
      plans: this.#control?.report() ?? [],
    }));
    this.#watch = new InferenceWatch({
      clock,
      onAlarm: (camera, waitingMs) => this.#blind(camera, waitingMs),
      onCleared: (camera) => this.#seeing(camera),
    });
  }

  get model(): ModelReport {
    if (this.#model === undefined) {
      throw new PermanentError("MODEL_MISSING", "The model has not been loaded yet");
    }
    return this.#model;
  }

  get metricsPort(): number {
    return this.#health?.port ?? 0;
  }

  cameras(): readonly CameraReport[] {
    return [...this.#cameras.values()].map(({ ingest }) => {
      const report = ingest.report();
      return this.#blindCameras.has(report.id) ? { ...report, reason: BLIND_REASON } : report;
    });
  }

  async start(): Promise<void> {
    const { config, log } = this.#options;
    const secret = readSecret(config.brain.secretFile);
    this.#openOutbox();
    const control = await this.#createControl(secret);
    await this.#startDetectors(control);
    reportModel(this.model, config, log);
    this.#watch.start();
    void this.#tellMissing();
    this.#health = await serveHealth(config.node.metricsPort, this.#metrics, () => this.#status());
    this.#connectBrain(secret);
    const openAlarms = new OpenAlarms(config.node.dataDir);
    for (const camera of config.cameras) {
      this.#addCamera(camera, openAlarms, control);
    }
    control.start();
  }

  /** Closes in reverse order of the way of the data; what was judged is stored first. */
  async close(): Promise<void> {
    await this.#control?.close();
    await Promise.all([...this.#cameras.values()].map(({ ingest }) => ingest.close()));
    this.#watch.close();
    for (const { gate } of this.#cameras.values()) {
      gate.close();
    }
    this.#closing.abort(new TransientError("UNAVAILABLE", "The node is closing"));
    await Promise.all(this.#detectors.map((detector) => detector.close()));
    await Promise.all([...this.#cameras.values()].map(({ pipeline }) => pipeline.drain()));
    await Promise.all([this.#heartbeat?.close(), this.#uplink?.close(), this.#health?.close()]);
    this.#outbox?.close();
    this.#metrics.close();
  }

  /** Rules about lost pictures need to hear of the time that passes without any. */
  async #tellMissing(): Promise<void> {
    const { clock } = this.#options;
    const { signal } = this.#closing;
    const pause = (): Promise<boolean> =>
      clock.wait(MISSING_STEP_MS, signal).then(
        () => !signal.aborted,
        () => false, // Closed meanwhile.
      );
    while (await pause()) {
      const now = clock.now();
      for (const { ingest, pipeline } of this.#cameras.values()) {
        if (now - ingest.lastFrameAt >= MISSING_STEP_MS) {
          pipeline.miss(now, ingest.lastFrameAt);
        }
      }
    }
  }

  #counts(): RuleCount[] {
    return [...this.#cameras].flatMap(([camera, { pipeline }]) =>
      pipeline
        .counts()
        .flatMap(({ rule, counts }) =>
          Object.entries(counts).map(([what, value]) => ({ camera, rule, what, value })),
        ),
    );
  }

  async #createControl(secret: string): Promise<Control> {
    const { config, clock, random, log } = this.#options;
    const { labels } = await loadManifest(config.model.id);
    this.#control = new Control({
      ...{ config, labels, secret, clock, random, log },
      cameras: this.#cameras,
      brainAheadMs: () => this.#heartbeat?.skewMs ?? 0,
      onClasses: (classes) => {
        for (const detector of this.#detectors) {
          detector.wantClasses(classes);
        }
      },
      onSwitchedOff: (camera) => this.#switchedOff(camera),
      onOrder: (kind, outcome) => this.#metrics.countOrder(kind, outcome),
    });
    return this.#control;
  }

  async #startDetectors(control: Control): Promise<void> {
    const { config, clock, log } = this.#options;
    const settings = this.#workerSettings(control.classes());
    const cores = os.availableParallelism();
    const shape = await chooseShape({ settings, asked: config.model, clock, cores, log });
    this.#detectors = Array.from({ length: shape.workers }, () =>
      this.#createDetector({ ...settings, threads: shape.threads }),
    );
    this.#scheduler = new Scheduler({ detectors: this.#detectors, clock });
    const models = await Promise.all(this.#detectors.map((detector) => detector.start()));
    this.#model = models[0];
    const { id: model, version, provider } = this.model;
    this.#metrics.describeModel({
      ...{ model, version, provider, asked: config.model.provider },
      ...{ workers: shape.workers, threads: shape.threads },
    });
  }

  #workerSettings(classes: readonly string[]): Omit<WorkerSettings, "threads"> {
    const { config, modelCacheDir } = this.#options;
    return {
      modelId: config.model.id,
      cacheDir: modelCacheDir,
      provider: config.model.provider,
      minScore: config.model.minScore,
      classes,
    };
  }

  #createDetector(settings: WorkerSettings): Detector {
    const { clock, log } = this.#options;
    return new Detector({
      settings,
      clock,
      onRestart: (reason) => log.error({ reason }, "an inference worker is being replaced"),
    });
  }

  #blind(camera: string, waitingMs: number): void {
    this.#blindCameras.add(camera);
    this.#metrics.setBlind(camera, true);
    this.#options.log.error({ camera, code: "INFERENCE_TIMEOUT", waitingMs }, BLIND_REASON);
  }

  #seeing(camera: string): void {
    this.#blindCameras.delete(camera);
    this.#metrics.setBlind(camera, false);
    this.#options.log.info({ camera }, "frames of this camera are analysed again");
  }

  /** No look is owed to anybody any more. */
  #switchedOff(camera: string): void {
    this.#watch.forget(camera);
    if (this.#blindCameras.delete(camera)) {
      this.#metrics.setBlind(camera, false);
    }
  }

  #openOutbox(): void {
    const { config, clock, log } = this.#options;
    this.#outbox = new Outbox({
      dataDir: config.node.dataDir,
      maxEvents: config.outbox.maxEvents,
      maxEvidenceMb: config.outbox.maxEvidenceMb,
      clock,
      log,
    });
  }

  #connectBrain(secret: string): void {
    const { config, clock, random, log } = this.#options;
    const outbox = this.#outbox;
    if (outbox === undefined) {
      return;
    }
    const link = { url: config.brain.url, nodeId: config.node.id, secret, clock, log };
    this.#uplink = new Uplink({ ...link, outbox, random });
    this.#heartbeat = new Heartbeat({
      ...link,
      heartbeatS: config.brain.heartbeatS,
      report: () => this.#beat(),
    });
    this.#uplink.start();
    this.#heartbeat.start();
  }

  #addCamera(camera: CameraConfig, openAlarms: OpenAlarms, control: Control): void {
    const { config, clock, random, newId, log } = this.#options;
    const outbox = this.#outbox;
    const scheduler = this.#scheduler;
    if (outbox === undefined || scheduler === undefined) {
      return;
    }
    const ingest = new CameraIngest({
      camera,
      clock,
      random,
      log,
      turns: this.#turns,
      onFrame: () => gate.onFrame(),
      onState: () => undefined, // The heartbeat tells it; the ingest logs it.
    });
    const pipeline = new CameraPipeline({
      nodeId: config.node.id,
      timeZone: config.node.timeZone,
      camera,
      rules: control.rulesOf(camera.id),
      model: () => this.model,
      clock,
      newId,
      store: outbox,
      openAlarms,
      observe: (stage, durationMs) => this.#metrics.observe(stage, durationMs),
      onStep: (rule, phase) => this.#metrics.countAlarm(camera.id, rule, phase),
      onFailure: (error) => {
        this.#metrics.countFailure(camera.id, error.code);
        this.#tally.add(camera.id, error);
      },
      signal: this.#closing.signal,
    });
    const { ring } = ingest;
    const report = this.#gateReport(camera.id);
    const pressure = this.#pressure;
    const gate = new CameraGate({ camera, ring, pipeline, scheduler, clock, report, pressure });
    this.#cameras.set(camera.id, { ingest, gate, pipeline });
    ingest.start();
  }

  #gateReport(camera: string): GateReport {
    const metrics = this.#metrics;
    return {
      gated: (durationMs, verdict) => {
        metrics.observe("gate", durationMs);
        metrics.countVerdict(camera, verdict);
      },
      moving: () => this.#watch.motion(camera),
      looked: (look, timings, ageMs) => {
        this.#watch.completed(camera);
        metrics.countLook(camera, look.kind);
        metrics.noteServedAge(timings.waitedMs);
        metrics.observe("wait", timings.waitedMs);
        metrics.observe("detect", timings.detectMs);
        metrics.observe("infer", timings.inferMs);
        metrics.observe("decode", timings.decodeMs);
        metrics.observe("age", ageMs);
      },
      failed: (error) => {
        metrics.countFailure(camera, error.code);
        this.#tally.add(camera, error);
      },
    };
  }

  #beat(): Omit<HeartbeatBody, "sentAt"> {
    const { config, version } = this.#options;
    return {
      nodeId: config.node.id,
      startedAt: formatTime(this.#startedAt),
      version,
      model: `${this.model.id} ${this.model.version}`,
      provider: this.model.provider,
      outboxDepth: this.#outbox?.depth() ?? 0,
      cameras: [...this.cameras()],
    };
  }

  #status(): { ok: boolean; body: unknown } {
    const cameras = this.cameras();
    const canDetect = this.#detectors.some((one) => one.model !== undefined);
    const ok = canDetect && this.#blindCameras.size === 0;
    const brain = this.#uplink?.events;
    return { ok, body: { ok, model: this.#model, cameras, brain, outbox: this.#outbox?.depth() } };
  }
}

/** The heartbeat measures the brain's clock against the node's; metrics tell the node's. */
function nodeAhead(brainAheadMs: number | undefined): number | undefined {
  return brainAheadMs === undefined ? undefined : -brainAheadMs;
}

function reportModel(model: ModelReport, config: EdgeConfig, log: NodeLog): void {
  const fields = { asked: config.model.provider, ...model };
  if (model.fallbackReason === undefined) {
    log.info(fields, "the model is loaded");
  } else {
    log.warn(fields, "the model is loaded, but not on the provider that was asked for");
  }
}

function readSecret(file: string): string {
  try {
    return readFileSync(file, "utf8").trim();
  } catch (error) {
    throw new PermanentError(
      "CONFIG_INVALID",
      "The node's secret cannot be read",
      { where: file, expected: "a file with the secret that the brain has for this node" },
      error,
    );
  }
}
