/**
 * `npm run bench:track [-- --only mot15,mot17,fifth,dropped,vtest,speed] [--quick] [--verbose]`:
 * how well the product's tracker keeps identities beside SORT and ByteTrack, on public sequences
 * and end to end, and how fast it is.
 *
 * `fifth` is every fifth frame of MOT17, given and scored. `dropped` takes a tenth of the
 * detections away, the same in every run. `--verbose` adds a row per sequence. `--quick` shortens
 * the speed measurement from 10⁶ to 10⁵ frames and stores apart.
 */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { provenance, storeResult } from "../support/report.ts";
import { type Contestant, contestantsFor } from "./contestants.ts";
import { footageMissing, readFootage } from "./footage-sequence.ts";
import { measureQuality, printQuality, type Qualities } from "./quality.ts";
import type { RunOptions } from "./run.ts";
import { readSet, type Sequence, setMissing, type SetName } from "./sequence.ts";
import { measureSpeed, printSpeed, type SpeedFigures } from "./speed.ts";

const PARTS = ["mot15", "mot17", "fifth", "dropped", "vtest", "speed"] as const;
type Part = (typeof PARTS)[number];

const STORED = "track";
/** Not kept in the repository. */
const STORED_QUICK = "track.local";
const STEP = 5;
const DROPPED: RunOptions = { dropShare: 0.1, seed: 1 };
const SPEED_FRAMES = 1_000_000;
/** Enough for the peers, and for a quick run. */
const FEW_FRAMES = 100_000;
/** At most this much may lie about after 10⁶ frames without being called growth, bytes. */
const HEAP_NOISE = 1024 * 1024;

const { values } = parseArgs({
  options: {
    only: { type: "string", default: PARTS.join(",") },
    quick: { type: "boolean", default: false },
    verbose: { type: "boolean", default: false },
  },
});

async function main(): Promise<number> {
  const wanted = values.only.split(",");
  const unknown = wanted.filter((name) => !(PARTS as readonly string[]).includes(name));
  if (unknown.length > 0) {
    console.error(`expected parts of ${PARTS.join(",")}, got ${unknown.join(",")}`);
    return 1;
  }
  const measured: Record<string, object> = {};
  for (const part of PARTS.filter((name) => wanted.includes(name))) {
    const missing = missingFor(part);
    if (missing !== undefined) {
      console.log(`\n${part}: skipped, ${missing}`);
      continue;
    }
    measured[part] = { ...provenance(), figures: await measurePart(part) };
  }
  if (Object.keys(measured).length > 0) {
    store(values.quick ? STORED_QUICK : STORED, measured);
  }
  return 0;
}

function missingFor(part: Part): string | undefined {
  switch (part) {
    case "vtest":
      return footageMissing();
    case "dropped":
      return setMissing("mot15") ?? setMissing("mot17");
    default:
      return setMissing(part === "mot15" ? "mot15" : "mot17");
  }
}

async function measurePart(part: Part): Promise<unknown> {
  switch (part) {
    case "mot15":
      return compare("mot15", "MOT15, public detections of Faster R-CNN", readSet("mot15"));
    case "mot17":
      return compare("mot17", "MOT17 half-validation, detections of YOLOX-X", readSet("mot17"));
    case "fifth":
      return compare("mot17", "MOT17, every fifth frame", readSet("mot17"), { step: STEP });
    case "dropped":
      return {
        mot15: compare("mot15", "MOT15, 10 % of detections missing", readSet("mot15"), DROPPED),
        mot17: compare("mot17", "MOT17, 10 % of detections missing", readSet("mot17"), DROPPED),
      };
    case "vtest":
      return compare("vtest", "PETS09-S2L1 end to end, our detector (bars 50 / 80 / 65)", [
        await readFootage(),
      ]);
    case "speed":
      return measureSpeeds();
  }
}

function compare(
  set: SetName | "vtest",
  title: string,
  sequences: readonly Sequence[],
  options: RunOptions = {},
): Qualities {
  const qualities = measureQuality(contestantsFor(set), sequences, options);
  printQuality(title, qualities, values.verbose);
  const { ours, SORT: sort, ByteTrack: byteTrack } = qualities;
  const lead = (["hota", "mota", "idf1"] as const).map((name) => {
    const best = Math.max(sort.all[name], byteTrack.all[name]);
    const points = (ours.all[name] - best) * 100;
    return `${points > 0 ? "+" : ""}${points.toFixed(1)} ${name.toUpperCase()}`;
  });
  console.log(`ours against the better of both: ${lead.join(", ")}`);
  return qualities;
}

function measureSpeeds(): Readonly<Record<Contestant, SpeedFigures>> {
  console.log(`\nSpeed on MOT17 (bars: 10000 frames/s, p99 < 0.5 ms, no growth over 10⁶ frames)`);
  const sequences = readSet("mot17");
  const contestants = Object.entries(contestantsFor("mot17"));
  const measured = contestants.map(([name, factory]) => {
    const isLong = name === "ours" && !values.quick;
    const figures = measureSpeed(factory, sequences, isLong ? SPEED_FRAMES : FEW_FRAMES);
    printSpeed(name, figures);
    if (figures.heapGrowth > HEAP_NOISE) {
      console.log(`${name} grows: ${figures.heapGrowth} bytes in ${figures.frames} frames`);
    }
    return [name, figures];
  });
  return Object.fromEntries(measured) as Readonly<Record<Contestant, SpeedFigures>>;
}

/** Parts that were not measured this time stay as they were, each with its own provenance. */
function store(name: string, measured: Readonly<Record<string, object>>): void {
  const file = path.resolve(import.meta.dirname, `../results/${name}.json`);
  const before = existsSync(file)
    ? (JSON.parse(readFileSync(file, "utf8")) as { readonly parts?: object }).parts
    : {};
  const parts = JSON.parse(JSON.stringify({ ...before, ...measured }, rounded)) as object;
  storeResult(name, { parts });
}

function rounded(_key: string, value: unknown): unknown {
  return typeof value === "number" ? Number(value.toFixed(4)) : value;
}

process.exitCode = await main();
