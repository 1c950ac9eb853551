/**
 * `npm run bench:faults [-- --rounds 12 --seed 1]`: kills the brain, the edge node and the camera
 * server with SIGKILL while the demonstration runs, and then holds all ledgers against each other.
 */
import { parseArgs } from "node:util";
import { storeResult } from "../support/report.ts";
import { killInRounds } from "./kill-rounds.ts";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "12" },
    seed: { type: "string", default: "1" },
  },
});
const rounds = Number(values.rounds);
const seed = Number(values.seed);
const result = await killInRounds(rounds, seed);
console.log(result.verdict);
const { lostEvents, untold, doubled } = result.verdict;
const met = lostEvents === 0 && untold.length === 0 && doubled.length === 0;
console.log(met ? "Nothing lost, nothing doubled." : "LOST OR DOUBLED.");
storeResult("faults", { rounds, seed, ...result, met });
process.exitCode = met ? 0 : 1;
