/**
 * What the control room changes and asks of this node, put together: plans go into the running
 * cameras, orders are carried out, and the brain is told how both fared.
 */
import { createHash } from "node:crypto";
import { classesOf, type EdgeConfig } from "../config/index.ts";
import {
  formatTime,
  PermanentError,
  sha256Schema,
  TransientError,
  type CameraId,
  type CameraScene,
  type Clock,
  type EpochMs,
  type NodeOrder,
  type OrderResult,
  type OrdersAnswer,
  type PlanState,
} from "../protocol/index.ts";
import type { CameraGate, TakenPicture } from "./camera-gate.ts";
import type { CameraPipeline } from "./camera-pipeline.ts";
import { takeSnapshot } from "./evidence/index.ts";
import {
  OrderDesk,
  PlanKeeper,
  SceneTeller,
  testRule,
  type OrderOutcome,
  type PlanLog,
  type RulesInForce,
} from "./plan/index.ts";
import { OrdersChannel, type OrdersOffice } from "./uplink/index.ts";

export interface ControlledCamera {
  readonly pipeline: CameraPipeline;
  readonly gate: CameraGate;
}

export interface ControlOptions {
  readonly config: EdgeConfig;
  /** Classes that the model tells apart. */
  readonly labels: readonly string[];
  readonly secret: string;
  /** Those that run; filled as they are added. */
  readonly cameras: ReadonlyMap<string, ControlledCamera>;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: PlanLog;
  /** The brain's clock minus the node's, ms. */
  readonly brainAheadMs: () => number;
  /** The rules in force need these classes of the model. */
  readonly onClasses: (classes: readonly string[]) => void;
  readonly onSwitchedOff: (camera: string) => void;
  readonly onOrder: (kind: NodeOrder["kind"], outcome: OrderOutcome) => void;
}

export interface PlanReport {
  readonly camera: string;
  readonly version: number;
  readonly analysed: boolean;
  readonly isRefused: boolean;
  readonly memoryBytes: number;
}

/** Cameras show their first picture within this time, or are away. */
const SETTLING_MS = 60_000;
/** A camera that shows nothing for so long is away: the one who waits is told. */
const PICTURE_WAIT_MS = 8_000;

export class Control {
  readonly #options: ControlOptions;
  readonly #startedAt: EpochMs;
  readonly #keeper: PlanKeeper;
  readonly #teller = new SceneTeller(() => this.#scenes());
  readonly #desk: OrderDesk;
  readonly #channel: OrdersChannel;
  /** Class → since when the model is asked for it. */
  readonly #askedSince = new Map<string, EpochMs>();

