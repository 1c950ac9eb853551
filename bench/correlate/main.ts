/**
 * `npm run bench:correlate [-- --quick] [--seeds 11,12,13] [--runs 5]`: how well correlation finds
 * what was one happening, in whatever order it hears of it, and how fast.
 *
 * The town is made up (town, happening, witness, wire) and knows nothing of the scores; families
 * were set with seeds 1–3, so those are not scored here.
 */
import { parseArgs } from "node:util";
import { storeResult } from "../support/report.ts";
import { BARS, measure, type Figures, type Plan } from "./measure.ts";

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    seeds: { type: "string", default: "11,12,13" },
    runs: { type: "string", default: "5" },
  },
});

const FULL: Plan = {
  sizeM: 5_000,
  cameras: 2_300,
  days: 18,
  happenings: 37_000,
  falseAlarms: 11_000,
};
const QUICK: Plan = { sizeM: 5_000, cameras: 2_300, days: 1, happenings: 2_000, falseAlarms: 600 };

const plan = values.quick ? QUICK : FULL;
const seeds = values.seeds.split(",").map(Number);
const towns: Figures[] = [];
for (const seed of values.quick ? seeds.slice(0, 1) : seeds) {
  const figures = measure({ ...plan, seed }, values.quick ? 1 : Number(values.runs));
  towns.push(figures);
  print(figures);
}
const missed = towns.flatMap((figures) =>
  BARS.filter(({ met, needsSize }) => !(values.quick && needsSize) && !met(figures)).map(
    ({ name }) => `seed ${figures.seed}: ${name}`,
  ),
);
console.log(missed.length === 0 ? "\nAll bars met." : `\nMISSED: ${missed.join("; ")}`);
storeResult(values.quick ? "correlate.local" : "correlate", {
  plan,
  bars: BARS.map(({ name }) => name),
  towns,
  missed,
});
process.exitCode = missed.length === 0 ? 0 : 1;

function print(figures: Figures): void {
  const { events, alarms, truth, score, ratio, happeningRatio, identical, speed } = figures;
  const share = (part: number): string => `${(part * 100).toFixed(2)} %`;
  console.log(
    `\nseed ${figures.seed}: ${events} events, ${alarms} alarms, ${truth} truths` +
      ` (${figures.falseAlarms} of them false alarms)`,
  );
  console.log(
    `  pairs of alarms  F1 ${score.f1.toFixed(4)}  precision ${score.precision.toFixed(4)}` +
      `  recall ${score.recall.toFixed(4)}`,
  );
  console.log(
    `  incidents ÷ truth ${ratio.toFixed(4)}  without false alarms ${happeningRatio.toFixed(4)}` +
      `  one per alarm would be ${(alarms / truth).toFixed(2)}`,
  );
  const orders = Object.entries(identical).map(([order, part]) => `${order} ${share(part)}`);
  console.log(`  identical incidents: ${orders.join(", ")}`);
  console.log(
    `  ${speed.perCpuSecond} events/s of CPU, ${speed.perSecond} of wall (medians of` +
      ` ${speed.raw.length}); at most ${figures.mostAlarms} alarms in memory`,
  );
}
