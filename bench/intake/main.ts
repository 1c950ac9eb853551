/**
 * `npm run bench:intake [-- --seconds 300 --rate 10000 --quick]`: signed batches of many nodes into
 * a whole brain on PostgreSQL, the load generator on the same machine. Both servers take a turn:
 * the embedded one, and the same version with the settings that `initdb` writes. At the end an
 * overload, which may be answered with 429 and Retry-After and with nothing else.
 *
 * `--only embedded|stock`, `--no-correlation` (intake alone), `--profile <folder>` (of the brain),
 * `--rate max` offers more than can be taken; `--replicas 2` runs two brains on the database.
 */
import { parseArgs } from "node:util";
import { storeResult } from "../support/report.ts";
import { run, type RunOptions, type RunResult } from "./run.ts";
import { measureStages } from "./stages.ts";

const { values } = parseArgs({
  allowNegative: true,
  options: {
    seconds: { type: "string" },
    rate: { type: "string", default: "10000" },
    nodes: { type: "string", default: "50" },
    replicas: { type: "string", default: "1" },
    only: { type: "string" },
    profile: { type: "string" },
    correlation: { type: "boolean", default: true },
    overload: { type: "boolean", default: true },
    quick: { type: "boolean", default: false },
  },
});
/** More than two cores take. */
const OVERLOAD_RATE = 30_000;
const TARGET = { perS: 10_000, p99Ms: 50, embeddedShare: 0.8 };
const UNBOUNDED = 1_000_000_000;

const seconds = Number(values.seconds ?? (values.quick ? 15 : 300));
const rate = values.rate === "max" ? OVERLOAD_RATE : Number(values.rate);
const base: Omit<RunOptions, "server"> = {
  rate,
  seconds,
  warmUpS: values.quick ? 3 : 10,
  nodes: Number(values.nodes),
  replicas: Number(values.replicas),
  maxInbox: UNBOUNDED,
  correlate: values.correlation,
  ...(values.profile === undefined ? {} : { profileDir: values.profile }),
};

const stages = measureStages();
console.log("one event in the brain's process, µs:", stages);
const runs: RunResult[] = [];
for (const server of ["embedded", "stock"] as const) {
  if (values.only === undefined || values.only === server) {
    const result = await run({ ...base, server });
    runs.push(result);
    print(result);
  }
}
const overload = values.overload
  ? await run({
      ...base,
      server: "embedded",
      rate: OVERLOAD_RATE,
      seconds: Math.min(seconds, 20),
      maxInbox: 20_000,
    })
  : undefined;
if (overload !== undefined) {
  console.log(`\noverload: answers ${JSON.stringify(overload.statuses)},`);
  console.log(`  without Retry-After: ${overload.withoutRetryAfter}`);
}

const [embedded] = runs;
const stock = runs.find(({ server }) => server === "stock");
const verdict = {
  rate: runs.every(({ acceptedPerS }) => acceptedPerS >= TARGET.perS * 0.98),
  acknowledgement: runs.every(({ ackMs }) => ackMs.p99 <= TARGET.p99Ms),
  embedded:
    embedded === undefined ||
    stock === undefined ||
    embedded.acceptedPerS >= stock.acceptedPerS * TARGET.embeddedShare,
  overload: overload === undefined || isPolite(overload),
};
console.log("\n", verdict);
storeResult(values.quick ? "intake.local" : "intake", {
  ...{ seconds, rate, nodes: base.nodes, replicas: base.replicas, correlate: base.correlate },
  ...{ stages, runs, overload, verdict },
});
process.exitCode = Object.values(verdict).every(Boolean) ? 0 : 1;

function isPolite({ statuses, withoutRetryAfter }: RunResult): boolean {
  return Object.keys(statuses).every((status) => status === "200" || status === "429")
    ? withoutRetryAfter === 0
    : false;
}

function print(result: RunResult): void {
  const { ackMs, cpuUs } = result;
  console.log(`\n${result.server}${result.correlate ? "" : ", intake alone"}:`);
  console.log(`  accepted ${result.acceptedPerS}/s of ${result.offeredPerS}/s offered`);
  console.log(`  acknowledged in ${ackMs.p50} / ${ackMs.p95} / ${ackMs.p99} ms (p50/p95/p99)`);
  console.log(`  answers ${JSON.stringify(result.statuses)}, rejected ${result.rejected}`);
  console.log(
    `  µs per event: brain ${cpuUs.brain}, database ${cpuUs.database}, load ${cpuUs.load}`,
  );
  console.log(`  processors busy: ${Math.round(result.cpuShare * 100)} %`);
  console.log(`  log ${result.walBytesPerEvent} bytes per event`);
  const lag = result.correlationLagS.at(-1) ?? 0;
  console.log(
    `  correlated ${result.correlatedPerS}/s, ${result.inboxDepth} waiting, ${lag} s late`,
  );
}
