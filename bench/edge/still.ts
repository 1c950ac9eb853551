/** What a camera costs before which nothing moves. */
import { round, slopeOf } from "./arithmetic.ts";
import { BenchNode } from "./bench-node.ts";
import { CameraFarm } from "./camera-farm.ts";
import { stillClip } from "./footage.ts";
import { observe, pause, untilAnalysed } from "./observation.ts";

/** The gate learns the scene in this time. */
const SETTLE_MS = 6000;

export interface StillFigures {
  readonly looksPer10S: number;
  /** Percent of a core that each further camera takes, node and decoder. */
  readonly cpuPerCamera: { readonly node: number; readonly decoder: number; readonly sum: number };
  readonly steps: readonly {
    readonly cameras: number;
    readonly looksPer10S: number;
    readonly node: number;
    readonly decoders: number;
  }[];
}

export async function measureStill(quick: boolean): Promise<StillFigures> {
  const steps: StillFigures["steps"][number][] = [];
  const clip = await stillClip();
  for (const cameras of quick ? [1, 3] : [1, 2, 3, 4]) {
    const farm = await CameraFarm.start(Array.from({ length: cameras }, () => clip));
    try {
      const node = await BenchNode.start({ sources: farm.urls, gate: true });
      try {
        await untilAnalysed(node, cameras);
        await pause(SETTLE_MS);
        const seen = await observe(node, farm, { seconds: quick ? 10 : 30, gate: true });
        const looksPer10S = round((10 * seen.analysedPerS) / cameras, 2);
        const { node: nodeCpu, decoders } = seen.cpu;
        steps.push({ cameras, looksPer10S, node: nodeCpu, decoders });
      } finally {
        await node.close();
      }
    } finally {
      await farm.close();
    }
  }
  const perCamera = (which: "node" | "decoders"): number =>
    round(slopeOf(steps.map((step) => [step.cameras, step[which]])), 2);
  const [node, decoder] = [perCamera("node"), perCamera("decoders")];
  return {
    looksPer10S: Math.max(...steps.map((step) => step.looksPer10S)),
    cpuPerCamera: { node, decoder, sum: round(node + decoder, 2) },
    steps,
  };
}
