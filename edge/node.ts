/** An edge node: cameras, detectors, pipelines, outbox and uplink put together. */
import { readFileSync } from "node:fs";
import type { CameraConfig, EdgeConfig } from "../config/index.ts";
import {
  formatTime,
  PermanentError,
  TransientError,
  type CameraReport,
  type Clock,
  type EpochMs,
  type Heartbeat as HeartbeatBody,
} from "../protocol/index.ts";
import { CameraPipeline } from "./camera-pipeline.ts";
import { NodeMetrics, serveHealth, Tally, type HealthServer } from "./health/index.ts";
import { Detector, Scheduler, type ModelReport } from "./infer/index.ts";
import { CameraIngest, type FrameLease } from "./ingest/index.ts";
import { OpenAlarms } from "./open-alarms.ts";
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

interface Camera {
  readonly ingest: CameraIngest;
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
  readonly #detectors: readonly Detector[];
  readonly #scheduler: Scheduler<FrameLease>;
  readonly #cameras = new Map<string, Camera>();
  #outbox: Outbox | undefined;
  #uplink: Uplink | undefined;
  #heartbeat: Heartbeat | undefined;
  #health: HealthServer | undefined;
  #model: ModelReport | undefined;

  constructor(options: EdgeOptions) {
    const { config, clock, log } = options;
    this.#options = options;
    this.#startedAt = clock.now();
    this.#tally = new Tally(clock, log);
    this.#metrics = new NodeMetrics(() => ({
      cameras: this.cameras(),
      outboxDepth: this.#outbox?.depth() ?? 0,
      skewMs: nodeAhead(this.#heartbeat?.skewMs),
    }));
    this.#detectors = Array.from({ length: config.model.workers }, () => this.#createDetector());
    this.#scheduler = this.#createScheduler();
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
    return [...this.#cameras.values()].map(({ ingest }) => ingest.report());
  }

  async start(): Promise<void> {
    const { config, log } = this.#options;
    const secret = readSecret(config.brain.secretFile);
    this.#openOutbox();
    const models = await Promise.all(this.#detectors.map((detector) => detector.start()));
    this.#model = models[0];
    reportModel(this.model, config, log);
    this.#health = await serveHealth(config.node.metricsPort, this.#metrics, () => this.#status());
    this.#connectBrain(secret);
    const openAlarms = new OpenAlarms(config.node.dataDir);
    for (const camera of config.cameras) {
      this.#addCamera(camera, openAlarms);
    }
  }

  /** Closes in reverse order of the way of the data; what was judged is stored first. */
  async close(): Promise<void> {
    await Promise.all([...this.#cameras.values()].map(({ ingest }) => ingest.close()));
    this.#closing.abort(new TransientError("UNAVAILABLE", "The node is closing"));
    await Promise.all(this.#detectors.map((detector) => detector.close()));
    await Promise.all([...this.#cameras.values()].map(({ pipeline }) => pipeline.drain()));
    await Promise.all([this.#heartbeat?.close(), this.#uplink?.close(), this.#health?.close()]);
    this.#outbox?.close();
  }

  #createDetector(): Detector {
    const { config, modelCacheDir, clock, log } = this.#options;
    const classes = new Set(
      config.cameras.flatMap((camera) => camera.rules.flatMap((rule) => rule.classes)),
    );
    return new Detector({
      settings: {
        modelId: config.model.id,
        cacheDir: modelCacheDir,
        provider: config.model.provider,
        threads: config.model.threads,
        minScore: config.model.minScore,
        classes: [...classes],
      },
      clock,
      onRestart: (reason) => log.error({ reason }, "an inference worker is being replaced"),
    });
  }

  #createScheduler(): Scheduler<FrameLease> {
    return new Scheduler<FrameLease>({
      detectors: this.#detectors,
      clock: this.#options.clock,
      onDetected: (camera, frame, result, timings) => {
        this.#metrics.observe("wait", timings.waitedMs);
        this.#metrics.observe("detect", timings.detectMs);
        this.#metrics.observe("infer", timings.inferMs);
        this.#metrics.observe("decode", timings.decodeMs);
        this.#cameras.get(camera)?.pipeline.judge(frame, result.detections);
      },
      onFailed: (camera, error) => {
        this.#metrics.countFailure(camera, error.code);
        this.#tally.add(camera, error);
      },
    });
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

  #addCamera(camera: CameraConfig, openAlarms: OpenAlarms): void {
    const { config, clock, random, newId, log } = this.#options;
    const outbox = this.#outbox;
    if (outbox === undefined) {
      return;
    }
    const ingest = new CameraIngest({
      camera,
      clock,
      random,
      log,
      onFrame: () => this.#scheduler.pump(),
      onState: () => undefined, // The heartbeat tells it; the ingest logs it.
    });
    const pipeline = new CameraPipeline({
      nodeId: config.node.id,
      camera,
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
    this.#cameras.set(camera.id, { ingest, pipeline });
    this.#scheduler.add(camera.id, ingest.ring);
    ingest.start();
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
    const ok = this.#detectors.some((one) => one.model !== undefined);
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
