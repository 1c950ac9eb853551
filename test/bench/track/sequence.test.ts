import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readSequence } from "../../../bench/track/sequence.ts";

const INFO = "[Sequence]\nname=x\nframeRate=25\nseqLength=2\nimWidth=640\nimHeight=480\n";

describe("a sequence in MOTChallenge's files", () => {
  let folder = "";

  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), "sequence-"));
  });

  afterEach(() => rm(folder, { recursive: true }));

  async function write(truth: string, detections: string, info = INFO): Promise<void> {
    await writeFile(path.join(folder, "seqinfo.ini"), info);
    await writeFile(path.join(folder, "gt.txt"), truth);
    await writeFile(path.join(folder, "det.txt"), detections);
  }

  it("has frames without rows, and detections and truth in pixels", async () => {
    await write("2,7,1,2,3,4,1,-1,-1,-1\n", "2,-1,5,6,7.5,8,0.9,-1,-1,-1\n");
    expect(readSequence(folder, "mot15")).toEqual({
      name: path.basename(folder),
      framesPerSecond: 25,
      width: 640,
      height: 480,
      truth: [[], [{ id: 7, box: { left: 1, top: 2, width: 3, height: 4 }, role: "evaluated" }]],
      detections: [
        [],
        [{ label: "person", score: 0.9, box: { left: 5, top: 6, width: 7.5, height: 8 } }],
      ],
    });
  });

  it("takes people to be evaluated, distractors apart, and nothing else, in MOT17", async () => {
    const rows = ["1,1", "0,1", "0,8", "0,12", "0,3"].map((end, id) => `1,${id},1,2,3,4,${end},1`);
    await write(rows.join("\n"), "");
    expect(readSequence(folder, "mot17").truth[0]?.map(({ role }) => role)).toEqual([
      "evaluated",
      "ignored",
      "distractor",
      "distractor",
      "ignored",
    ]);
  });

  it("does not take a world coordinate of MOT15 for a class", async () => {
    await write("1,1,1,2,3,4,1,8,2,0\n1,2,1,2,3,4,0,-4.2,-7.4,0\n", "");
    expect(readSequence(folder, "mot15").truth[0]?.map(({ role }) => role)).toEqual([
      "evaluated",
      "ignored",
    ]);
  });

  it.each([
    ["a frame beyond the end", "3,-1,5,6,7,8,0.9", INFO],
    ["a word for a number", "1,-1,five,6,7,8,0.9", INFO],
    ["too few columns", "1,-1,5,6,7,8", INFO],
    ["no length", "", "frameRate=25\nimWidth=640\nimHeight=480\n"],
  ])("refuses %s", async (_what, detections, info) => {
    await write("", detections, info);
    expect(() => readSequence(folder, "mot15")).toThrow("not as MOTChallenge defines it");
  });
});
