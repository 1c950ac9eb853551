/** Which detection belongs to which track. */
import { Assigner } from "./assignment.ts";
import type { Followed } from "./followed.ts";
import { similarity } from "./similarity.ts";
import type { TrackedDetection } from "./track.ts";

export interface Stage {
  /** Pairs that are less alike are never made, 0–1. */
  readonly minSimilarity: number;
  /** Surer detections first: the similarity counts by the detection's score. */
  readonly weighsScore: boolean;
  /** Cost of a track that gets nothing, where a pair costs 1 − similarity: 0–1. */
  readonly aloneCost: number;
}

export class Association {
  #cost = new Float64Array(0);
  #taken = new Uint8Array(0);
  readonly #assigner = new Assigner();

  /**
   * Pairs tracks with detections of their class. What found a partner is removed from both lists
   * and joins `pairs`.
   */
  match(tracks: Followed[], detections: TrackedDetection[], stage: Stage, pairs: Pairs): void {
    const rows = tracks.length;
    const columns = detections.length;
    if (rows === 0 || columns === 0) {
      return;
    }
    this.#weigh(tracks, detections, stage);
    const columnOf = this.#assigner.assign(this.#cost, rows, columns, stage.aloneCost);
    this.#taken.fill(0, 0, columns);
    let left = 0;
    for (let row = 0; row < rows; row++) {
      const track = tracks[row] as Followed;
      const column = columnOf[row] as number;
      if (column >= 0) {
        this.#taken[column] = 1;
        pairs.add(track, detections[column] as TrackedDetection);
      } else {
        tracks[left++] = track;
      }
    }
    tracks.length = left;
    left = 0;
    for (let column = 0; column < columns; column++) {
      if (this.#taken[column] === 0) {
        detections[left++] = detections[column] as TrackedDetection;
      }
    }
    detections.length = left;
  }

  #weigh(
    tracks: readonly Followed[],
    detections: readonly TrackedDetection[],
    { minSimilarity, weighsScore }: Stage,
  ): void {
    const columns = detections.length;
    if (this.#cost.length < tracks.length * columns) {
      this.#cost = new Float64Array(tracks.length * columns * 2);
    }
    if (this.#taken.length < columns) {
      this.#taken = new Uint8Array(columns * 2);
    }
    let cell = 0;
    for (const { label, expected } of tracks) {
      for (const detection of detections) {
        const alike = label === detection.label ? similarity(expected, detection.box) : 0;
        const weight = weighsScore ? detection.score : 1;
        this.#cost[cell++] = alike >= minSimilarity ? 1 - alike * weight : Infinity;
      }
    }
  }
}

/** Tracks with their detections, in lists that are used again for every frame. */
export class Pairs {
  readonly tracks: Followed[] = [];
  readonly detections: TrackedDetection[] = [];

  add(track: Followed, detection: TrackedDetection): void {
    this.tracks.push(track);
    this.detections.push(detection);
  }

  clear(): void {
    this.tracks.length = 0;
    this.detections.length = 0;
  }
}
