/**
 * `npm run bench:machines [-- --sequences 100000 --steps 60 --seed 1]`: random commands against
 * the machines of cases and whistles; no broken rule is allowed in any sequence.
 */
import { parseArgs } from "node:util";
import { createWorkTime, DEFAULT_CALENDAR } from "../../brain/cases/index.ts";
import { caseStateSchema, whistleStateSchema } from "../../protocol/index.ts";
import { storeResult } from "../support/report.ts";
import { seeded } from "../support/seeded.ts";
import { walkCase } from "./case-walk.ts";

const { values } = parseArgs({
  options: {
    sequences: { type: "string", default: "100000" },
    steps: { type: "string", default: "60" },
    seed: { type: "string", default: "1" },
  },
});
// Most commands are refused by design; collecting the stack of each costs a third of the time.
Error.stackTraceLimit = 0;
const sequences = Number(values.sequences);
const steps = Number(values.steps);
const firstSeed = Number(values.seed);
const work = createWorkTime(DEFAULT_CALENDAR);
const START = Date.UTC(2026, 10, 23, 1);

const visited = new Map<string, number>();
let accepted = 0;
let refused = 0;
let closures = 0;
const broken: { readonly seed: number; readonly error: string }[] = [];
const startedAtMs = performance.now();
for (let seed = firstSeed; seed < firstSeed + sequences; seed += 1) {
  const random = seeded(seed);
  try {
    // A sequence begins at any moment of two weeks, nights and weekends among them.
    const start = START + Math.floor(random() * 14 * 86_400_000);
    const result = walkCase({ random, steps, work, start });
    accepted += result.accepted;
    refused += result.refused;
    closures += result.closures;
    for (const state of [...result.visited, ...[...result.whistleStates].map((s) => `w:${s}`)]) {
      visited.set(state, (visited.get(state) ?? 0) + 1);
    }
  } catch (error) {
    broken.push({ seed, error: String(error) });
    console.error(`seed ${seed}: ${String(error)}`);
    if (broken.length >= 5) {
      break;
    }
  }
}
const seconds = (performance.now() - startedAtMs) / 1000;
const expected = [
  ...caseStateSchema.options,
  ...whistleStateSchema.options.filter((state) => state !== "BLOWN").map((state) => `w:${state}`),
];
const unvisited = expected.filter((state) => !visited.has(state));
const met = broken.length === 0 && unvisited.length === 0 && sequences >= 100_000;
console.log(`${sequences} sequences, ${accepted} commands accepted, ${refused} refused,`);
console.log(`${closures} closures, ${Math.round(sequences / seconds)} sequences/s`);
console.log(`states never reached: ${unvisited.join(", ") || "none"}`);
console.log(broken.length === 0 ? "No rule broken." : `${broken.length} SEQUENCES BROKE A RULE.`);
storeResult("machines", {
  sequences,
  steps,
  firstSeed,
  accepted,
  refused,
  closures,
  seconds,
  visited: Object.fromEntries([...visited].sort(([a], [b]) => a.localeCompare(b))),
  broken,
  met,
});
process.exitCode = met ? 0 : 1;
