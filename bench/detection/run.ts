/** Runs one prepared model over the footage and measures what it finds and how long it takes. */
import ort from "onnxruntime-node";
import {
  createDecoder,
  type Detection,
  FRAME_INPUT,
  type Model,
  type Outputs,
  REGION_INPUT,
  SIZE_INPUT,
  type View,
  viewOf,
} from "../../models/index.ts";
import type { BoxNorm } from "../../protocol/index.ts";
import { matched, type Quality, qualityOf, type Scored } from "./average-precision.ts";
import { type FrameFormat, framesOf } from "./frames.ts";

export interface RunOptions {
  readonly footage: string;
  readonly format: FrameFormat;
  readonly truth: ReadonlyMap<number, readonly BoxNorm[]>;
  /** Every how many frames one is looked at. */
  readonly every: number;
  /** What the model looks at; the whole picture when left out. */
  readonly view?: View;
}

export interface Outcome extends Quality {
  readonly frames: number;
  readonly people: number;
  /** Of the graph, preparation included, on one intra-op thread. */
  readonly inferenceMs: Spread;
  /** Of the decoder with suppression. */
  readonly decodeMs: Spread;
}

export interface Spread {
  readonly p50: number;
  readonly p95: number;
}

/** Low enough for the whole precision-recall curve. */
const MIN_SCORE = 0.02;
const MIN_IOU = 0.5;
const PERSON = ["person"] as const;

export async function measure(model: Model, options: RunOptions): Promise<Outcome> {
  const session = await ort.InferenceSession.create(model.path, {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
  });
  const decode = createDecoder(model.manifest);
  const view = options.view ?? viewOf(model.manifest, options.format);
  const scored: Scored[] = [];
  const inference: number[] = [];
  const decoding: number[] = [];
  let people = 0;
  let number = 0;
  for await (const bytes of framesOf(options.footage, options.format)) {
    number += 1;
    if ((number - 1) % options.every !== 0) {
      continue;
    }
    const feeds = feedsOf(session.inputNames, bytes, options.format, view);
    const startedMs = performance.now();
    const outputs = (await session.run(feeds)) as unknown as Outputs;
    const inferredMs = performance.now();
    const found: Detection[] = decode(outputs, options.format, {
      minScore: MIN_SCORE,
      classes: PERSON,
      view,
    });
    decoding.push(performance.now() - inferredMs);
    inference.push(inferredMs - startedMs);
    const truth = options.truth.get(number) ?? [];
    people += truth.length;
    scored.push(...matched(found, truth, MIN_IOU));
  }
  await session.release();
  return {
    ...qualityOf(scored, people),
    frames: inference.length,
    people,
    inferenceMs: spreadOf(inference),
    decodeMs: spreadOf(decoding),
  };
}

/** Whatever inputs the model has, for one look at a frame. */
export function feedsOf(
  inputNames: readonly string[],
  bytes: Uint8Array,
  { width, height }: FrameFormat,
  { region, size }: View,
): Record<string, ort.Tensor> {
  const list = (values: readonly number[]): ort.Tensor =>
    new ort.Tensor("int64", BigInt64Array.from(values, BigInt), [values.length]);
  return {
    [FRAME_INPUT]: new ort.Tensor("uint8", bytes, [1, (height * 3) / 2, width]),
    [REGION_INPUT]: list(region),
    ...(inputNames.includes(SIZE_INPUT) ? { [SIZE_INPUT]: list(size) } : {}),
  };
}

export function spreadOf(samples: readonly number[]): Spread {
  const sorted = [...samples].sort((a, b) => a - b);
  const at = (share: number): number =>
    sorted[Math.min(Math.floor(sorted.length * share), sorted.length - 1)] ?? 0;
  return { p50: at(0.5), p95: at(0.95) };
}
