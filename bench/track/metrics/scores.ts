/** All metrics of one sequence, or of several together. */
import type { Frames, ResultBox, TruthBox } from "./boxes.ts";
import { type ClearCounts, clearFigures, clearOf, combineClear } from "./clear.ts";
import { combineHota, type HotaCounts, hotaFigures, hotaOf } from "./hota.ts";
import { combineIdentity, idf1Of, type IdentityCounts, identityOf } from "./identity.ts";
import { overlapOf } from "./overlap.ts";

/** Shares are 0–1, not percent. */
export interface Scores {
  readonly hota: number;
  readonly mota: number;
  readonly idf1: number;
  readonly detA: number;
  readonly assA: number;
  readonly motp: number;
  /** As CLEAR counts them, at an IoU of 0.5. */
  readonly falsePositives: number;
  readonly falseNegatives: number;
  readonly idSwitches: number;
  /** What the figures are made of, for combining. */
  readonly counts: Counts;
}

interface Counts {
  readonly hota: HotaCounts;
  readonly clear: ClearCounts;
  readonly identity: IdentityCounts;
}

export function evaluateSequence(truth: Frames<TruthBox>, result: Frames<ResultBox>): Scores {
  const overlap = overlapOf(truth, result);
  return scoresOf({
    hota: hotaOf(overlap),
    clear: clearOf(overlap),
    identity: identityOf(overlap),
  });
}

/** Over all boxes of all sequences, as TrackEval's COMBINED row; not a mean of the sequences. */
export function combine(all: readonly Scores[]): Scores {
  return scoresOf({
    hota: combineHota(all.map(({ counts }) => counts.hota)),
    clear: combineClear(all.map(({ counts }) => counts.clear)),
    identity: combineIdentity(all.map(({ counts }) => counts.identity)),
  });
}

function scoresOf(counts: Counts): Scores {
  const { fp, fn, idSwitches } = counts.clear;
  return {
    ...hotaFigures(counts.hota),
    ...clearFigures(counts.clear),
    idf1: idf1Of(counts.identity),
    falsePositives: fp,
    falseNegatives: fn,
    idSwitches,
    counts,
  };
}
