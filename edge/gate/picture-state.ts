/** What one frame's picture told besides its objects. */
import type { BoxNorm, EpochMs } from "../../protocol/index.ts";

/** A place that has looked different from before for some time, with nothing moving there. */
export interface PictureChange {
  readonly box: BoxNorm;
  /** First frame in which it looked different. */
  readonly since: EpochMs;
}

/** Figures about the picture as a whole; comparisons are with how it usually looks. */
export interface PictureQuality {
  /** Mean luma, 0–255. */
  readonly brightness: number;
  /** Share of the usual structure (edges) that is still there, 0–1. */
  readonly structure: number;
  /** Sharpness ÷ usual sharpness. */
  readonly sharpness: number;
  /** Share of the usual edges that lie where they usually lie, 0–1. */
  readonly alignment: number;
  /** Since when every frame has been the very same, noise included. */
  readonly frozenSince: EpochMs | undefined;
}

export interface PictureState {
  /** Capture time. */
  readonly at: EpochMs;
  /** Where something moves, disjoint; as fine as the gate sees. */
  readonly moving: readonly BoxNorm[];
  readonly changes: readonly PictureChange[];
  readonly quality: PictureQuality;
  /** What the tracker follows at this time, in picture fractions. */
  readonly objects: readonly BoxNorm[];
}
