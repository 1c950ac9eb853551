/** Prometheus metrics of a node. Per-frame facts are counted, never logged. */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";
import type { CameraReport } from "../../protocol/index.ts";
import { LoopDelay } from "./loop-delay.ts";

/**
 * Stages of a frame's way, in the order in which it passes them. `gate` is the time from the
 * picture's arrival to the gate's verdict, `age` the time from its capture to its judgement.
 */
export type Stage =
  | "gate"
  | "wait"
  | "detect"
  | "infer"
  | "decode"
  | "judge"
  | "age"
  | "evidence"
  | "store";

/** Fine up to 0.5 s, the most that a served frame may be old. */
const STAGE_BUCKETS_S = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.125, 0.15, 0.175, 0.2, 0.225, 0.25, 0.275,
  0.3, 0.35, 0.4, 0.45, 0.5, 0.75, 1, 2, 5,
];

export type LookKind = "full" | "regions";

/** What looks at the pictures, and how it was asked to. */
export interface ModelInfo {
  readonly model: string;
  readonly version: string;
  /** The provider that was got. */
  readonly provider: string;
  /** The provider that was asked for. */
  readonly asked: string;
  readonly workers: number;
  /** Threads of each worker. */
  readonly threads: number;
}

export interface NodeState {
  readonly cameras: readonly CameraReport[];
  readonly outboxDepth: number;
  readonly skewMs: number | undefined;
  /** Running figures of rules that count. */
  readonly counts: readonly RuleCount[];
  readonly plans: readonly PlanFigures[];
}

/** How the control room's plan of a camera fares. */
export interface PlanFigures {
  readonly camera: string;
  /** In force; 0 is the node's own file. */
  readonly version: number;
  readonly analysed: boolean;
  /** A newer one was refused. */
  readonly isRefused: boolean;
  /** Tracks remembered for tests of rules, bytes. */
  readonly memoryBytes: number;
}

export interface RuleCount {
  readonly camera: string;
  readonly rule: string;
  /** `in`, `out`, `inside` … */
  readonly what: string;
  readonly value: number;
}

export class NodeMetrics {
  readonly registry = new Registry();
  readonly #stages: Histogram<"stage">;
  readonly #alarms: Counter<"camera" | "rule" | "phase">;
  readonly #failures: Counter<"camera" | "code">;
  readonly #looks: Counter<"camera" | "kind">;
  readonly #verdicts: Counter<"camera" | "verdict">;
  readonly #orders: Counter<"kind" | "outcome">;
  readonly #oldest: Gauge;
  readonly #blind: Gauge<"camera">;
  readonly #model: Gauge<keyof ModelInfo>;
  readonly #loopDelay = new LoopDelay();
  #oldestServedMs = 0;

  /** @param state read afresh at every scrape. */
  constructor(state: () => NodeState) {
    const registers = [this.registry];
    collectDefaultMetrics({ register: this.registry });
    this.#stages = new Histogram({
      name: "sesb_edge_stage_seconds",
      help: "Time a frame spends in each stage",
      labelNames: ["stage"],
      buckets: STAGE_BUCKETS_S,
      registers,
    });
    const counter = <Label extends string>(
      name: string,
      help: string,
      labelNames: Label[],
    ): Counter<Label> => new Counter({ name, help, labelNames, registers });
    const gauge = <Label extends string>(
      name: string,
      help: string,
      labelNames: Label[],
    ): Gauge<Label> => new Gauge({ name, help, labelNames, registers });
    this.#alarms = counter(
      "sesb_edge_alarm_steps_total",
      "Steps of alarms by camera, rule and phase",
      ["camera", "rule", "phase"],
    );
    this.#failures = counter(
      "sesb_edge_failures_total",
      "Failures survived, by camera and error code",
      ["camera", "code"],
    );
    this.#looks = counter(
      "sesb_edge_looks_total",
      "Inferences completed, by camera and by what they looked at: the full picture or regions",
      ["camera", "kind"],
    );
    this.#verdicts = counter("sesb_edge_gate_total", "Verdicts of the gate, by camera", [
      "camera",
      "verdict",
    ]);
    this.#oldest = gauge(
      "sesb_edge_frame_age_max_seconds",
      "Age of the oldest frame that was served since start",
      [],
    );
    this.#blind = gauge(
      "sesb_edge_blind",
      "1 while something moves before the camera and no inference comes of it",
      ["camera"],
    );
    this.#model = gauge(
      "sesb_edge_model_info",
      "1 for the model that runs, the provider that was got and the one that was asked for",
      ["model", "version", "provider", "asked", "workers", "threads"],
    );
    watchState(this.registry, state);
    this.#orders = watchPlans(this.registry, state);
    watchLoop(this.registry, this.#loopDelay);
  }

  observe(stage: Stage, durationMs: number): void {
    this.#stages.observe({ stage }, Math.max(0, durationMs) / 1000);
  }

  countAlarm(camera: string, rule: string, phase: string): void {
    this.#alarms.inc({ camera, rule, phase });
  }

  countFailure(camera: string, code: string): void {
    this.#failures.inc({ camera, code });
  }

  /** An inference was completed. */
  countLook(camera: string, kind: LookKind): void {
    this.#looks.inc({ camera, kind });
  }

  /** @param verdict the `kind` of the gate's verdict. */
  countVerdict(camera: string, verdict: string): void {
    this.#verdicts.inc({ camera, verdict });
  }

  countOrder(kind: string, outcome: string): void {
    this.#orders.inc({ kind, outcome });
  }

  /** @param ageMs time from the capture of a served frame to its hand-over to a detector. */
  noteServedAge(ageMs: number): void {
    if (ageMs > this.#oldestServedMs) {
      this.#oldestServedMs = ageMs;
      this.#oldest.set(ageMs / 1000);
    }
  }

  setBlind(camera: string, blind: boolean): void {
    this.#blind.set({ camera }, blind ? 1 : 0);
  }

  /** Replaces what was described before. */
  describeModel(info: ModelInfo): void {
    this.#model.reset();
    this.#model.set({ ...info }, 1);
  }

  /** Stops measuring the event loop. */
  close(): void {
    this.#loopDelay.close();
  }
}

