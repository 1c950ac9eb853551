/** Tracks: the same object over time within one camera. Pure. */
export type { BoxPx } from "./motion.ts";
export { Tracker, TRACKER_DEFAULTS } from "./tracker.ts";
export type { Track, TrackedDetection, TrackerOptions, TrackState } from "./tracker.ts";
