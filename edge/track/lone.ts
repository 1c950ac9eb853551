/**
 * At a few frames a second, who starts to run is nowhere near where the motion expects him. A
 * track seen a frame ago and a detection that is left over belong together all the same when
 * neither has another within a runner's reach: there is only one plausible continuation. At 25
 * frames a second nothing gets here: the reach is less than what boxes are grown by.
 */
import type { EpochMs } from "../../protocol/index.ts";
import type { Pairs } from "./association.ts";
import type { Followed } from "./followed.ts";
import type { TrackedDetection } from "./track.ts";

/** Speed that was not expected, heights per second: a person of 1.7 m who starts to run at 4 m/s. */
const REACH_PER_S = 2.5;
/** Between frames further apart too much is within reach. */
const WITHIN_MS = 500;
/** The same object, within this factor of its height. */
const SAME_HEIGHT = 1.3;

/** Pairs tracks and detections that have only each other, and removes them from both lists. */
export function matchLone(
  tracks: Followed[],
  detections: TrackedDetection[],
  at: EpochMs,
  pairs: Pairs,
): void {
  for (let row = tracks.length - 1; row >= 0; row--) {
    const track = tracks[row] as Followed;
    const column = onlyReachable(track, detections, at);
    if (column < 0) {
      continue;
    }
    const detection = detections[column] as TrackedDetection;
    if (reachedBy(tracks, detection, at) === 1) {
      pairs.add(track, detection);
      tracks.splice(row, 1);
      detections.splice(column, 1);
    }
  }
}

/** @returns the index of the only detection within reach, or −1 if there is none or another. */
function onlyReachable(
  track: Followed,
  detections: readonly TrackedDetection[],
  at: EpochMs,
): number {
  let only = -1;
  for (let column = 0; column < detections.length; column++) {
    if (isWithinReach(track, detections[column] as TrackedDetection, at)) {
      if (only >= 0) {
        return -1;
      }
      only = column;
    }
  }
  return only;
}

function reachedBy(tracks: readonly Followed[], detection: TrackedDetection, at: EpochMs): number {
  let count = 0;
  for (const track of tracks) {
    if (isWithinReach(track, detection, at)) {
      count++;
    }
  }
  return count;
}

function isWithinReach(
  { label, expected, lastSeen }: Followed,
  { label: otherLabel, box }: TrackedDetection,
  at: EpochMs,
): boolean {
  const unseenMs = at - lastSeen;
  const ratio = box.height / expected.height;
  if (
    label !== otherLabel ||
    unseenMs > WITHIN_MS ||
    ratio > SAME_HEIGHT ||
    ratio < 1 / SAME_HEIGHT
  ) {
    return false;
  }
  const dx = box.left - expected.left + (box.width - expected.width) / 2;
  const dy = box.top - expected.top + (box.height - expected.height) / 2;
  const reach = (REACH_PER_S * unseenMs * Math.max(box.height, expected.height)) / 1000;
  return dx * dx + dy * dy <= reach * reach;
}
