/** Tracks: the same object over time within one camera. Pure. */
export type { BoxPx } from "./motion.ts";
export type { Track, TrackedDetection, TrackState } from "./track.ts";
export { Tracker, TRACKER_DEFAULTS } from "./tracker.ts";
export type { TrackerOptions } from "./tracker.ts";
