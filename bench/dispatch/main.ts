/**
 * `npm run bench:dispatch [-- --seconds 30 --rate 500 --runs 3]`: from an event to the signed POST at
 * a department, on a real PostgreSQL and Redis, fifteen departments and the load in processes of
 * their own on the same machine. Each latency counts from the time at which the event was to be
 * sent, however late it was.
 *
 * `--only realistic|hardest|hanging`, `--profile <folder>` (of the brain), `--quick` (one short run
 * of each, not stored).
 */
import { parseArgs } from "node:util";
import { catalogue } from "../../protocol/index.ts";
import { storeResult } from "../support/report.ts";
import { type Behaviour, MIXES } from "./orders.ts";
import { run, type RunOptions, type RunResult } from "./run.ts";

const { values } = parseArgs({
  options: {
    seconds: { type: "string" },
    rate: { type: "string", default: "500" },
    runs: { type: "string" },
    only: { type: "string" },
    profile: { type: "string" },
    quick: { type: "boolean", default: false },
  },
});
const seconds = Number(values.seconds ?? (values.quick ? 10 : 30));
const runs = Number(values.runs ?? (values.quick ? 1 : 3));
const rate = Number(values.rate);
const BARS = { p50Ms: 100, p99Ms: 500, healthyP99Ms: 150, deliveriesPerS: 500 };
/** Departments take their time to say that they have a task. */
const ACKNOWLEDGE_MS = 2_000;
const ALL = catalogue.eventTypes.map(({ code }) => code);
/** Calls several departments at once, so that few cases make many deliveries. */
const WIDE = catalogue.eventTypes.filter(({ sla }) => sla === "S0").map(({ code }) => code);
const HANGING = ["ZZ", "YJ", "WJ", "YL", "SW"];
/** About two of the departments that a wide event calls answer: so many cases make 500 deliveries. */
const HANGING_SHARE = 0.52;
const hanging = Object.fromEntries(HANGING.map((code): [string, Behaviour] => [code, "hang"]));

const base: Omit<RunOptions, "seed" | "mix"> = {
  ...{ rate, seconds, warmUpS: values.quick ? 3 : 8 },
  ...{ codes: ALL, behaviours: { CG: "refuse" }, acknowledgeAfterMs: null },
  profileDir: values.profile,
};
const SCENES: Readonly<Record<string, Omit<RunOptions, "seed">>> = {
  realistic: { ...base, mix: MIXES.realistic, acknowledgeAfterMs: ACKNOWLEDGE_MS },
  hardest: { ...base, mix: MIXES.hardest },
  hanging: {
    ...base,
    mix: MIXES.hardest,
    rate: rate * HANGING_SHARE,
    codes: WIDE,
    behaviours: hanging,
  },
};

const results: Record<string, readonly RunResult[]> = {};
for (const [name, options] of Object.entries(SCENES)) {
  if (values.only !== undefined && values.only !== name) {
    continue;
  }
  const list: RunResult[] = [];
  for (let seed = 1; seed <= runs; seed += 1) {
    const result = await run({ ...options, seed });
    list.push(result);
    print(`${name} ${String(seed)}`, result);
  }
  results[name] = list;
}

const median = (name: string, of: (result: RunResult) => number): number => {
  const sorted = (results[name] ?? []).map(of).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
};
const atOnce = (name: string): boolean =>
  median(name, ({ fromIntendedMs }) => fromIntendedMs.p50) <= BARS.p50Ms &&
  median(name, ({ fromIntendedMs }) => fromIntendedMs.p99) <= BARS.p99Ms;
const every = Object.values(results).flat();
const verdict = {
  realistic: atOnce("realistic"),
  hardest: atOnce("hardest"),
  hanging:
    median("hanging", ({ fromWrittenMs }) => fromWrittenMs.p99) <= BARS.healthyP99Ms &&
    median("hanging", ({ deliveriesPerS }) => deliveriesPerS) >= BARS.deliveriesPerS,
  noneWronglyDelivered: every.every(({ wronglyDelivered }) => wronglyDelivered === 0),
};
console.log(verdict);
if (!values.quick && values.only === undefined) {
  storeResult("dispatch", { seconds, runs, bars: BARS, verdict, results });
}
process.exitCode = Object.values(verdict).every(Boolean) ? 0 : 1;

function print(name: string, result: RunResult): void {
  const line = ({ p50, p95, p99, max }: RunResult["fromIntendedMs"]): string =>
    `${String(p50)} / ${String(p95)} / ${String(p99)} / ${String(max)} ms`;
  console.log(`\n${name}: ${String(result.acceptedPerS)} events/s`);
  console.log(
    `  ${String(result.casesPerS)} cases/s, ${String(result.deliveriesPerS)} first POSTs/s`,
  );
  console.log(`  intended → POST ${line(result.fromIntendedMs)} (p50/p95/p99/max)`);
  console.log(`  accepted → POST ${line(result.fromAcceptedMs)}`);
  console.log(`  written → POST  ${line(result.fromWrittenMs)}`);
  console.log(`  event answered  ${line(result.eventAckMs)}`);
  console.log(
    `  task answered   ${line(result.taskAckMs)} ${JSON.stringify(result.taskAckStatuses)}`,
  );
  console.log(
    `  wrongly delivered ${String(result.wronglyDelivered)}, unverified ${String(result.unverified)},`,
    `waiting ${JSON.stringify(result.waiting)}, answers ${JSON.stringify(result.eventStatuses)}`,
  );
  console.log(`  cores ${JSON.stringify(result.cpuShare)}, ms ${JSON.stringify(result.cpuMs)}`);
  console.log(`  waits ${JSON.stringify(result.waits)}`);
}
