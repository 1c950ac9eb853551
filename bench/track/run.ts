/**
 * Runs a tracker over sequences and scores it. Comparing variants from a scratch script:
 *
 *     import { Tracker, TRACKER_DEFAULTS } from ".../edge/track/index.ts";
 *     import { ours, runAll, runTracker } from ".../bench/track/run.ts";
 *     import { readSet } from ".../bench/track/sequence.ts";
 *
 *     const mot17 = readSet("mot17"); // Or "mot15". Read once, run often.
 *     for (const keepMs of [1000, 2000, 4000]) {
 *       const factory = ours(() => new Tracker({ ...TRACKER_DEFAULTS, keepMs }));
 *       const { hota, mota, idf1 } = runAll(factory, mot17);
 *       console.log(keepMs, hota, mota, idf1);
 *     }
 *     runTracker(factory, mot17[0], { step: 5 }); // One sequence, every fifth frame.
 *     runAll(factory, mot17, { dropShare: 0.1, seed: 1 }); // A tenth of the detections missing.
 *
 * Shares are 0–1. `.counts` of a score holds the values at each α of HOTA.
 *
 * What counts as output is the same for all: what the tracker itself says, in the frame itself, to
 * be a sure track seen in this frame. Nothing is added afterwards, neither the first sight of a
 * track that was confirmed later nor the frames of a gap.
 */
import type { Track, TrackedDetection } from "../../edge/track/index.ts";
import { seeded } from "../support/seeded.ts";
import { combine, evaluateSequence, type ResultBox, type Scores } from "./metrics/index.ts";
import type { Sequence } from "./sequence.ts";

export interface Tracking {
  /** @returns the boxes of the tracks seen in this frame. */
  update(atMs: number, detections: readonly TrackedDetection[]): readonly ResultBox[];
}

/** A fresh tracker for one sequence. */
export type TrackerFactory = (format: SequenceFormat) => Tracking;

export type SequenceFormat = Pick<Sequence, "framesPerSecond" | "width" | "height">;

export interface RunOptions {
  /** Every how many frames one is given and scored; 1 when left out. The first is always one. */
  readonly step?: number;
  /** Share of detections taken away, 0–1. */
  readonly dropShare?: number;
  /** Of the choice of detections to take away. */
  readonly seed?: number;
}

type ProductTrack = Pick<Track, "id" | "state" | "box" | "lastSeen">;

/** Anything with the product tracker's `update`. */
interface ProductTracker {
  update(at: number, detections: readonly TrackedDetection[]): readonly ProductTrack[];
}

/** The product's tracker: confirmed tracks seen in the frame. */
export function ours(make: (format: SequenceFormat) => ProductTracker): TrackerFactory {
  return (format) => {
    const tracker = make(format);
    return {
      update: (atMs, detections) =>
        tracker
          .update(atMs, detections)
          .filter((track) => track.state === "confirmed" && track.lastSeen === atMs)
          // A copy: the tracker goes on with its own.
          .map(({ id, box }) => ({ id, box: { ...box } })),
    };
  };
}

export function runTracker(
  factory: TrackerFactory,
  sequence: Sequence,
  options: RunOptions = {},
): Scores {
  const { truth, result } = trackSequence(factory, sequence, options);
  return evaluateSequence(truth, result);
}

/** All sequences together, as one figure. */
export function runAll(
  factory: TrackerFactory,
  sequences: readonly Sequence[],
  options: RunOptions = {},
): Scores {
  return combine(sequences.map((sequence) => runTracker(factory, sequence, options)));
}

/** Boxes of the frames that were given, and their truth. */
export function trackSequence(
  factory: TrackerFactory,
  sequence: Sequence,
  { step = 1, dropShare = 0, seed = 1 }: RunOptions = {},
): { readonly truth: Sequence["truth"]; readonly result: readonly (readonly ResultBox[])[] } {
  const random = seeded(seed);
  const tracker = factory({ ...sequence, framesPerSecond: sequence.framesPerSecond / step });
  const frameMs = 1000 / sequence.framesPerSecond;
  // Drawn for every frame, so that each detection's fate is the same at every step.
  const kept = sequence.detections.map((frame) =>
    dropShare === 0 ? frame : frame.filter(() => random() >= dropShare),
  );
  const given = kept.map((_, at) => at).filter((at) => at % step === 0);
  return {
    truth: given.map((at) => sequence.truth[at] ?? []),
    result: given.map((at) => tracker.update(Math.round(at * frameMs), kept[at] ?? [])),
  };
}
