/**
 * Follows objects by their motion alone. Two stages in the manner of ByteTrack (Zhang et al., ECCV
 * 2022): sure detections are joined to tracks first, unsure ones then keep alive the tracks that
 * are left, and only sure ones start new tracks. What was added, what was tried and not kept, and
 * the figures of both are in docs/decisions/0011-tracker.md. All waiting is in seconds, so the
 * frame rate may change at any time.
 *
 * Pure: the same detections at the same times give the same tracks.
 */
import type { EpochMs } from "../../protocol/index.ts";
import { Association, Pairs, type Stage } from "./association.ts";
import { CameraShift } from "./camera-shift.ts";
import { noteCrowding } from "./crowding.ts";
import { DetectorNoise } from "./detector-noise.ts";
import { Followed } from "./followed.ts";
import { matchLone } from "./lone.ts";
import type { BoxPx } from "./motion.ts";
import type { Track, TrackedDetection } from "./track.ts";

export interface TrackerOptions {
  /** Detections at or above are sure: they are joined first, and start tracks. */
  readonly sureScore: number;
  /** A track unseen for longer is forgotten, ms. */
  readonly keepMs: number;
}

/**
 * NanoDet's best F1 on pedestrians lies at a score of 0.51 (docs/models.md); a little above, fewer
 * things that are none start. Two seconds bridge most occlusions by a post or a passer-by; longer,
 * a guess by motion alone is more often wrong.
 */
export const TRACKER_DEFAULTS: TrackerOptions = { sureScore: 0.55, keepMs: 2000 };

/** Detections below are noise. */
const LEAST_SCORE = 0.1;
const SURE: Stage = { minSimilarity: 0.25, weighsScore: true, aloneCost: 0.9 };
const UNSURE: Stage = { minSimilarity: 0.5, weighsScore: false, aloneCost: 0.5 };
/**
 * A track is confirmed at its second sight at the earliest, and once its sights have gathered this
 * much evidence, each by how far its score lies above a doubtful one: two sights of 0.75, or four
 * of 0.6. A detector that sees something in a lamp post is seldom sure of it.
 */
const ENOUGH_EVIDENCE = 0.6;
/** Sums of hundredths are rarely exact. */
const ROUNDING = 1e-9;
const DOUBTFUL_BELOW_SURE = 0.1;
/** Pixels; nothing that a camera sees is further away. */
const FAR = 1e6;

export class Tracker {
  readonly #options: TrackerOptions;
  readonly #association = new Association();
  readonly #camera = new CameraShift();
  readonly #pairs = new Pairs();
  /** By class: a detector knows cars better than dogs. */
  readonly #noise = new Map<string, DetectorNoise>();
  #tracks: Followed[] = [];
  #nextId = 1;
  #lastFrame: EpochMs | undefined;

  constructor(options: TrackerOptions = TRACKER_DEFAULTS) {
    this.#options = options;
  }

  /**
   * Takes one frame's detections.
   * @param at capture time; frames that do not move forward in time are treated as simultaneous,
   * unless the clock went back by more than tracks are kept.
   * @param isUnlooked tells of a track's box whether nobody looked there and nothing moved: such a
   * track is held as it was, neither matched nor missed.
   * @returns all living tracks; those with `lastSeen === at` were seen in this frame.
   */
  update(
    at: EpochMs,
    detections: readonly TrackedDetection[],
    isUnlooked?: (track: Track) => boolean,
  ): readonly Track[] {
    const held: Followed[] = [];
    const looked: Followed[] = [];
    for (const track of this.#tracks) {
      const isHeld = track.state !== "lost" && isUnlooked?.(track) === true;
      (isHeld ? held : looked).push(track);
    }
    for (const track of held) {
      track.hold(at);
    }
    const dtS = this.#elapsedS(at);
    for (const track of looked) {
      track.predict(dtS);
    }
    this.#tracks = this.#follow(at, looked, detections);
    this.#tracks.push(...held);
    return this.#tracks;
  }

  /** All living tracks, as the last frame left them. */
  get tracks(): readonly Track[] {
    return this.#tracks;
  }

