import { describe, expect, it } from "vitest";
import {
  combine,
  evaluateSequence,
  type ResultBox,
  type TruthBox,
} from "../../../../bench/track/metrics/index.ts";

function at(id: number, left: number): ResultBox {
  return { id, box: { left, top: 0, width: 10, height: 10 } };
}

function truth(id: number, left: number, role: TruthBox["role"] = "evaluated"): TruthBox {
  return { ...at(id, left), role };
}

/** Shifted by a quarter of its width a box shares 0.6 of the union. */
const SHIFT = 2.5;

describe("scores of one sequence", () => {
  it("are one for a perfect result, whatever the ids are", () => {
    const scores = evaluateSequence(
      [[truth(3, 0), truth(8, 50)], [truth(3, 1)]],
      [[at(9, 50), at(1, 0)], [at(1, 1)]],
    );
    expect(scores).toMatchObject({ hota: 1, detA: 1, assA: 1, mota: 1, idf1: 1, motp: 1 });
  });

  it("count a change of identity in the middle once for MOTA and by half for IDF1", () => {
    const scores = evaluateSequence(
      [[truth(1, 0)], [truth(1, 0)], [truth(1, 0)], [truth(1, 0)]],
      [[at(1, 0)], [at(1, 0)], [at(2, 0)], [at(2, 0)]],
    );
    expect(scores).toMatchObject({ idSwitches: 1, falsePositives: 0, falseNegatives: 0 });
    expect(scores.mota).toBe(3 / 4);
    // Two of four boxes lie with the better track: 2 ÷ (2 + 2/2 + 2/2).
    expect(scores.idf1).toBe(1 / 2);
    // Each match: 2 in common of 4 true and 2 tracked, 2 ÷ (4 + 2 − 2).
    expect(scores.assA).toBeCloseTo(1 / 2, 12);
    expect(scores.hota).toBeCloseTo(Math.sqrt(1 / 2), 12);
  });

  it("let a box count at the thresholds of HOTA that it reaches", () => {
    const scores = evaluateSequence([[truth(1, 0)]], [[at(1, SHIFT)]]);
    // 0.05, 0.10, …, 0.60 are 12 of 19 thresholds.
    expect(scores.detA).toBeCloseTo(12 / 19, 12);
    expect(scores.hota).toBeCloseTo(12 / 19, 12);
    expect(scores).toMatchObject({ mota: 1, idf1: 1 });
    expect(scores.motp).toBeCloseTo(0.6, 12);
  });

  it("take a box that shares less than half for a miss and a false one, but for HOTA", () => {
    const scores = evaluateSequence([[truth(1, 0)]], [[at(1, 2 * SHIFT)]]);
    expect(scores).toMatchObject({ mota: -1, idf1: 0, falsePositives: 1, falseNegatives: 1 });
    // A third is shared: 0.05, 0.10, …, 0.30.
    expect(scores.detA).toBeCloseTo(6 / 19, 12);
  });

  it("count misses and false boxes", () => {
    const scores = evaluateSequence(
      [[truth(1, 0)], [truth(1, 0)], [truth(1, 0)], [truth(1, 0)]],
      [[at(1, 0)], [at(1, 0)], [at(1, 50)]],
    );
    expect(scores).toMatchObject({ falsePositives: 1, falseNegatives: 2, idSwitches: 0 });
    expect(scores.mota).toBe(1 / 4);
    expect(scores.idf1).toBe(2 / (2 + 1 / 2 + 2 / 2));
    // Two matches of one object: detection 2 ÷ (2 + 2 + 1), association 2 ÷ (4 + 3 − 2).
    expect(scores.detA).toBeCloseTo(2 / 5, 12);
    expect(scores.assA).toBeCloseTo(2 / 5, 12);
  });

  it("keep a pair together for CLEAR while it matches, though another overlaps more", () => {
    const scores = evaluateSequence(
      [[truth(1, 0)], [truth(1, 0)]],
      [[at(1, 0)], [at(1, SHIFT), at(2, 0)]],
    );
    expect(scores).toMatchObject({ idSwitches: 0, falsePositives: 1 });
  });

  it("remember an object's track over the frames in which it was missed", () => {
    const scores = evaluateSequence(
      [[truth(1, 0)], [truth(1, 0)], [truth(1, 0)]],
      [[at(1, 0)], [at(5, 80)], [at(2, 0)]],
    );
    expect(scores.idSwitches).toBe(1);
  });

  it("neither punish nor ask for boxes on distractors, and punish those on ignored objects", () => {
    const scores = evaluateSequence(
      [[truth(1, 0), truth(2, 50, "distractor"), truth(3, 90, "ignored")]],
      [[at(1, 0), at(2, 50), at(3, 90)]],
    );
    expect(scores).toMatchObject({ falsePositives: 1, falseNegatives: 0, mota: 0 });
  });

  it("keep the box of a person who stands before a distractor", () => {
    const scores = evaluateSequence([[truth(1, 0), truth(2, SHIFT, "distractor")]], [[at(1, 0)]]);
    expect(scores).toMatchObject({ mota: 1, falsePositives: 0 });
  });

  it("are zero and count everything as missed when nothing was found", () => {
    const scores = evaluateSequence([[truth(1, 0)], [truth(1, 0)]], []);
    expect(scores).toMatchObject({ hota: 0, mota: 0, idf1: 0, falseNegatives: 2 });
  });
});

describe("scores of several sequences", () => {
  it("weigh by boxes, not by sequences", () => {
    const perfect = evaluateSequence(
      [[truth(1, 0)], [truth(1, 0)], [truth(1, 0)]],
      [[at(1, 0)], [at(1, 0)], [at(1, 0)]],
    );
    const missed = evaluateSequence([[truth(1, 0)]], [[at(1, 50)]]);
    const all = combine([perfect, missed]);
    expect(all).toMatchObject({ falsePositives: 1, falseNegatives: 1 });
    expect(all.mota).toBe(2 / 4);
    expect(all.idf1).toBe(3 / (3 + 1));
    expect(all.assA).toBeCloseTo(1, 12);
    expect(all.hota).toBeCloseTo(Math.sqrt(3 / 5), 12);
  });
});
