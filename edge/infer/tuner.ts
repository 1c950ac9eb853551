/**
 * How many sessions with how many threads each: measured once per machine and model and remembered
 * beside the models. A shape that finds less than one session alone is not taken, however fast.
 */
import { readFile, rename, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { z } from "zod";
import { iou, type Clock } from "../../protocol/index.ts";
import type { Detection } from "../../models/index.ts";
import { Detector } from "./detector.ts";
import type { WorkerSettings } from "./messages.ts";
import { drawReferencePicture, type ReferencePicture } from "./reference-picture.ts";

export interface SessionShape {
  /** Inference workers, each with a session of its own. */
  readonly workers: number;
  /** Threads inside one session. */
  readonly threads: number;
}

export interface ShapeMeasure extends SessionShape {
  /** Looks at the reference picture a second, all workers together. */
  readonly looksPerS: number;
  /** Share of the baseline's detections that it finds too, 0–1. */
  readonly found: number;
}

export interface TunerOptions {
  readonly settings: Omit<WorkerSettings, "threads">;
  readonly asked: { readonly workers: number | "auto"; readonly threads: number | "auto" };
  readonly clock: Clock;
  readonly cores: number;
  readonly log: { info(fields: object, message: string): void };
  /** Measures one shape; real workers where left out. */
  readonly measure?: (shape: SessionShape) => Promise<ShapeMeasure>;
}

/** A shape that loses more than one detection in a hundred is rejected. */
const MIN_FOUND = 0.99;
/** Faster by less than this is noise, and the shape with fewer threads is taken. */
const WORTHWHILE = 1.05;
const MEASURE_MS = 1000;
const SAME_BOX = 0.9;

const memorySchema = z.record(z.string(), z.object({ workers: z.number(), threads: z.number() }));

/** @returns the shape asked for, or the measured best of those that the configuration leaves open. */
export async function chooseShape(options: TunerOptions): Promise<SessionShape> {
  const { asked, settings, log, cores } = options;
  if (asked.workers !== "auto" && asked.threads !== "auto") {
    return { workers: asked.workers, threads: asked.threads };
  }
  const candidates = shapesFor(asked, cores);
  const [only] = candidates;
  if (only !== undefined && candidates.length === 1) {
    return only;
  }
  const key = [settings.modelId, settings.provider, os.cpus()[0]?.model, cores, asked.workers]
    .concat(asked.threads)
    .join("|");
  const file = path.join(settings.cacheDir, "tuning.json");
  const memory = await recall(file);
  const known = memory[key];
  if (known !== undefined) {
    return known;
  }
  const measure = options.measure ?? (await measureWith(options));
  const measures: ShapeMeasure[] = [];
  for (const shape of candidates) {
    measures.push(await measure(shape));
  }
  const { workers, threads } = bestOf(measures);
  log.info({ measures, workers, threads }, "sessions and threads are chosen by measurement");
  await remember(file, { ...memory, [key]: { workers, threads } });
  return { workers, threads };
}

/** Fewest threads first: where two are equally fast, less contention leaves more to the decoders. */
export function shapesFor(asked: TunerOptions["asked"], cores: number): SessionShape[] {
  const workers = asked.workers === "auto" ? divisorsOf(cores) : [asked.workers];
  return workers
    .flatMap((count) =>
      asked.threads === "auto"
        ? [...new Set([1, Math.max(1, Math.floor(cores / count))])].map((threads) => ({
            workers: count,
            threads,
          }))
        : [{ workers: count, threads: asked.threads }],
    )
    .filter((shape) => asked.workers !== "auto" || shape.workers * shape.threads <= cores);
}

export function bestOf(measures: readonly ShapeMeasure[]): ShapeMeasure {
  const sound = measures.filter(({ found }) => found >= MIN_FOUND);
  const [first, ...others] = sound.length > 0 ? sound : measures;
  if (first === undefined) {
    throw new Error("bestOf() needs a measure");
  }
  return others.reduce(
    (best, one) => (one.looksPerS > best.looksPerS * WORTHWHILE ? one : best),
    first,
  );
}

function divisorsOf(cores: number): number[] {
  return Array.from({ length: cores }, (_, index) => index + 1).filter((n) => cores % n === 0);
}

async function measureWith(
  options: TunerOptions,
): Promise<(shape: SessionShape) => Promise<ShapeMeasure>> {
  const picture = await drawReferencePicture();
  let baseline: readonly Detection[] | undefined;
  return async (shape) => {
    const run = await runShape(shape, picture, options);
    baseline ??= run.detections;
    return { ...shape, looksPerS: run.looksPerS, found: shareFound(baseline, run.detections) };
  };
}

async function runShape(
  { workers, threads }: SessionShape,
  picture: ReferencePicture,
  { settings, clock }: TunerOptions,
): Promise<{ looksPerS: number; detections: readonly Detection[] }> {
  const detectors = Array.from(
    { length: workers },
    () => new Detector({ settings: { ...settings, threads }, clock, onRestart: () => undefined }),
  );
  try {
    await Promise.all(detectors.map((one) => one.start()));
    // The first look allocates and is slow; it also tells what is found.
    const [first] = await Promise.all(detectors.map((one) => one.detect(picture)));
    const startedAt = performance.now();
    const looks = await Promise.all(detectors.map((one) => lookFor(one, picture, MEASURE_MS)));
    const looksPerS = (sum(looks) * 1000) / (performance.now() - startedAt);
    return { looksPerS, detections: first?.detections ?? [] };
  } finally {
    await Promise.all(detectors.map((one) => one.close()));
  }
}

/** @returns looks completed; a worker that fails in between counts for what it did. */
async function lookFor(one: Detector, picture: ReferencePicture, ms: number): Promise<number> {
  const until = performance.now() + ms;
  let looks = 0;
  while (performance.now() < until) {
    try {
      await one.detect(picture);
    } catch {
      break;
    }
    looks++;
  }
  return looks;
}

/** Share of `wanted` that is in `got` with the same class and nearly the same box. */
export function shareFound(wanted: readonly Detection[], got: readonly Detection[]): number {
  const found = wanted.filter((one) =>
    got.some((other) => other.label === one.label && iou(other.box, one.box) >= SAME_BOX),
  );
  return wanted.length === 0 ? 1 : found.length / wanted.length;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** What cannot be read is measured again. */
async function recall(file: string): Promise<z.infer<typeof memorySchema>> {
  try {
    return memorySchema.parse(JSON.parse(await readFile(file, "utf8")));
  } catch {
    return {};
  }
}

/** A folder that cannot be written costs the next start a measurement, nothing more. */
async function remember(file: string, memory: z.infer<typeof memorySchema>): Promise<void> {
  const draft = `${file}.${process.pid}`;
  try {
    await writeFile(draft, JSON.stringify(memory, null, 2));
    await rename(draft, file);
  } catch {
    // Said above: it is only a memory.
  }
}