  #elapsedS(at: EpochMs): number {
    const last = this.#lastFrame ?? at;
    this.#lastFrame = last - at > this.#options.keepMs ? at : Math.max(at, last);
    return Math.max(0, at - last) / 1000;
  }

  /** @returns the tracks that live on, and the new ones. */
  #follow(
    at: EpochMs,
    tracks: readonly Followed[],
    detections: readonly TrackedDetection[],
  ): Followed[] {
    const sure: TrackedDetection[] = [];
    const unsure: TrackedDetection[] = [];
    this.#sort(detections, sure, unsure);
    this.#compensate(tracks, sure);
    noteCrowding(tracks, at);

    const settled: Followed[] = [];
    const tentative: Followed[] = [];
    for (const track of tracks) {
      (track.state === "tentative" ? tentative : settled).push(track);
    }
    this.#match(settled, sure, SURE, at);
    const justSeen: Followed[] = [];
    for (const track of settled) {
      if (track.state === "confirmed") {
        justSeen.push(track);
      }
    }
    this.#match(justSeen, unsure, UNSURE, at);
    for (const track of justSeen) {
      track.state = "lost";
    }
    this.#match(tentative, sure, SURE, at);
    justSeen.push(...tentative);
    this.#matchLone(justSeen, sure, at);
    return this.#survivors(at, tracks, sure);
  }

  #sort(
    detections: readonly TrackedDetection[],
    sure: TrackedDetection[],
    unsure: TrackedDetection[],
  ): void {
    for (const detection of detections) {
      if (detection.score >= LEAST_SCORE && isUsable(detection.box)) {
        (detection.score >= this.#options.sureScore ? sure : unsure).push(detection);
      }
    }
  }

  #compensate(tracks: readonly Followed[], sure: readonly TrackedDetection[]): void {
    this.#camera.measure(tracks, sure);
    const { x, y } = this.#camera;
    if (x !== 0 || y !== 0) {
      for (const track of tracks) {
        track.shift(x, y);
      }
    }
  }

  /** Joins what belongs together; the lists keep the rest. */
  #match(tracks: Followed[], detections: TrackedDetection[], stage: Stage, at: EpochMs): void {
    this.#pairs.clear();
    this.#association.match(tracks, detections, stage, this.#pairs);
    this.#seePairs(at);
  }

  #matchLone(tracks: Followed[], sure: TrackedDetection[], at: EpochMs): void {
    this.#pairs.clear();
    matchLone(tracks, sure, at, this.#pairs);
    this.#seePairs(at);
  }

  #seePairs(at: EpochMs): void {
    const pairs = this.#pairs;
    for (let index = 0; index < pairs.tracks.length; index++) {
      this.#see(pairs.tracks[index] as Followed, pairs.detections[index] as TrackedDetection, at);
    }
  }

  #see(track: Followed, detection: TrackedDetection, at: EpochMs): void {
    track.see(detection, at, detection.score >= this.#options.sureScore);
    track.evidence += this.#evidenceOf(detection);
    if (track.state !== "tentative" || track.evidence > ENOUGH_EVIDENCE - ROUNDING) {
      track.state = "confirmed";
    }
  }

  #evidenceOf({ score }: TrackedDetection): number {
    return score - (this.#options.sureScore - DOUBTFUL_BELOW_SURE);
  }

  #survivors(
    at: EpochMs,
    tracks: readonly Followed[],
    newcomers: readonly TrackedDetection[],
  ): Followed[] {
    const living: Followed[] = [];
    for (const track of tracks) {
      // A tentative one has no second chance. A clock that went far back ages everything.
      const isMissed = track.state === "tentative" && track.lastSeen !== at;
      if (!isMissed && Math.abs(at - track.lastSeen) <= this.#options.keepMs) {
        living.push(track);
      }
    }
    for (const detection of newcomers) {
      const evidence = this.#evidenceOf(detection);
      const noise = this.#noiseOf(detection.label);
      living.push(new Followed(this.#nextId++, detection, at, { noise, evidence }));
    }
    return living;
  }

  #noiseOf(label: string): DetectorNoise {
    let noise = this.#noise.get(label);
    if (noise === undefined) {
      noise = new DetectorNoise();
      this.#noise.set(label, noise);
    }
    return noise;
  }
}

function isUsable({ left, top, width, height }: BoxPx): boolean {
  return (
    Math.abs(left) < FAR &&
    Math.abs(top) < FAR &&
    width > 0 &&
    height > 0 &&
    width < FAR &&
    height < FAR
  );
}
