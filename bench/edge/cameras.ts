/** How many cameras one node serves as it should, with the gate and without. */
import { round } from "./arithmetic.ts";
import { BenchNode } from "./bench-node.ts";
import { CameraFarm } from "./camera-farm.ts";
import { cameraClips, CLIP_S, missingScenes } from "./footage.ts";
import { observe, pause, unaccounted, untilAnalysed, type Observation } from "./observation.ts";

const STEPS = [1, 8, 16, 24, 32, 40, 48, 64];
const QUICK_STEPS = [1, 4, 8];
const WARM_UP_MS = 3000;
export const BARS = { eventP95Ms: 500, motionFps: 4.5, oldestServedMs: 500 } as const;

export interface CameraStep extends Observation {
  readonly cameras: number;
  readonly unaccounted: number;
  /** Empty when every bar was met. */
  readonly missed: readonly string[];
}

export interface CameraFigures {
  readonly missingScenes: readonly string[];
  readonly gated: { readonly sustained: number; readonly steps: readonly CameraStep[] };
  readonly everyFrame: { readonly sustained: number; readonly steps: readonly CameraStep[] };
}

export async function measureCameras(quick: boolean): Promise<CameraFigures> {
  const missing = missingScenes();
  if (missing.length > 0) {
    console.log(`cameras: skipped scenes, their clips are missing: ${missing.join(", ")}`);
  }
  return {
    missingScenes: missing,
    gated: await rise(true, quick),
    everyFrame: await rise(false, quick),
  };
}

/** Each step lasts as long as the clip, so that every camera has its share of motion. */
async function rise(gate: boolean, quick: boolean): Promise<CameraFigures["gated"]> {
  const steps: CameraStep[] = [];
  let sustained = 0;
  for (const cameras of quick ? QUICK_STEPS : STEPS) {
    const step = await cameraStep({ cameras, gate, seconds: CLIP_S });
    steps.push(step);
    console.log(lineOf(step, gate));
    if (step.missed.length > 0) {
      break;
    }
    sustained = cameras;
  }
  return { sustained, steps };
}

export async function cameraStep(options: {
  readonly cameras: number;
  readonly gate: boolean;
  readonly seconds: number;
  readonly isUniform?: boolean;
  readonly onSample?: (node: BenchNode) => void;
}): Promise<CameraStep> {
  const { cameras, gate, seconds, isUniform, onSample } = options;
  const farm = await CameraFarm.start(await cameraClips(cameras, isUniform));
  try {
    const node = await BenchNode.start({ sources: farm.urls, gate, hasManyRules: true });
    let observation: Observation;
    try {
      // In overload some cameras may wait long for their first look: that is what is measured.
      await untilAnalysed(node, Math.ceil(cameras / 2));
      await pause(WARM_UP_MS);
      observation = await observe(node, farm, { seconds, gate, onSample: () => onSample?.(node) });
    } catch (error) {
      await node.close();
      throw error;
    }
    const lost = unaccounted(await node.close());
    return { cameras, ...observation, unaccounted: lost, missed: missedBars(observation, lost) };
  } finally {
    await farm.close();
  }
}

function missedBars(step: Observation, lost: number): string[] {
  const missed: string[] = [];
  if (step.eventMs.p95 > BARS.eventP95Ms) {
    missed.push(`event p95 ${step.eventMs.p95} ms > ${BARS.eventP95Ms}`);
  }
  if (step.motionFps.p50 < BARS.motionFps) {
    missed.push(`${round(step.motionFps.p50)} looks/s in motion < ${BARS.motionFps}`);
  }
  if (step.oldestServedMs > BARS.oldestServedMs) {
    missed.push(`a frame of ${step.oldestServedMs} ms was served > ${BARS.oldestServedMs}`);
  }
  if (lost > 0) {
    missed.push(`${lost} frames are unaccounted for`);
  }
  return missed;
}

function lineOf(step: CameraStep, gate: boolean): string {
  const { cameras, motionFps, eventMs, cpu, missed } = step;
  const fps = `${motionFps.p50} looks/s in motion (least ${motionFps.min})`;
  const events = `event p50 ${eventMs.p50} p95 ${eventMs.p95} ms of ${eventMs.count}`;
  const used = `cpu % node ${cpu.node} decoders ${cpu.decoders} camera server ${cpu.cameras}`;
  const verdict = missed.length === 0 ? "met" : `MISSED: ${missed.join("; ")}`;
  return `  ${cameras} cameras, gate ${gate ? "on" : "off"}: ${fps}; ${events}; ${used}; ${verdict}`;
}
