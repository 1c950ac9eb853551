/** Three times the cameras a node can serve: everyone gets less, evenly, and nothing grows. */
import { round, slopeOf } from "./arithmetic.ts";
import { cameraStep, type CameraStep } from "./cameras.ts";
import { rssMbOf } from "./process-usage.ts";

const FACTOR = 3;
/** A third of the samples: caches and pools fill. */
const WARM_UP_SHARE = 1 / 3;
const SAMPLE_EVERY_MS = 5000;
export const BARS = { jain: 0.95, oldestServedMs: 500 } as const;

export interface OverloadFigures extends CameraStep {
  readonly minutes: number;
  readonly rssMb: { readonly first: number; readonly last: number; readonly max: number };
  readonly rssSlopeMbPerMinute: number;
}

export async function measureOverload(
  sustained: number,
  minutes: number,
): Promise<OverloadFigures> {
  const samples: (readonly [minutes: number, rssMb: number])[] = [];
  const startedAt = performance.now();
  let nextAt = 0;
  const step = await cameraStep({
    cameras: sustained * FACTOR,
    gate: true,
    seconds: minutes * 60,
    // One scene for all, so that equal shares are what fairness means.
    isUniform: true,
    onSample: (node) => {
      const passedMs = performance.now() - startedAt;
      if (passedMs >= nextAt) {
        nextAt = passedMs + SAMPLE_EVERY_MS;
        samples.push([passedMs / 60_000, rssMbOf(node.pid)]);
      }
    },
  });
  const settled = samples.slice(Math.floor(samples.length * WARM_UP_SHARE));
  const sizes = settled.map(([, rssMb]) => rssMb);
  return {
    ...step,
    missed: [
      ...(step.jain < BARS.jain ? [`Jain's index ${step.jain} < ${BARS.jain}`] : []),
      ...(step.oldestServedMs > BARS.oldestServedMs
        ? [`a frame of ${step.oldestServedMs} ms was served > ${BARS.oldestServedMs}`]
        : []),
      ...(step.unaccounted > 0 ? [`${step.unaccounted} frames are unaccounted for`] : []),
    ],
    minutes,
    rssMb: {
      first: round(sizes[0] ?? NaN),
      last: round(sizes.at(-1) ?? NaN),
      max: round(Math.max(...sizes)),
    },
    rssSlopeMbPerMinute: round(slopeOf(settled), 2),
  };
}