  /** @throws PermanentError CONFIG_INVALID for a secret or an address that cannot be used. */
  constructor(options: ControlOptions) {
    const { config, clock, random, log, secret } = options;
    this.#options = options;
    this.#startedAt = clock.now();
    this.#keeper = new PlanKeeper({
      dataDir: config.node.dataDir,
      cameras: config.cameras,
      labels: options.labels,
      log,
      onChange: (camera, rules) => this.#apply(camera, rules),
    });
    this.#noteClasses();
    this.#channel = new OrdersChannel({
      ...{ url: config.brain.url, nodeId: config.node.id, secret, clock, random, log },
      office: this.#office(),
    });
    this.#desk = new OrderDesk({
      clock,
      brainAheadMs: options.brainAheadMs,
      run: (order, signal) => this.#run(order, signal),
      answer: (order, result, signal) => this.#channel.answer(order, result, signal),
      onDone: options.onOrder,
    });
  }

  start(): void {
    this.#channel.start();
  }

  async close(): Promise<void> {
    await Promise.all([this.#desk.close(), this.#channel.close()]);
  }

  rulesOf(camera: string): RulesInForce {
    return this.#keeper.of(camera);
  }

  /** What the model has to tell for the rules in force. */
  classes(): readonly string[] {
    return [...new Set(this.#keeper.rules().flatMap(classesOf))];
  }

  report(): PlanReport[] {
    return this.#keeper.states().map(({ camera, version, refused }) => ({
      camera,
      version,
      analysed: this.#keeper.of(camera).analysed,
      isRefused: refused !== undefined,
      memoryBytes: this.#options.cameras.get(camera)?.pipeline.memory.bytes ?? 0,
    }));
  }

  #office(): OrdersOffice {
    return {
      plans: (): PlanState[] => this.#keeper.states(),
      scenes: () => this.#teller.untold(),
      told: (scenes) => this.#teller.note(scenes),
      forget: () => this.#teller.forget(),
      isUnsettled: () => this.#isUnsettled(),
      take: ({ plans, orders }: OrdersAnswer) => {
        this.#keeper.take(plans);
        for (const order of orders) {
          this.#desk.take(order);
        }
      },
    };
  }

  #apply(camera: CameraId, rules: RulesInForce): void {
    this.#noteClasses();
    this.#options.onClasses(this.classes());
    const running = this.#options.cameras.get(camera);
    if (running !== undefined) {
      running.pipeline.apply(rules);
      running.gate.refresh();
    }
    if (!rules.analysed) {
      this.#options.onSwitchedOff(camera);
    }
  }

  #noteClasses(): void {
    const classes = new Set(this.classes());
    for (const label of this.#askedSince.keys()) {
      if (!classes.has(label)) {
        this.#askedSince.delete(label);
      }
    }
    for (const label of classes) {
      this.#askedSince.set(label, this.#askedSince.get(label) ?? this.#options.clock.now());
    }
  }

  #scenes(): readonly CameraScene[] {
    return this.#options.config.cameras.map((camera) => {
      const { rules, paused, analysed } = this.#keeper.of(camera.id);
      const { width, height } = this.#sizeOf(camera.id);
      return {
        ...{ camera: camera.id, name: camera.name, width, height },
        calibrated: camera.calibration !== undefined,
        purpose: camera.purpose,
        analysed,
        paused: rules.map(({ id }) => id).filter((id) => paused.has(id)),
        rules: [...rules],
        fileRules: camera.rules,
      };
    });
  }

  #sizeOf(camera: string): { readonly width: number; readonly height: number } {
    return this.#options.cameras.get(camera)?.gate.size ?? { width: 0, height: 0 };
  }

  #isUnsettled(): boolean {
    const { clock, config } = this.#options;
    return (
      clock.now() - this.#startedAt < SETTLING_MS &&
      config.cameras.some(({ id }) => this.#sizeOf(id).width === 0)
    );
  }

  async #run(order: NodeOrder, signal: AbortSignal): Promise<OrderResult> {
    const camera = this.#analysedCamera(order.camera);
    const result =
      order.kind === "snapshot"
        ? await this.#snapshot(camera, signal)
        : await this.#test(camera, order, signal);
    this.#analysedCamera(order.camera); // Switched off meanwhile: nothing of it is told.
    return result;
  }

  /** @throws PermanentError CAMERA_UNKNOWN, CAMERA_INACTIVE */
  #analysedCamera(id: CameraId): ControlledCamera {
    const { analysed } = this.#keeper.of(id);
    const camera = this.#options.cameras.get(id);
    if (!analysed || camera === undefined) {
      throw new PermanentError("CAMERA_INACTIVE", "Nobody looks at this camera's pictures now", {
        where: id,
        expected: "a camera whose analysis is not switched off",
      });
    }
    return camera;
  }

  async #test(
    { pipeline }: ControlledCamera,
    order: Extract<NodeOrder, { kind: "test-rule" }>,
    signal: AbortSignal,
  ): Promise<OrderResult> {
    const config = this.#keeper.check(order.camera, order.rule);
    const test = await testRule({
      ...{ config, signal, timeZone: this.#options.config.node.timeZone },
      rule: pipeline.trial(config),
      stretch: pipeline.memory.stretch(this.#options.clock.now()),
      askedSince: (label) => this.#askedSince.get(label),
    });
    return { outcome: "tested", test };
  }

  async #snapshot(camera: ControlledCamera, signal: AbortSignal): Promise<OrderResult> {
    const picture = await this.#picture(camera, signal);
    const { jpeg, width, height } = await takeSnapshot(picture, { others: [] });
    const sha256 = sha256Schema.parse(createHash("sha256").update(jpeg).digest("hex"));
    const failure = await this.#channel.upload(sha256, new Uint8Array(jpeg), signal);
    if (failure !== undefined) {
      throw new TransientError("UNAVAILABLE", "The brain did not take the picture", {
        got: `${failure.code}: ${failure.reason}`,
      });
    }
    const capturedAt = formatTime(picture.capturedAt);
    return { outcome: "snapshot", sha256, width, height, capturedAt };
  }

  /** The next picture, or the reason for none in time to tell it. */
  async #picture({ gate }: ControlledCamera, signal: AbortSignal): Promise<TakenPicture> {
    const patience = new AbortController();
    const onAbort = (): void => patience.abort(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    void this.#options.clock.wait(PICTURE_WAIT_MS, patience.signal).then(
      () => patience.abort(),
      () => undefined, // It came in time.
    );
    try {
      return await gate.takePicture(patience.signal);
    } finally {
      signal.removeEventListener("abort", onAbort);
      patience.abort();
    }
  }
}
