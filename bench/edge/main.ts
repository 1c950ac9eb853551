/**
 * `npm run bench:edge [-- --only stages,cameras,still,overload,quality,peers,reconnects]
 * [--quick] [--gate] [--provider webgpu]`: how many cameras a node serves, how soon, and what it costs.
 *
 * `--gate` compares with the stored result of the same machine and fails where something is more
 * than 10 % worse. A quick run is stored apart, as it is less exact.
 */
import { parseArgs } from "node:util";
import { provenance } from "../support/report.ts";
import { BareSession } from "./bare-session.ts";
import { measureCameras, type CameraFigures } from "./cameras.ts";
import { footageMissing } from "./footage.ts";
import { measureOverload } from "./overload.ts";
import { measurePeers } from "./peers.ts";
import { measureQuality } from "./quality.ts";
import { measureReconnects } from "./reconnects.ts";
import { isSameMachine, regressionsOf, type Figure } from "./regression.ts";
import { measureStages } from "./stages.ts";
import { measureStill } from "./still.ts";
import { storedParts, storeParts, type StoredPart } from "./stored-result.ts";

const PARTS = ["stages", "cameras", "still", "overload", "quality", "peers", "reconnects"] as const;
type Part = (typeof PARTS)[number];

const STORED = "edge";
/** Not kept in the repository. */
const STORED_QUICK = "edge.local";
const QUICK_FRAMES = 100;
/** Cameras that are taken for sustained when nothing has been measured yet. */
const ASSUMED_CAMERAS = 8;

interface Settings {
  readonly quick: boolean;
  readonly minutes: number;
  readonly cycles: number;
  /** Cameras a node sustains, for the overload. */
  readonly sustained: number | undefined;
}

interface Outcome {
  readonly figures: unknown;
  readonly compared: Readonly<Record<string, Figure>>;
}

const { values } = parseArgs({
  options: {
    only: { type: "string", default: PARTS.join(",") },
    quick: { type: "boolean", default: false },
    gate: { type: "boolean", default: false },
    minutes: { type: "string" },
    cycles: { type: "string" },
    cameras: { type: "string" },
    provider: { type: "string", default: "cpu" },
  },
});

async function main(): Promise<number> {
  const missing = footageMissing();
  if (missing !== undefined) {
    console.log(`skipped: ${missing}`);
    return 0;
  }
  const wanted = values.only.split(",");
  const unknown = wanted.filter((name) => !(PARTS as readonly string[]).includes(name));
  if (unknown.length > 0) {
    console.error(`expected parts of ${PARTS.join(",")}, got ${unknown.join(",")}`);
    return 1;
  }
  const { quick } = values;
  process.env["SESB_BENCH_PROVIDER"] = values.provider; // The children inherit it.
  const settings: Settings = {
    quick,
    minutes: Number(values.minutes ?? (quick ? 1 : 10)),
    cycles: Number(values.cycles ?? (quick ? 50 : 1000)),
    sustained: values.cameras === undefined ? undefined : Number(values.cameras),
  };
  const before = storedParts(STORED);
  const measured: Record<
    string,
    Omit<StoredPart, "at" | "commit" | "machine" | "node" | "load">
  > = {};
  for (const part of PARTS.filter((name) => wanted.includes(name))) {
    console.log(`\n${part} …`);
    const bareFps = await bareFramesPerS(quick);
    const outcome = await measurePart(part, settings, bareFps);
    if (outcome !== undefined) {
      measured[part] = { bareFps, ...outcome };
      printFigures(part, outcome.figures);
      // At once: a later part that fails must not lose this one.
      storeParts(quick ? STORED_QUICK : STORED, { [part]: measured[part] });
    }
  }
  printTable(measured);
  return values.gate ? compare(before, measured) : 0;
}

async function bareFramesPerS(quick: boolean): Promise<number> {
  const bare = await BareSession.start();
  try {
    return await bare.framesPerS(quick ? 2 : 5);
  } finally {
    await bare.close();
  }
}

