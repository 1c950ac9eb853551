/** How much of the bare session's speed is left when the whole node is around it. */
import { medianOf, round } from "./arithmetic.ts";
import { BareSession } from "./bare-session.ts";
import { BenchNode } from "./bench-node.ts";
import { fastClip } from "./footage.ts";
import type { Metrics } from "./metrics-page.ts";
import { pause, untilAnalysed } from "./observation.ts";

const FRAMES = "sesb_edge_frames";
const STAGES = ["wait", "detect", "infer", "decode", "judge", "evidence", "store"];
const CAMERA_FPS = 60;
/** One camera cannot fill a faster session than this; then there are two. */
const ONE_CAMERA_FPS = 50;
const WARM_UP_MS = 2000;

export interface StageFigures {
  readonly cameras: number;
  readonly nodeFps: number;
  readonly bareFps: number;
  /** Of the medians of both, measured in turn. */
  readonly nodePerBare: number;
  /** Means, ms. */
  readonly stagesMs: Readonly<Record<string, number>>;
  readonly loopDelayP99Ms: number;
}

export async function measureStages(quick: boolean): Promise<StageFigures> {
  const [rounds, seconds] = quick ? [2, 3] : [4, 8];
  const bare = await BareSession.start();
  try {
    const nodeFps: number[] = [];
    const bareFps = [await bare.framesPerS(seconds)];
    const cameras = (bareFps[0] ?? 0) > ONE_CAMERA_FPS ? 2 : 1;
    let last: NodeSpeed | undefined;
    for (let round = 0; round < rounds; round++) {
      last = await nodeSpeed({ cameras, seconds, workers: 1, threads: 1 });
      nodeFps.push(last.framesPerS);
      bareFps.push(await bare.framesPerS(seconds));
    }
    return {
      cameras,
      nodeFps: round(medianOf(nodeFps)),
      bareFps: round(medianOf(bareFps)),
      nodePerBare: round(medianOf(nodeFps) / medianOf(bareFps), 3),
      stagesMs: last?.stagesMs ?? {},
      loopDelayP99Ms: last?.loopDelayP99Ms ?? NaN,
    };
  } finally {
    await bare.close();
  }
}

export interface NodeSpeed {
  readonly framesPerS: number;
  readonly stagesMs: Readonly<Record<string, number>>;
  readonly loopDelayP99Ms: number;
}

/** The node with more frames than it can look at, each of which it would. */
export async function nodeSpeed(options: {
  readonly cameras: number;
  readonly seconds: number;
  readonly workers: number | "auto";
  readonly threads: number | "auto";
}): Promise<NodeSpeed> {
  const { cameras, seconds, workers, threads } = options;
  const clip = await fastClip();
  const node = await BenchNode.start({
    sources: Array.from({ length: cameras }, () => clip),
    ...{ gate: false, maxFps: CAMERA_FPS, targetFps: CAMERA_FPS, workers, threads },
  });
  try {
    await untilAnalysed(node, cameras);
    await pause(WARM_UP_MS);
    const before = await node.metrics(); // This also begins the loop delay's window.
    const startedAt = performance.now();
    await pause(seconds * 1000);
    const after = await node.metrics();
    const spanS = (performance.now() - startedAt) / 1000;
    const analysed = (metrics: Metrics): number => metrics.sum(FRAMES, { outcome: "analysed" });
    const loopDelay = { window: "scrape", quantile: "0.99" };
    return {
      framesPerS: (analysed(after) - analysed(before)) / spanS,
      stagesMs: Object.fromEntries(
        STAGES.map((stage) => [stage, round(meanMs(before, after, stage), 2)]),
      ),
      loopDelayP99Ms: round(1000 * after.sum("sesb_edge_event_loop_delay_seconds", loopDelay)),
    };
  } finally {
    await node.close();
  }
}

function meanMs(before: Metrics, after: Metrics, stage: string): number {
  const grown = (name: string): number => after.sum(name, { stage }) - before.sum(name, { stage });
  const count = grown("sesb_edge_stage_seconds_count");
  return count === 0 ? 0 : (1000 * grown("sesb_edge_stage_seconds_sum")) / count;
}
