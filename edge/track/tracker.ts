/**
 * Two-stage tracker in the manner of ByteTrack (Zhang et al., ECCV 2022): sure detections are
 * joined to tracks first, unsure ones then keep alive the tracks that are left, and only sure ones
 * start new tracks. All waiting is in seconds, so the frame rate may change at any time.
 *
 * Pure: the same detections at the same times give the same tracks.
 */
import { iou, type EpochMs } from "../../protocol/index.ts";
import { assign } from "./assignment.ts";
import {
  correctMotion,
  motionBox,
  predictMotion,
  startMotion,
  type BoxPx,
  type Motion,
} from "./motion.ts";

export interface TrackedDetection {
  readonly label: string;
  /** 0–1. */
  readonly score: number;
  readonly box: BoxPx;
}

/** `tentative` after its first sight, `lost` while unseen; both are no reason for an alarm. */
export type TrackState = "tentative" | "confirmed" | "lost";

export interface Track {
  readonly id: number;
  readonly label: string;
  readonly state: TrackState;
  /** Last matched detection's box and score. */
  readonly box: BoxPx;
  readonly score: number;
  /** Frames in which it was seen. */
  readonly hits: number;
  readonly firstSeen: EpochMs;
  readonly lastSeen: EpochMs;
}

export interface TrackerOptions {
  /** Detections at or above are sure. */
  readonly sureScore: number;
  /** Detections at or above may start a track. */
  readonly startScore: number;
  /** A track unseen for longer is forgotten, ms. */
  readonly keepMs: number;
}

/**
 * NanoDet's best F1 on pedestrians lies at a score of 0.51 (docs/models.md); sure detections begin
 * a little below, and new tracks at it. Two seconds bridge most occlusions by a post or a passer-by.
 */
export const TRACKER_DEFAULTS: TrackerOptions = { sureScore: 0.45, startScore: 0.5, keepMs: 2000 };

/** Largest cost (1 − overlap, weighted by score where said) of a pair; ByteTrack's constants. */
const SURE_LIMIT = 0.8;
const UNSURE_LIMIT = 0.5;
const TENTATIVE_LIMIT = 0.7;

interface MutableTrack {
  readonly id: number;
  readonly label: string;
  readonly motion: Motion;
  state: TrackState;
  box: BoxPx;
  /** Where the motion model expects it in this frame. */
  expected: BoxPx;
  score: number;
  hits: number;
  readonly firstSeen: EpochMs;
  lastSeen: EpochMs;
}

export class Tracker {
  readonly #options: TrackerOptions;
  #tracks: MutableTrack[] = [];
  #nextId = 1;
  #lastFrame: EpochMs | undefined;

  constructor(options: TrackerOptions = TRACKER_DEFAULTS) {
    this.#options = options;
  }

  /**
   * Takes one frame's detections.
   * @param at capture time; frames that do not move forward in time are treated as simultaneous.
   * @param isUnlooked tells of a track's box whether nobody looked there and nothing moved: such a
   * track is held as it was, neither matched nor missed.
   * @returns all living tracks; those with `lastSeen === at` were seen in this frame.
   */
  update(
    at: EpochMs,
    detections: readonly TrackedDetection[],
    isUnlooked: (track: Track) => boolean = () => false,
  ): readonly Track[] {
    const held = this.#tracks.filter((track) => track.state !== "lost" && isUnlooked(track));
    this.#hold(held, at);
    this.#tracks = this.#tracks.filter((track) => !held.includes(track));
    this.#associate(at, detections);
    this.#tracks.push(...held);
    return this.#tracks;
  }

  /** All living tracks, as the last frame left them. */
  get tracks(): readonly Track[] {
    return this.#tracks;
  }

  /** What nobody looked at stands still where it was; only time goes on. */
  #hold(tracks: readonly MutableTrack[], at: EpochMs): void {
    for (const track of tracks) {
      track.lastSeen = Math.max(at, track.lastSeen);
      track.motion.x.velocity = 0;
      track.motion.y.velocity = 0;
      track.motion.height.velocity = 0;
    }
  }

  #associate(at: EpochMs, detections: readonly TrackedDetection[]): void {
    this.#predict(at);
    const { sureScore } = this.#options;
    const sure = detections.filter((one) => one.score >= sureScore);
    const unsure = detections.filter((one) => one.score < sureScore);

    const settled = this.#tracks.filter((track) => track.state !== "tentative");
    const first = match(settled, sure, SURE_LIMIT, true);
    const seenBefore = first.tracks.filter((track) => track.state === "confirmed");
    const second = match(seenBefore, unsure, UNSURE_LIMIT, false);
    const tentative = this.#tracks.filter((track) => track.state === "tentative");
    const third = match(tentative, first.detections, TENTATIVE_LIMIT, true);

    for (const [track, detection] of [...first.pairs, ...second.pairs, ...third.pairs]) {
      see(track, detection, at);
    }
    for (const track of second.tracks) {
      track.state = "lost";
    }
    const dead = new Set<MutableTrack>(third.tracks);
    this.#tracks = this.#tracks.filter(
      (track) => !dead.has(track) && at - track.lastSeen <= this.#options.keepMs,
    );
    for (const detection of third.detections) {
      if (detection.score >= this.#options.startScore) {
        this.#tracks.push(this.#start(detection, at));
      }
    }
  }

  #predict(at: EpochMs): void {
    const dtS = Math.max(0, at - (this.#lastFrame ?? at)) / 1000;
    this.#lastFrame = Math.max(at, this.#lastFrame ?? at);
    for (const track of this.#tracks) {
      if (track.state === "lost") {
        // A height that shrinks or grows unseen runs away within seconds.
        track.motion.height.velocity = 0;
      }
      predictMotion(track.motion, dtS);
      track.expected = motionBox(track.motion);
    }
  }

  #start(detection: TrackedDetection, at: EpochMs): MutableTrack {
    return {
      id: this.#nextId++,
      label: detection.label,
      motion: startMotion(detection.box),
      state: "tentative",
      box: detection.box,
      expected: detection.box,
      score: detection.score,
      hits: 1,
      firstSeen: at,
      lastSeen: at,
    };
  }
}

function see(track: MutableTrack, detection: TrackedDetection, at: EpochMs): void {
  correctMotion(track.motion, detection.box);
  track.state = "confirmed";
  track.box = detection.box;
  track.score = detection.score;
  track.hits += 1;
  track.lastSeen = at;
}

interface Matching {
  readonly pairs: readonly (readonly [MutableTrack, TrackedDetection])[];
  /** Left without a partner. */
  readonly tracks: readonly MutableTrack[];
  readonly detections: readonly TrackedDetection[];
}

function match(
  tracks: readonly MutableTrack[],
  detections: readonly TrackedDetection[],
  limit: number,
  weighByScore: boolean,
): Matching {
  const cost = new Float64Array(tracks.length * detections.length);
  tracks.forEach((track, row) => {
    detections.forEach((detection, column) => {
      const overlap = iou(track.expected, detection.box);
      const weight = weighByScore ? detection.score : 1;
      cost[row * detections.length + column] =
        track.label === detection.label && overlap > 0 ? 1 - overlap * weight : Infinity;
    });
  });
  const columns = assign(cost, tracks.length, detections.length, limit);
  const taken = new Set<number>(columns);
  return {
    pairs: tracks.flatMap((track, row) => {
      const detection = detections[columns[row] as number];
      return detection === undefined ? [] : [[track, detection] as const];
    }),
    tracks: tracks.filter((_, row) => columns[row] === -1),
    detections: detections.filter((_, column) => !taken.has(column)),
  };
}
