/**
 * A sequence in MOTChallenge's files: `seqinfo.ini`, `gt.txt` (frame, id, left, top, width, height,
 * considered, then class and visibility in MOT17, world coordinates in MOT15) and `det.txt` (frame,
 * −1, left, top, width, height, score). Frames count from 1, pixels.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import type { TrackedDetection } from "../../edge/track/index.ts";
import { PermanentError } from "../../protocol/index.ts";
import type { Frames, TruthBox } from "./metrics/index.ts";

export interface Sequence {
  readonly name: string;
  readonly framesPerSecond: number;
  readonly width: number;
  readonly height: number;
  readonly detections: Frames<TrackedDetection>;
  readonly truth: Frames<TruthBox>;
}

export type SetName = "mot15" | "mot17";

/** Beside the project; never part of it. */
export const DATA = path.resolve(import.meta.dirname, "../../../shared/data");
const FOLDERS: Readonly<Record<SetName, string>> = { mot15: "mot15", mot17: "mot17-half-val" };
const PERSON = 1;
/** Person on a vehicle, static person, distractor, reflection. */
const DISTRACTORS: readonly number[] = [2, 7, 8, 12];

/** Why a set cannot be read; undefined when it is there. */
export function setMissing(set: SetName): string | undefined {
  const folder = path.join(DATA, FOLDERS[set]);
  return existsSync(folder)
    ? undefined
    : `${set} is missing: ../shared/data/${FOLDERS[set]} beside the project`;
}

/** In order of their names. */
export function readSet(set: SetName): readonly Sequence[] {
  const folder = path.join(DATA, FOLDERS[set]);
  return readdirSync(folder)
    .sort()
    .map((name) => readSequence(path.join(folder, name), set));
}

export function readSequence(folder: string, set: SetName): Sequence {
  const info = readInfo(path.join(folder, "seqinfo.ini"));
  const truth = readTruth(path.join(folder, "gt.txt"), info.length, set);
  const detections = byFrame(path.join(folder, "det.txt"), info.length, (row) => ({
    label: "person",
    score: row[6] as number,
    box: boxOf(row),
  }));
  return { name: path.basename(folder), ...info.format, detections, truth };
}

/** @param length number of frames. */
export function readTruth(file: string, length: number, set: SetName): Frames<TruthBox> {
  return byFrame(file, length, (row) => ({
    id: row[1] as number,
    box: boxOf(row),
    role: roleOf(row, set),
  }));
}

function roleOf(row: readonly number[], set: SetName): TruthBox["role"] {
  const kind = set === "mot17" ? (row[7] as number) : PERSON;
  if (DISTRACTORS.includes(kind)) {
    return "distractor";
  }
  return row[6] !== 0 && kind === PERSON ? "evaluated" : "ignored";
}

function boxOf([, , left, top, width, height]: readonly number[]): TruthBox["box"] {
  return {
    left: left as number,
    top: top as number,
    width: width as number,
    height: height as number,
  };
}

function byFrame<T>(file: string, length: number, make: (row: number[]) => T): Frames<T> {
  const frames: T[][] = Array.from({ length }, () => []);
  for (const line of readFileSync(file, "utf8").split("\n")) {
    if (line.trim() === "") {
      continue;
    }
    const row = line.split(",").map(Number);
    const frame = frames[(row[0] as number) - 1];
    if (frame === undefined || row.length < 7 || row.some(Number.isNaN)) {
      throw malformed(file, `seven numbers or more, the first within 1–${length}`, line);
    }
    frame.push(make(row));
  }
  return frames;
}

interface Info {
  readonly length: number;
  readonly format: Pick<Sequence, "framesPerSecond" | "width" | "height">;
}

function readInfo(file: string): Info {
  const text = readFileSync(file, "utf8");
  const valueOf = (key: string): number => {
    const value = Number(new RegExp(`^${key}=(.*)$`, "m").exec(text)?.[1]);
    if (!(value > 0)) {
      throw malformed(file, `${key} above 0`, String(value));
    }
    return value;
  };
  return {
    length: valueOf("seqLength"),
    format: {
      framesPerSecond: valueOf("frameRate"),
      width: valueOf("imWidth"),
      height: valueOf("imHeight"),
    },
  };
}

function malformed(file: string, expected: string, got: string): PermanentError {
  return new PermanentError("SOURCE_UNREADABLE", "The file is not as MOTChallenge defines it", {
    where: file,
    expected,
    got,
  });
}
