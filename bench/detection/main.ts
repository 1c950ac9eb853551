/**
 * `npm run bench:ap`: how well the detector finds people on PETS09-S2L1, through the product's own
 * graph and decoder, and what a frame costs. Bar: AP50 ≥ 0.91.
 */
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { resolveModel } from "../../models/index.ts";
import { storeResult } from "../support/report.ts";
import { readGroundTruth } from "./ground-truth.ts";
import { plainVariant } from "./plain-variant.ts";
import { measure, type Outcome } from "./run.ts";

const TRUTH = "../shared/data/mot15/PETS09-S2L1/gt.txt";
const FOOTAGE = ".cache/footage/vtest.avi";
const CACHE_DIR = ".cache/models";
/** Of the footage. */
const FORMAT = { width: 768, height: 576 };
const BAR_AP50 = 0.91;
/** The variants that are measured for their cost only need a few frames. */
const COST_EVERY = 16;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { every: { type: "string", default: "4" }, "no-plain": { type: "boolean" } },
  });
  for (const [what, path] of [
    ["ground truth", TRUTH],
    ["footage (npm run setup fetches it)", FOOTAGE],
  ] as const) {
    if (!existsSync(path)) {
      process.stdout.write(`skipped: the ${what} is not at ${path}\n`);
      return 0;
    }
  }
  const every = Number(values.every);
  const truth = await readGroundTruth(TRUTH, FORMAT);
  const options = { footage: FOOTAGE, format: FORMAT, truth, every };
  const results: Record<string, Outcome> = {};
  for (const name of positionals.length > 0 ? positionals : ["nanodet"]) {
    const model = await resolveModel(name, { cacheDir: CACHE_DIR });
    const { id, source } = model.manifest;
    results[id] = await measure(model, options);
    if (source.kind === "npm" && !values["no-plain"]) {
      const folder = await mkdtemp(join(tmpdir(), "plain-"));
      try {
        const plain = await plainVariant(model, CACHE_DIR, folder);
        results[`${id}, transposes kept`] = await measure(plain, { ...options, every: COST_EVERY });
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    }
  }
  process.stdout.write(tableOf(results, every));
  const figures = JSON.parse(JSON.stringify(results, rounded)) as typeof results;
  storeResult("detection", { sequence: "PETS09-S2L1", threads: 1, every, results: figures });
  const [first] = Object.values(results);
  return first !== undefined && first.ap >= BAR_AP50 ? 0 : 1;
}

function rounded(_key: string, value: unknown): unknown {
  return typeof value === "number" ? Number(value.toFixed(4)) : value;
}

function tableOf(results: Readonly<Record<string, Outcome>>, every: number): string {
  const rows = [["model", "frames", "AP50", "F1", "recall", "precision", "score", "ms", "p95"]];
  for (const [name, { frames, ap, bestF1, inferenceMs }] of Object.entries(results)) {
    const { f1, recall, precision, score } = bestF1;
    const shares = [ap, f1, recall, precision, score].map((it) => it.toFixed(3));
    const costs = [inferenceMs.p50, inferenceMs.p95].map((it) => it.toFixed(1));
    rows.push([name, String(frames), ...shares, ...costs]);
  }
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? "").length)),
  );
  const lines = rows.map((row) => row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join("  "));
  return `\nPeople on PETS09-S2L1, every ${String(every)}. frame, IoU 0.5; bar ${String(BAR_AP50)}\n${lines.join("\n")}\n`;
}

process.exitCode = await main();
