/**
 * The converter's graph against the literal translation of the same network, by turns in one
 * process on one thread: what both cost, and how far their outputs lie apart.
 */
import ort from "onnxruntime-node";
import { type Model, viewOf } from "../../models/index.ts";
import { type Graph, writeOnnx } from "../../models/onnx/index.ts";
import { withPreprocessing } from "../../models/preprocess.ts";
import { seeded } from "../support/seeded.ts";
import type { FrameFormat } from "./frames.ts";
import { bodiesOf } from "./plain-variant.ts";
import { feedsOf, spreadOf } from "./run.ts";

export interface Comparison {
  readonly plainMs: number;
  readonly oursMs: number;
  /** Ours divided by the literal one. */
  readonly ratio: number;
  /** The same of the fastest runs, which other load on the machine does not reach. */
  readonly bestRatio: number;
}

export interface ConversionFigures {
  /** The network alone, at the manifest's own size. */
  readonly body: Comparison & { readonly largestDifference: number };
  /** A look at a whole picture: the literal one sees a padded square, ours what viewOf picks. */
  readonly look: Comparison;
}

const ROUNDS = 40;
/** The first runs allocate. */
const WARM_UP = 3;

export async function measureConversion(
  { manifest }: Model,
  cacheDir: string,
  format: FrameFormat,
): Promise<ConversionFigures> {
  const { plain, ours } = await bodiesOf(manifest, cacheDir);
  const { width, height, name } = manifest.input;
  const random = seeded(7);
  const values = Float32Array.from({ length: 3 * width * height }, () => random() * 4 - 2);
  const dims = manifest.input.layout === "nchw" ? [1, 3, height, width] : [1, height, width, 3];
  const feeds = { [name]: new ort.Tensor("float32", values, dims) };
  const body = await byTurns([plain, feeds], [ours, feeds]);

  const fixed = Object.fromEntries(
    Object.entries(manifest.input).filter(([key]) => key !== "sizeStep"),
  ) as typeof manifest.input;
  const bytes = Uint8Array.from({ length: (format.width * format.height * 3) / 2 }, () =>
    Math.floor(random() * 256),
  );
  const look = (graph: Graph, input: typeof manifest.input): Turn => {
    const view = viewOf({ input }, format);
    const prepared = withPreprocessing(graph, input, manifest.id);
    return [
      prepared,
      feedsOf(
        prepared.inputs.map((it) => it.name),
        bytes,
        format,
        view,
      ),
    ];
  };
  const looks = await byTurns(look(plain, fixed), look(ours, manifest.input));
  return {
    body: { ...comparisonOf(body), largestDifference: differenceOf(body) },
    look: comparisonOf(looks),
  };
}

type Turn = readonly [Graph, Record<string, ort.Tensor>];

interface Run {
  readonly timesMs: number[];
  outputs: ort.InferenceSession.ReturnType;
}

async function byTurns(plain: Turn, ours: Turn): Promise<readonly [Run, Run]> {
  const runs: [Run, Run] = [
    { timesMs: [], outputs: {} },
    { timesMs: [], outputs: {} },
  ];
  const sessions = [];
  for (const [graph] of [plain, ours]) {
    const options = { intraOpNumThreads: 1, interOpNumThreads: 1 };
    sessions.push(await ort.InferenceSession.create(writeOnnx(graph), options));
  }
  for (let round = 0; round < ROUNDS + WARM_UP; round += 1) {
    for (const [index, session] of sessions.entries()) {
      const run = runs[index === 0 ? 0 : 1];
      const startedMs = performance.now();
      run.outputs = await session.run((index === 0 ? plain : ours)[1]);
      if (round >= WARM_UP) {
        run.timesMs.push(performance.now() - startedMs);
      }
    }
  }
  await Promise.all(sessions.map((session) => session.release()));
  return runs;
}

function comparisonOf([plain, ours]: readonly [Run, Run]): Comparison {
  const plainMs = spreadOf(plain.timesMs).p50;
  const oursMs = spreadOf(ours.timesMs).p50;
  const bestRatio = Math.min(...ours.timesMs) / Math.min(...plain.timesMs);
  return { plainMs, oursMs, ratio: oursMs / plainMs, bestRatio };
}

function differenceOf([plain, ours]: readonly [Run, Run]): number {
  let largest = 0;
  for (const [name, { data }] of Object.entries(plain.outputs)) {
    const other = ours.outputs[name]?.data as Float32Array;
    for (const [index, value] of (data as Float32Array).entries()) {
      largest = Math.max(largest, Math.abs(value - (other[index] ?? Number.NaN)));
    }
  }
  return largest;
}
