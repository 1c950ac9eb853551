/** Who is compared. */
import { Tracker } from "../../edge/track/index.ts";
import { ByteTrack, Sort } from "./peers/index.ts";
import { ours, type TrackerFactory } from "./run.ts";

export type Contestant = "SORT" | "ByteTrack" | "ours";
export type Contestants = Readonly<Record<Contestant, TrackerFactory>>;

/** Of ByteTrack's authors for a detection to be sure, whatever the detector. */
const SURE_SCORE = 0.6;

/**
 * What SORT is given, as it has no use for scores: all of its authors' own detections, in MOT17
 * what ByteTrack's authors gave it, and of our detector what lies above its best F1.
 */
export const SORT_SCORES = { mot15: 0, mot17: SURE_SCORE, vtest: 0.5 } as const;

/** The product's tracker is as the product uses it, with its defaults everywhere. */
export function contestantsFor(set: keyof typeof SORT_SCORES): Contestants {
  return {
    SORT: () => new Sort(SORT_SCORES[set]),
    ByteTrack: ({ framesPerSecond }) =>
      new ByteTrack({ sureScore: SURE_SCORE, bufferFrames: Math.round(framesPerSecond) }),
    ours: ours(() => new Tracker()),
  };
}
