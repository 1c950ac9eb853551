/**
 * `npm run bench:chaos -- [--kills 300] [--events 300000] [--seed 1] [--quick]`: SIGKILLs of brain,
 * PostgreSQL and Redis, FLUSHALL, and failpoints at commits and HTTP phases, under load. Bars:
 * acknowledged and lost 0, orphaned effects 0, double effects at a department 0.
 */
import { parseArgs } from "node:util";
import { storeResult } from "../support/report.ts";
import { runChaos } from "./run.ts";

const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "300" },
    events: { type: "string", default: "300000" },
    seed: { type: "string", default: "1" },
    quick: { type: "boolean", default: false },
  },
});
const outcome = await runChaos({
  kills: values.quick ? 12 : Number(values.kills),
  events: values.quick ? 6_000 : Number(values.events),
  seed: Number(values.seed),
});
console.log(JSON.stringify(outcome, null, 2));
if (!values.quick) {
  storeResult("chaos", outcome);
}
const { lost, orphaned, doubled, untold } = outcome.verdict;
process.exitCode = lost + orphaned + doubled + untold === 0 ? 0 : 1;
