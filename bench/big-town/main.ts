/**
 * `npm run bench:big-town [-- --cases 100000 --seconds 30]`: a brain with very many open cases. Lists
 * and acknowledgements as a control room and departments ask for them, first alone, then while 500
 * events arrive each second, one of ten a new case.
 *
 * `--quick`: 5 000 cases and short runs, not stored.
 */
import { parseArgs } from "node:util";
import pg from "pg";
import { catalogue } from "../../protocol/index.ts";
import { latencyOf, MIXES } from "../dispatch/orders.ts";
import { sendLoad } from "../dispatch/run.ts";
import { World } from "../dispatch/world.ts";
import { seedBigTown } from "../support/big-town.ts";
import { storeResult } from "../support/report.ts";
import { askFor, LISTS } from "./lists.ts";
import { acknowledgeAll, readOpenTasks } from "./tasks.ts";

const { values } = parseArgs({
  options: {
    cases: { type: "string" },
    seconds: { type: "string" },
    rate: { type: "string", default: "500" },
    quick: { type: "boolean", default: false },
  },
});
const cases = Number(values.cases ?? (values.quick ? 5_000 : 100_000));
const seconds = Number(values.seconds ?? (values.quick ? 8 : 30));
const rate = Number(values.rate);
const BARS = { listP95Ms: 300, acknowledgementP99Ms: 200 };
const LISTS_PER_S = 5;
const ACKNOWLEDGEMENTS_PER_S = 20;
const WARM_UP_S = 3;

await using world = await World.create({ behaviours: {}, acknowledgeAfterMs: null });
// The first start makes the tables and the endpoints that the seeded tasks were delivered to.
await world.startBrain();
await world.stopBrain();
const pool = new pg.Pool({ connectionString: world.server.connectionString, max: 2 });
const cameras = world.nodes.flatMap(({ id, cameraIds }) =>
  cameraIds.map((cameraId) => ({ nodeId: id, cameraId })),
);
console.log(`seeding ${String(cases)} open cases …`);
const seedMs = await seedBigTown(pool, { cases, now: Date.now(), cameras });
console.log(`  ${String(Math.round(seedMs / 1000))} s`);
const url = await world.startBrain();

const alone = await measure("alone");
const order = { url, nodes: world.nodes, rate, mix: MIXES.realistic, seed: 1 };
const codes = catalogue.eventTypes.map(({ code }) => code);
let busy: Promise<Measured> | undefined;
const load = await sendLoad({ ...order, codes, warmUpS: WARM_UP_S, seconds: seconds + 2 }, () => {
  busy = measure("events arrive");
});
const withEvents = await busy;
await pool.end();

const met = (measured: Measured | undefined): boolean =>
  measured !== undefined &&
  Object.values(measured.lists).every(({ p95 }) => p95 <= BARS.listP95Ms) &&
  measured.acknowledgement.p99 <= BARS.acknowledgementP99Ms;
const verdict = { alone: met(alone), withEvents: met(withEvents) };
const eventAnswerMs = latencyOf(load.ackMs);
console.log("events answered", eventAnswerMs, load.statuses, verdict);
if (!values.quick) {
  const figures = { cases, seconds, rate, seedS: Math.round(seedMs / 1000), bars: BARS };
  storeResult("big-town", { ...figures, verdict, alone, withEvents, eventAnswerMs });
}
process.exitCode = Object.values(verdict).every(Boolean) ? 0 : 1;

type Measured = Awaited<ReturnType<typeof measure>>;

async function measure(name: string) {
  const tasks = await readOpenTasks(pool, ACKNOWLEDGEMENTS_PER_S * seconds);
  const [lists, acknowledged] = await Promise.all([
    askFor(url, LISTS_PER_S, seconds),
    acknowledgeAll({ url, tasks, secrets: world.secrets, perS: ACKNOWLEDGEMENTS_PER_S }),
  ]);
  const acknowledgement = latencyOf(acknowledged.latenciesMs);
  console.log(`\n${name}: acknowledgement`, acknowledgement, acknowledged.statuses);
  const summary = Object.fromEntries(
    LISTS.map(({ name: list }) => [list, latencyOf(lists.get(list) ?? [])]),
  );
  console.table(summary);
  return { lists: summary, acknowledgement, statuses: acknowledged.statuses };
}
