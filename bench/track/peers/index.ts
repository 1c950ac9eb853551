/** Trackers that the product is measured against, as their authors published them. */
export { ByteTrack } from "./byte-track.ts";
export type { ByteTrackOptions } from "./byte-track.ts";
export { Sort } from "./sort.ts";