async function measurePart(
  part: Part,
  { quick, minutes, cycles, sustained }: Settings,
  bareFps: number,
): Promise<Outcome | undefined> {
  const higher = (value: number): Figure => ({ value, better: "higher" });
  const lower = (value: number): Figure => ({ value, better: "lower" });
  switch (part) {
    case "stages": {
      const figures = await measureStages(quick);
      return { figures, compared: { "node / bare session": higher(figures.nodePerBare) } };
    }
    case "cameras": {
      const figures = await measureCameras(quick);
      return { figures, compared: comparedCameras(figures, bareFps) };
    }
    case "still": {
      const figures = await measureStill(quick);
      const cost = (figures.cpuPerCamera.sum * bareFps) / 100;
      return { figures, compared: { "still camera, in bare looks per second": lower(cost) } };
    }
    case "overload": {
      const figures = await measureOverload(sustained ?? knownSustained(), minutes);
      return { figures, compared: { "overload: Jain's index": higher(figures.jain) } };
    }
    case "quality": {
      const figures = await measureQuality(quick ? QUICK_FRAMES : undefined);
      return (
        figures && { figures, compared: { "recall with the gate": higher(figures.recall.gated) } }
      );
    }
    case "peers": {
      const figures = await measurePeers(quick);
      return {
        figures,
        compared: {
          "node / plain onnxruntime": higher(figures.nodePerPlainOnnx),
          "node / TensorFlow.js": higher(figures.nodePerTfjsWasm),
        },
      };
    }
    case "reconnects":
      return { figures: await measureReconnects(cycles), compared: {} };
  }
}

function comparedCameras(
  { gated, everyFrame }: CameraFigures,
  bareFps: number,
): Readonly<Record<string, Figure>> {
  const looks = Math.max(...everyFrame.steps.map((step) => step.analysedPerS));
  return {
    "sustained cameras with the gate / bare fps": {
      value: gated.sustained / bareFps,
      better: "higher",
    },
    "most looks of every frame / bare session": { value: looks / bareFps, better: "higher" },
  };
}

function knownSustained(): number {
  for (const stored of [values.quick ? STORED_QUICK : STORED, STORED]) {
    const cameras = storedParts(stored)["cameras"]?.figures as CameraFigures | undefined;
    if (cameras !== undefined && cameras.gated.sustained > 0) {
      return cameras.gated.sustained;
    }
  }
  console.log(`overload: cameras have not been measured; taking ${ASSUMED_CAMERAS} for sustained`);
  return ASSUMED_CAMERAS;
}

function printFigures(part: Part, figures: unknown): void {
  const text = JSON.stringify(figures, (key, value: unknown) =>
    key === "samples" || (key === "steps" && part === "cameras") ? undefined : value,
  );
  console.log(`  ${text}`);
}

function printTable(
  measured: Readonly<Record<string, Pick<StoredPart, "bareFps" | "compared">>>,
): void {
  const rows = Object.entries(measured).flatMap(([part, { bareFps, compared }]) =>
    [["bare session, frames/s", bareFps] as const]
      .concat(Object.entries(compared).map(([name, { value }]) => [name, value]) as never[])
      .map(
        ([name, value]) => `${part.padEnd(12)}${name.padEnd(48)}${value.toFixed(3).padStart(10)}`,
      ),
  );
  console.log(`\n${rows.join("\n")}`);
}

function compare(
  before: Readonly<Record<string, StoredPart>>,
  measured: Readonly<Record<string, Pick<StoredPart, "compared">>>,
): number {
  const { machine } = provenance();
  let failures = 0;
  for (const [part, { compared }] of Object.entries(measured)) {
    const stored = before[part];
    if (stored === undefined || !isSameMachine(stored.machine, machine)) {
      console.log(`gate: ${part} has no stored result of this machine to compare with`);
      continue;
    }
    for (const { name, before: old, now, worse } of regressionsOf(stored.compared, compared)) {
      failures++;
      const percent = Math.round(worse * 100);
      console.error(
        `gate: ${part}: ${name} is ${percent} % worse: ${old.toFixed(3)} → ${now.toFixed(3)}`,
      );
    }
  }
  console.log(failures === 0 ? "gate: passed" : `gate: FAILED, ${failures} worse`);
  return failures === 0 ? 0 : 1;
}

process.exitCode = await main();
