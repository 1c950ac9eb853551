/** What a handler leaves behind when its camera comes and goes a thousand times. */
import { fork } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { round, slopeOf } from "./arithmetic.ts";
import { CameraFarm } from "./camera-farm.ts";
import { intraClip } from "./footage.ts";
import type { HoldingsReport } from "./reconnect-child.ts";

const CHILD = path.join(import.meta.dirname, "reconnect-child.ts");

export interface ReconnectFigures {
  readonly cycles: number;
  readonly warmUpCycles: number;
  /** After forced collection, from the end of the warm-up to the end. */
  readonly rssGrowthMb: number;
  readonly rssSlopeMbPer1000: number;
  readonly openFilesGrowth: number;
  readonly zombies: number;
  readonly secondsPerCycle: number;
  readonly samples: readonly HoldingsReport[];
}

export async function measureReconnects(cycles: number): Promise<ReconnectFigures> {
  const warmUpCycles = Math.min(100, Math.floor(cycles / 5));
  const every = Math.max(5, Math.min(50, Math.floor(cycles / 10)));
  const farm = await CameraFarm.start([await intraClip()]);
  const samples: HoldingsReport[] = [];
  const startedAt = performance.now();
  try {
    const args = [farm.urls[0] ?? "", String(cycles), String(every)];
    const child = fork(CHILD, args, { execArgv: ["--import", "tsx", "--expose-gc"] });
    child.on("message", (report) => samples.push(report as HoldingsReport));
    const [code] = (await once(child, "exit")) as [number | null];
    if (code !== 0) {
      throw new Error(`The handler's process ended with ${code}`);
    }
  } finally {
    await farm.close();
  }
  const settled = samples.filter((sample) => sample.cycles >= Math.max(1, warmUpCycles));
  const [first, last] = [settled[0], settled.at(-1)];
  const growth = (of: (sample: HoldingsReport) => number): number =>
    first === undefined || last === undefined ? NaN : of(last) - of(first);
  return {
    cycles: last?.cycles ?? 0,
    warmUpCycles,
    rssGrowthMb: round(
      growth(({ rssMb }) => rssMb),
      2,
    ),
    rssSlopeMbPer1000: round(1000 * slopeOf(settled.map((one) => [one.cycles, one.rssMb])), 2),
    openFilesGrowth: growth(({ openFiles }) => openFiles),
    zombies: Math.max(...samples.map(({ zombies }) => zombies)),
    secondsPerCycle: round((performance.now() - startedAt) / 1000 / cycles, 2),
    samples,
  };
}
