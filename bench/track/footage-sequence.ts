/**
 * PETS09-S2L1 end to end: the footage through the product's own detector, every frame looked at
 * whole, without the gate. What was detected is kept, so that trackers are compared without running
 * the model again.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import ort from "onnxruntime-node";
import type { TrackedDetection } from "../../edge/track/index.ts";
import {
  createDecoder,
  type Detection,
  type Model,
  type Outputs,
  resolveModel,
  type View,
  viewOf,
} from "../../models/index.ts";
import { framesOf } from "../detection/frames.ts";
import { feedsOf } from "../detection/run.ts";
import type { Frames } from "./metrics/index.ts";
import { DATA, readTruth, type Sequence } from "./sequence.ts";

const ROOT = path.resolve(import.meta.dirname, "../..");
const FOOTAGE = path.join(ROOT, ".cache/footage/vtest.avi");
const CACHE = path.join(ROOT, ".cache/bench");
const MODELS = path.join(ROOT, ".cache/models");
const TRUTH = path.join(DATA, "mot15/PETS09-S2L1/gt.txt");
const FORMAT = { width: 768, height: 576 };
const LENGTH = 795;
/** Of the file. The sequence was taken at 7, but what comes from a camera says how fast it is. */
const FRAMES_PER_SECOND = 10;
/** As low as trackers make use of. */
const MIN_SCORE = 0.1;
const PERSON = ["person"] as const;

/** Why it cannot be measured; undefined when everything is there. */
export function footageMissing(): string | undefined {
  if (!existsSync(FOOTAGE)) {
    return "the footage is missing; node scripts/setup.mjs footage fetches it";
  }
  return existsSync(TRUTH)
    ? undefined
    : "the ground truth is missing: ../shared/data/mot15 beside the project";
}

/** @throws PermanentError MODEL_MISSING when `npm run models` has not been run. */
export async function readFootage(modelId = "nanodet"): Promise<Sequence> {
  const model = await resolveModel(modelId, { cacheDir: MODELS });
  const view = viewOf(model.manifest, FORMAT);
  const file = path.join(CACHE, `vtest-${modelId}-${recipeOf(model, view)}.json`);
  if (!existsSync(file)) {
    console.log(`vtest: ${modelId} looks at ${LENGTH} frames, once`);
    const detections = await detect(model, view);
    mkdirSync(CACHE, { recursive: true });
    writeFileSync(`${file}.partial`, JSON.stringify(detections));
    renameSync(`${file}.partial`, file);
  }
  return {
    name: "vtest",
    framesPerSecond: FRAMES_PER_SECOND,
    ...FORMAT,
    detections: JSON.parse(readFileSync(file, "utf8")) as Frames<TrackedDetection>,
    truth: readTruth(TRUTH, LENGTH, "mot15"),
  };
}

/** Names everything that the detections depend on, but the decoder's code. */
function recipeOf({ sha256, manifest }: Model, view: View): string {
  const { decoder, thresholds } = manifest;
  const recipe = JSON.stringify([sha256, decoder, thresholds, view, MIN_SCORE]);
  return createHash("sha256").update(recipe).digest("hex").slice(0, 16);
}

async function detect(model: Model, view: View): Promise<Frames<TrackedDetection>> {
  const session = await ort.InferenceSession.create(model.path, {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
  });
  const decode = createDecoder(model.manifest);
  const frames: TrackedDetection[][] = [];
  for await (const bytes of framesOf(FOOTAGE, FORMAT)) {
    if (frames.length === LENGTH) {
      break;
    }
    const feeds = feedsOf(session.inputNames, bytes, FORMAT, view);
    const outputs = (await session.run(feeds)) as unknown as Outputs;
    const found = decode(outputs, FORMAT, { minScore: MIN_SCORE, classes: PERSON, view });
    frames.push(found.map(toPixels));
  }
  await session.release();
  return frames;
}

function toPixels({ label, score, box }: Detection): TrackedDetection {
  const rounded = (value: number, digits: number): number => Number(value.toFixed(digits));
  return {
    label,
    score: rounded(score, 4),
    box: {
      left: rounded(box.left * FORMAT.width, 2),
      top: rounded(box.top * FORMAT.height, 2),
      width: rounded(box.width * FORMAT.width, 2),
      height: rounded(box.height * FORMAT.height, 2),
    },
  };
}