/** The event loop's delay, read and begun anew at every scrape. */
function watchLoop(registry: Registry, loopDelay: LoopDelay): void {
  new Gauge({
    name: "sesb_edge_event_loop_delay_seconds",
    help: "Delay of the main thread's event loop since start and since the last scrape",
    labelNames: ["window", "quantile"],
    registers: [registry],
    collect() {
      for (const [window, delays] of Object.entries(loopDelay.read())) {
        for (const [quantile, delayS] of Object.entries(delays)) {
          this.set({ window, quantile }, delayS);
        }
      }
    },
  });
}

/** Gives the counter of orders. */
function watchPlans(registry: Registry, state: () => NodeState): Counter<"kind" | "outcome"> {
  const watch = (name: string, help: string, read: (plan: PlanFigures) => number): void => {
    new Gauge({
      ...{ name, help, labelNames: ["camera"], registers: [registry] },
      collect() {
        this.reset();
        for (const plan of state().plans) {
          this.set({ camera: plan.camera }, read(plan));
        }
      },
    });
  };
  watch(
    "sesb_edge_plan_version",
    "Version of the plan in force, 0 for the file",
    (plan) => plan.version,
  );
  watch("sesb_edge_plan_refused", "1 while a newer plan is refused", (plan) =>
    plan.isRefused ? 1 : 0,
  );
  watch("sesb_edge_analysed", "0 while the control room has switched the camera off", (plan) =>
    plan.analysed ? 1 : 0,
  );
  watch(
    "sesb_edge_memory_bytes",
    "Tracks remembered for tests of rules",
    (plan) => plan.memoryBytes,
  );
  return new Counter({
    name: "sesb_edge_orders_total",
    help: "Orders of the control room by kind and outcome",
    labelNames: ["kind", "outcome"],
    registers: [registry],
  });
}

/** Gauges that are read from the node's state when somebody asks. */
function watchState(registry: Registry, state: () => NodeState): void {
  const registers = [registry];
  new Gauge({
    name: "sesb_edge_frames",
    help: "Frames since start by camera and outcome: captured, analysed, or the cause of a drop",
    labelNames: ["camera", "outcome"],
    registers,
    collect() {
      this.reset();
      for (const camera of state().cameras) {
        this.set({ camera: camera.id, outcome: "captured" }, camera.captured);
        this.set({ camera: camera.id, outcome: "analysed" }, camera.analysed);
        for (const [cause, count] of Object.entries(camera.dropped)) {
          this.set({ camera: camera.id, outcome: cause }, count);
        }
      }
    },
  });
  new Gauge({
    name: "sesb_edge_camera_live",
    help: "1 while frames come from the camera",
    labelNames: ["camera"],
    registers,
    collect() {
      this.reset();
      for (const camera of state().cameras) {
        this.set({ camera: camera.id }, camera.state === "live" ? 1 : 0);
      }
    },
  });
  new Gauge({
    name: "sesb_edge_rule_count",
    help: "Running figures of rules that count, by camera, rule and what is counted",
    labelNames: ["camera", "rule", "what"],
    registers,
    collect() {
      this.reset();
      for (const { value, ...labels } of state().counts) {
        this.set(labels, value);
      }
    },
  });
  new Gauge({
    name: "sesb_edge_outbox_depth",
    help: "Events on disk that the brain has not acknowledged",
    registers,
    collect() {
      this.set(state().outboxDepth);
    },
  });
  new Gauge({
    name: "sesb_edge_clock_skew_seconds",
    help: "Node clock minus brain clock",
    registers,
    collect() {
      this.set((state().skewMs ?? 0) / 1000);
    },
  });
}
