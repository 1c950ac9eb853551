/** A track as the tracker keeps it: how it moves, and what it was seen like. */
import type { EpochMs } from "../../protocol/index.ts";
import type { DetectorNoise, Sight } from "./detector-noise.ts";
import {
  correctMotion,
  expectBox,
  predictMotion,
  startMotion,
  stopMotion,
  type BoxPx,
  type Motion,
  type ScratchBox,
} from "./motion.ts";
import type { Track, TrackedDetection, TrackState } from "./track.ts";

/** How much less a box is believed where another track hides half of it: 1 + 4 × overlap. */
const CROWD_DOUBT = 4;
/** And one of an unsure detection, often of a part of the object. */
const UNSURE_DOUBT = 4;
/** Share of the motion's estimate in the box that is told; the rest is the detection's. */
const ESTIMATE_SHARE = 0.5;

export class Followed implements Track {
  readonly id: number;
  readonly label: string;
  readonly firstSeen: EpochMs;
  readonly motion: Motion;
  /** Where the motion expects it in this frame. */
  readonly expected: ScratchBox;
  state: TrackState = "tentative";
  box: BoxPx;
  score: number;
  hits = 1;
  lastSeen: EpochMs;
  /** Sum over its sights of how much surer than doubtful they were. */
  evidence: number;
  /** Largest overlap of the expected box with that of another track, 0–1. */
  crowding = 0;
  readonly #noise: DetectorNoise;
  #last: Sight;
  #before: Sight | undefined;

  constructor(
    id: number,
    { label, box, score }: TrackedDetection,
    at: EpochMs,
    { noise, evidence }: { readonly noise: DetectorNoise; readonly evidence: number },
  ) {
    this.id = id;
    this.label = label;
    this.firstSeen = at;
    this.lastSeen = at;
    this.box = box;
    this.score = score;
    this.motion = startMotion(box);
    this.expected = { ...box };
    this.evidence = evidence;
    this.#noise = noise;
    this.#last = { at, box };
  }

  predict(dtS: number): void {
    if (this.state === "lost") {
      // A height that shrinks or grows unseen runs away within seconds.
      this.motion.height.velocity = 0;
    }
    predictMotion(this.motion, dtS);
    expectBox(this.motion, this.expected);
  }

  shift(x: number, y: number): void {
    this.motion.x.position += x;
    this.motion.y.position += y;
    this.expected.left += x;
    this.expected.top += y;
  }

  see({ box, score }: TrackedDetection, at: EpochMs, isSure: boolean): void {
    const doubt = (1 + CROWD_DOUBT * this.crowding) * (isSure ? 1 : UNSURE_DOUBT);
    correctMotion(this.motion, box, this.#noise.centreStd * doubt);
    expectBox(this.motion, this.expected);
    this.box = between(box, this.expected);
    this.score = score;
    this.hits += 1;
    this.lastSeen = at;
    const sight = { at, box };
    if (this.#before !== undefined) {
      this.#noise.learn(this.#before, this.#last, sight);
    }
    this.#before = this.#last;
    this.#last = sight;
  }

  /** Nobody looked, so it stands still where it was; only time goes on. */
  hold(at: EpochMs): void {
    this.lastSeen = Math.max(at, this.lastSeen);
    stopMotion(this.motion);
  }
}

function between(detection: BoxPx, estimate: BoxPx): BoxPx {
  return {
    left: mix(detection.left, estimate.left),
    top: mix(detection.top, estimate.top),
    width: mix(detection.width, estimate.width),
    height: mix(detection.height, estimate.height),
  };
}

function mix(detection: number, estimate: number): number {
  return detection + (estimate - detection) * ESTIMATE_SHARE;
}
