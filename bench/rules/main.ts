/**
 * How right the rules are on the golden scenarios: precision and recall of the alarms, with jitter,
 * 10 % dropped, unsure and false detections, at 2.5, 5 and 10 looks a second.
 *
 *   npm run bench:rules -- [--seeds 10] [--faults] [kind …]
 */
import { parseArgs } from "node:util";
import {
  judge,
  loadGolden,
  play,
  RATES,
  Score,
  scoreWithNoise,
  type Scenario,
} from "../../test/support/scenes/index.ts";
import { storeResult } from "../support/report.ts";

const { values, positionals } = parseArgs({
  options: {
    seeds: { type: "string", default: "10" },
    faults: { type: "boolean", default: false },
  },
  allowPositionals: true,
});
const seeds = Array.from({ length: Number(values.seeds) }, (_, index) => index + 1);

interface Row {
  readonly scenarios: number;
  /** Scenarios that are as they should be without noise, at all rates. */
  readonly exact: number;
  readonly alarms: number;
  readonly precision: number;
  readonly recall: number;
}

const golden = await loadGolden();
const kinds = [...golden.keys()].filter(
  (kind) => positionals.length === 0 || positionals.includes(kind),
);
const rows: Record<string, Row> = {};
const total = new Score();
const width = Math.max(8, ...kinds.map((kind) => kind.length));
printRow("", ["scenarios", "exact", "alarms", "precision", "recall"]);
for (const kind of kinds) {
  const scenarios = golden.get(kind) ?? [];
  const score = scoreWithNoise(scenarios, seeds);
  total.add(score);
  rows[kind] = rowOf(scenarios, score);
  printRow(kind, Object.values(rows[kind]));
  if (values.faults) {
    console.log(score.faults.map((fault) => `    ${fault}`).join("\n"));
  }
}
const overall = rowOf(
  kinds.flatMap((kind) => golden.get(kind) ?? []),
  total,
);
printRow("all", Object.values(overall));
if (positionals.length === 0) {
  storeResult("rules", { seeds: seeds.length, rates: RATES, overall, rules: rows });
}

function rowOf(scenarios: readonly Scenario[], score: Score): Row {
  return {
    scenarios: scenarios.length,
    exact: scenarios.filter(isExact).length,
    alarms: score.hits + score.missed,
    precision: round(score.precision),
    recall: round(score.recall),
  };
}

function isExact(scenario: Scenario): boolean {
  return RATES.every(
    (fps) => judge(scenario, play(scenario, { fps }), { fps }).faults.length === 0,
  );
}

function printRow(name: string, cells: readonly (string | number)[]): void {
  console.log(name.padEnd(width) + cells.map((cell) => String(cell).padStart(11)).join(""));
}

function round(share: number): number {
  return Math.round(share * 1000) / 1000;
}
