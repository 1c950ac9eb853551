import type { EpochMs } from "../../protocol/index.ts";
import type { BoxPx } from "./motion.ts";

export interface TrackedDetection {
  readonly label: string;
  /** 0–1. */
  readonly score: number;
  readonly box: BoxPx;
}

/** `tentative` until it is proven, `lost` while unseen; both are no reason for an alarm. */
export type TrackState = "tentative" | "confirmed" | "lost";

export interface Track {
  readonly id: number;
  readonly label: string;
  readonly state: TrackState;
  /** Where it was last seen: midway between the detection and what the motion makes of it. */
  readonly box: BoxPx;
  /** Of the last detection. */
  readonly score: number;
  /** Frames in which it was seen. */
  readonly hits: number;
  readonly firstSeen: EpochMs;
  readonly lastSeen: EpochMs;
}
