/** Who is in front of or behind whom: where boxes overlap, detections are of both or of either. */
import type { EpochMs } from "../../protocol/index.ts";
import type { Followed } from "./followed.ts";
import { grownOverlap } from "./similarity.ts";

/** Who has not been seen for longer is no longer believed to stand in the way. */
const PRESENT_MS = 1000;

/** Notes for every track how much of it the most overlapping other track covers. */
export function noteCrowding(tracks: readonly Followed[], at: EpochMs): void {
  for (const track of tracks) {
    track.crowding = 0;
  }
  for (let first = 1; first < tracks.length; first++) {
    const one = tracks[first] as Followed;
    for (let second = 0; second < first; second++) {
      const other = tracks[second] as Followed;
      const overlap = grownOverlap(one.expected, other.expected, 0);
      if (overlap > 0) {
        if (overlap > one.crowding && isPresent(other, at)) {
          one.crowding = overlap;
        }
        if (overlap > other.crowding && isPresent(one, at)) {
          other.crowding = overlap;
        }
      }
    }
  }
}

function isPresent(track: Followed, at: EpochMs): boolean {
  return track.state !== "tentative" && at - track.lastSeen < PRESENT_MS;
}
