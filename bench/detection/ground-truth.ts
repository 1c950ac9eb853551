/** Ground truth in MOTChallenge's form: frame, id, left, top, width, height, considered, … */
import { readFile } from "node:fs/promises";
import type { BoxNorm } from "../../protocol/index.ts";
import type { FrameFormat } from "./frames.ts";

/** Boxes in picture fractions, by frame number; the first frame is 1. */
export async function readGroundTruth(
  path: string,
  { width, height }: FrameFormat,
): Promise<ReadonlyMap<number, readonly BoxNorm[]>> {
  const boxes = new Map<number, BoxNorm[]>();
  for (const line of (await readFile(path, "utf8")).split("\n")) {
    const [frame, , left = 0, top = 0, boxWidth = 0, boxHeight = 0, considered] = line
      .split(",")
      .map(Number);
    if (line.trim() === "" || frame === undefined || considered === 0) {
      continue;
    }
    const list = boxes.get(frame) ?? [];
    list.push({
      left: left / width,
      top: top / height,
      width: boxWidth / width,
      height: boxHeight / height,
    });
    boxes.set(frame, list);
  }
  return boxes;
}
