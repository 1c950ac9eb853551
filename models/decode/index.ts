/** What a detector's outputs mean: boxes with a class and a score, in picture fractions. */
import { type BoxNorm, PermanentError, TransientError } from "../../protocol/index.ts";
import type { Manifest } from "../manifest.ts";
import { type PictureSize, type View, viewOf } from "../view.ts";
import { type Candidates, makeCandidates } from "./candidates.ts";
import { boxNormOf, fitOf } from "./fit.ts";
import { decodeNanodet } from "./nanodet.kernel.ts";
import { decodeRows } from "./rows.kernel.ts";
import { suppressed } from "./suppression.kernel.ts";
import { decodeYolox } from "./yolox.kernel.ts";

export interface Detection {
  readonly label: string;
  /** 0–1. */
  readonly score: number;
  readonly box: BoxNorm;
}

/** Outputs by name, as onnxruntime gives them. */
export type Outputs = Readonly<
  Record<string, { readonly data: Float32Array; readonly dims: readonly number[] }>
>;

export interface DecodeOptions {
  /** 0–1; the manifest's threshold when left out. */
  readonly minScore?: number;
  /** Labels to look for; every label when left out. */
  readonly classes?: readonly string[];
  /** What the model looked at; the whole picture when left out. */
  readonly view?: View;
}

/**
 * @param picture size of the frame that went in, in pixels
 * @returns best first
 * @throws TransientError INFERENCE_FAILED on outputs that are missing, misshapen or no numbers
 * @throws PermanentError CONFIG_INVALID on a label the model does not know
 */
export type Decoder = (
  outputs: Outputs,
  picture: PictureSize,
  options?: DecodeOptions,
) => Detection[];

type Kernel = (outputs: Outputs, grid: Grid, wanted: Int32Array, minScore: number) => void;

interface Level {
  readonly stride: number;
  readonly columns: number;
  readonly rows: number;
}

/** The cells of an input of one size, and room for what is found in them. */
interface Grid {
  readonly levels: readonly Level[];
  readonly candidates: Candidates;
}

/** Sizes whose grids are kept; an input has few, as they come in steps. */
const MAX_GRIDS = 64;

/** A decoder reuses its arrays from frame to frame, so each thread makes its own. */
export function createDecoder(manifest: Manifest): Decoder {
  const gridOf = gridsOf(manifest);
  const kernel = kernelOf(manifest);
  const wantedOf = wantedClasses(manifest.labels);
  return (outputs, picture, options = {}) => {
    const view = options.view ?? viewOf(manifest, picture);
    const grid = gridOf(view.size);
    const { candidates } = grid;
    candidates.count = 0;
    candidates.invalid = 0;
    const minScore = options.minScore ?? manifest.thresholds.score;
    kernel(outputs, grid, wantedOf(options.classes), minScore);
    if (candidates.invalid > 0) {
      throw new TransientError("INFERENCE_FAILED", "The model gave values that are no numbers", {
        where: manifest.id,
        expected: "finite numbers",
        got: `${String(candidates.invalid)} that are not`,
      });
    }
    return detectionsOf(candidates, manifest, picture, view);
  };
}

function detectionsOf(
  candidates: Candidates,
  { input, labels, thresholds }: Manifest,
  picture: PictureSize,
  view: View,
): Detection[] {
  const fit = fitOf(input, view);
  const { left, top, right, bottom, score, label } = candidates;
  const detections: Detection[] = [];
  for (const index of suppressed(candidates, thresholds.iou)) {
    const [x0 = 0, y0 = 0, x1 = 0, y1 = 0] = [left[index], top[index], right[index], bottom[index]];
    const box = boxNormOf([x0, y0, x1, y1], fit, view, picture);
    if (box !== undefined) {
      const name = labels[label[index] ?? -1] ?? "";
      detections.push({ label: name, score: Math.min(score[index] ?? 0, 1), box });
    }
  }
  return detections;
}

function kernelOf({ decoder, id, labels }: Manifest): Kernel {
  const classCount = labels.length;
  switch (decoder.kind) {
    case "nanodet":
      return (outputs, { levels, candidates }, wanted, minScore) => {
        const { bins } = decoder;
        for (const [index, level] of levels.entries()) {
          const cells = cellsOf(level);
          const scores = dataOf(outputs, decoder.scores[index], cells * classCount, id);
          const distances = dataOf(outputs, decoder.distances[index], cells * 4 * bins, id);
          const values = { ...level, scores, distances, bins, classCount };
          decodeNanodet(values, wanted, minScore, candidates);
        }
      };
    case "yolox":
      return (outputs, { levels, candidates }, wanted, minScore) => {
        const size = candidates.capacity * (5 + classCount);
        const values = dataOf(outputs, decoder.output, size, id);
        let firstCell = 0;
        for (const level of levels) {
          decodeYolox({ ...level, values, firstCell, classCount }, wanted, minScore, candidates);
          firstCell += cellsOf(level);
        }
      };
    case "rows":
      return (outputs, { candidates }, wanted, minScore) => {
        const { output, rows } = decoder;
        const values = dataOf(outputs, output, rows * 6, id);
        decodeRows({ values, rows }, wanted, minScore, candidates);
      };
  }
}

function gridsOf({ decoder }: Manifest): (size: readonly [number, number]) => Grid {
  const grids = new Map<number, Grid>();
  return ([height, width]) => {
    const key = height * 65_536 + width;
    const known = grids.get(key);
    if (known !== undefined) {
      return known;
    }
    const strides = "strides" in decoder ? decoder.strides : [];
    const levels = strides.map((stride) => ({
      stride,
      columns: Math.ceil(width / stride),
      rows: Math.ceil(height / stride),
    }));
    const cells = levels.reduce((sum, level) => sum + cellsOf(level), 0);
    const room = decoder.kind === "rows" ? decoder.rows : cells;
    const grid = { levels, candidates: makeCandidates(room) };
    if (grids.size >= MAX_GRIDS) {
      grids.clear();
    }
    grids.set(key, grid);
    return grid;
  };
}

function cellsOf({ columns, rows }: Level): number {
  return columns * rows;
}

function dataOf(
  outputs: Outputs,
  name: string | undefined,
  size: number,
  where: string,
): Float32Array {
  const output = outputs[name ?? ""];
  if (output?.data.length !== size) {
    const got = output === undefined ? "no such output" : `[${output.dims.join(", ")}]`;
    throw new TransientError(
      "INFERENCE_FAILED",
      `Output ${name ?? ""} is not as the manifest says`,
      {
        where,
        expected: `${String(size)} elements`,
        got,
      },
    );
  }
  return output.data;
}

/** Looks labels up once per list, since the same list comes with every frame. */
function wantedClasses(labels: readonly string[]): (classes?: readonly string[]) => Int32Array {
  const all = Int32Array.from(labels.keys());
  const known = new WeakMap<readonly string[], Int32Array>();
  return (classes) => {
    if (classes === undefined) {
      return all;
    }
    const found = known.get(classes) ?? Int32Array.from(classes, (label) => indexOf(labels, label));
    known.set(classes, found);
    return found;
  };
}

function indexOf(labels: readonly string[], label: string): number {
  const index = labels.indexOf(label);
  if (index < 0) {
    throw new PermanentError("CONFIG_INVALID", "The model knows no such class", {
      expected: `one of ${labels.join(", ")}`,
      got: label,
    });
  }
  return index;
}
