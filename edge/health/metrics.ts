/** Prometheus metrics of a node. Per-frame facts are counted, never logged. */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";
import type { CameraReport } from "../../protocol/index.ts";

/** Stages of a frame's way, in the order in which it passes them. */
export type Stage = "wait" | "detect" | "infer" | "decode" | "judge" | "evidence" | "store";

const STAGE_BUCKETS_S = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2];

export interface NodeState {
  readonly cameras: readonly CameraReport[];
  readonly outboxDepth: number;
  readonly skewMs: number | undefined;
}

export class NodeMetrics {
  readonly registry = new Registry();
  readonly #stages: Histogram<"stage">;
  readonly #alarms: Counter<"camera" | "rule" | "phase">;
  readonly #failures: Counter<"camera" | "code">;

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
    this.#alarms = new Counter({
      name: "sesb_edge_alarm_steps_total",
      help: "Steps of alarms by camera, rule and phase",
      labelNames: ["camera", "rule", "phase"],
      registers,
    });
    this.#failures = new Counter({
      name: "sesb_edge_failures_total",
      help: "Failures survived, by camera and error code",
      labelNames: ["camera", "code"],
      registers,
    });
    watchState(this.registry, state);
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
