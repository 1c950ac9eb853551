/** Watches a running node for a while and says what its cameras got and what it cost. */
import type { CameraReport } from "../../protocol/index.ts";
import { distributionOf, type Distribution } from "../support/report.ts";
import { jainOf, round, sum } from "./arithmetic.ts";
import type { BenchNode } from "./bench-node.ts";
import type { CameraFarm } from "./camera-farm.ts";
import type { Metrics } from "./metrics-page.ts";
import { cpuOf } from "./process-usage.ts";

const FRAMES = "sesb_edge_frames";
const VERDICTS = "sesb_edge_gate_total";
const LOOKS = "sesb_edge_looks_total";
const SAMPLE_MS = 1000;
/** An interval is one of motion when this share of its frames moved. */
const MOVING_SHARE = 0.8;

export interface Observation {
  readonly seconds: number;
  /** Looks per second that each camera got: in motion with the gate, at all times without. */
  readonly motionFps: Distribution & { readonly min: number };
  readonly analysedPerS: number;
  readonly capturedPerS: number;
  /** Capture → arrival of an alarm's first event at the brain, ms. */
  readonly eventMs: Distribution;
  /** Since the node's start, ms. */
  readonly oldestServedMs: number;
  readonly drops: Readonly<Record<string, number>>;
  readonly looks: { readonly full: number; readonly regions: number };
  /** Share of one core each, in percent. */
  readonly cpu: { readonly node: number; readonly decoders: number; readonly cameras: number };
  /** Of the frames analysed per camera. */
  readonly jain: number;
  readonly jainMotion: number;
}

interface Mark {
  readonly at: number;
  readonly metrics: Metrics;
}

export async function observe(
  node: BenchNode,
  farm: CameraFarm | undefined,
  { seconds, gate, onSample }: { seconds: number; gate: boolean; onSample?: () => void },
): Promise<Observation> {
  const usage = (): Record<"node" | "decoders" | "cameras", number> => ({
    ...node.cpu(),
    cameras: farm === undefined ? 0 : cpuOf(farm.pid),
  });
  const eventsBefore = node.brain.arrivals.length;
  const usedBefore = usage();
  const marks = [await mark(node)];
  const startedAt = performance.now();
  while (performance.now() - startedAt < seconds * 1000) {
    await pause(SAMPLE_MS);
    marks.push(await mark(node));
    onSample?.();
  }
  const used = usage();
  const [first, last] = [marks[0] as Mark, marks.at(-1) as Mark];
  const spanS = (last.at - first.at) / 1000;
  const percent = (which: keyof typeof used): number =>
    round((100 * (used[which] - usedBefore[which])) / spanS);
  const cameras = last.metrics.labels(FRAMES, "camera");
  const analysed = cameras.map((camera) => grown(first, last, { camera, outcome: "analysed" }));
  const motion = cameras
    .map((camera, index) => (gate ? motionFps(marks, camera) : (analysed[index] ?? 0) / spanS))
    .filter((fps) => fps !== undefined);
  return {
    seconds: round(spanS),
    motionFps: { ...distributionOf(motion), min: round(Math.min(...motion), 2) },
    analysedPerS: round(sum(analysed) / spanS),
    capturedPerS: round(grown(first, last, { outcome: "captured" }) / spanS),
    eventMs: latencies(node, eventsBefore),
    oldestServedMs: round(1000 * last.metrics.sum("sesb_edge_frame_age_max_seconds")),
    drops: dropsOf(first, last),
    looks: {
      full: last.metrics.sum(LOOKS, { kind: "full" }) - first.metrics.sum(LOOKS, { kind: "full" }),
      regions:
        last.metrics.sum(LOOKS, { kind: "regions" }) -
        first.metrics.sum(LOOKS, { kind: "regions" }),
    },
    cpu: { node: percent("node"), decoders: percent("decoders"), cameras: percent("cameras") },
    jain: round(jainOf(analysed), 3),
    jainMotion: round(jainOf(motion), 3),
  };
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Waits until a frame of every camera has been analysed. */
export async function untilAnalysed(node: BenchNode, cameras: number, withinS = 60): Promise<void> {
  const deadline = performance.now() + withinS * 1000;
  for (;;) {
    const metrics = await node.metrics();
    const seen = metrics
      .labels(FRAMES, "camera")
      .filter((camera) => metrics.sum(FRAMES, { camera, outcome: "analysed" }) > 0).length;
    if (seen >= cameras) {
      return;
    }
    if (performance.now() > deadline) {
      throw new Error(`Only ${seen} of ${cameras} cameras are analysed after ${withinS} s`);
    }
    await pause(250);
  }
}

/** captured − analysed − Σ dropped over all cameras of a closed node: 0, or frames were lost. */
export function unaccounted(cameras: readonly CameraReport[]): number {
  return sum(
    cameras.map(({ captured, analysed, dropped }) =>
      Math.abs(captured - analysed - sum(Object.values(dropped))),
    ),
  );
}

async function mark(node: BenchNode): Promise<Mark> {
  return { metrics: await node.metrics(), at: performance.now() };
}

function grown(from: Mark, to: Mark, labels: Readonly<Record<string, string>>): number {
  return to.metrics.sum(FRAMES, labels) - from.metrics.sum(FRAMES, labels);
}

/** Over the intervals in which the camera saw hardly anything but motion. */
function motionFps(marks: readonly Mark[], camera: string): number | undefined {
  let analysed = 0;
  let spanMs = 0;
  for (const [index, to] of marks.entries()) {
    const from = marks[index - 1];
    if (from !== undefined && movingShare(from, to, camera) >= MOVING_SHARE) {
      analysed += grown(from, to, { camera, outcome: "analysed" });
      spanMs += to.at - from.at;
    }
  }
  return spanMs === 0 ? undefined : (1000 * analysed) / spanMs;
}

function movingShare(from: Mark, to: Mark, camera: string): number {
  const grownBy = (labels: Readonly<Record<string, string>>): number =>
    to.metrics.sum(VERDICTS, labels) - from.metrics.sum(VERDICTS, labels);
  const moving = ["motion", "camera-moved"].map((verdict) => grownBy({ camera, verdict }));
  return sum(moving) / Math.max(1, grownBy({ camera }));
}

function latencies(node: BenchNode, from: number): Distribution {
  const arrivals = node.brain.arrivals.slice(from);
  return distributionOf(arrivals.map(({ arrivedAt, capturedAt }) => arrivedAt - capturedAt));
}

function dropsOf(first: Mark, last: Mark): Record<string, number> {
  const causes = last.metrics
    .labels(FRAMES, "outcome")
    .filter((outcome) => outcome !== "captured" && outcome !== "analysed");
  return Object.fromEntries(causes.map((cause) => [cause, grown(first, last, { outcome: cause })]));
}
