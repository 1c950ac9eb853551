import { describe, expect, it } from "vitest";
import { noteCrowding } from "../../../edge/track/crowding.ts";
import { DetectorNoise } from "../../../edge/track/detector-noise.ts";
import { Followed } from "../../../edge/track/followed.ts";
import type { TrackedDetection } from "../../../edge/track/index.ts";

function person(left: number): TrackedDetection {
  return { label: "person", score: 0.9, box: { left, top: 0, width: 40, height: 100 } };
}

function confirmed(id: number, left: number): Followed {
  const track = new Followed(id, person(left), 0, { noise: new DetectorNoise(), evidence: 1 });
  track.state = "confirmed";
  return track;
}

describe("crowding", () => {
  it("is the overlap with the other track that covers most", () => {
    const tracks = [confirmed(1, 0), confirmed(2, 20), confirmed(3, 30), confirmed(4, 500)];
    noteCrowding(tracks, 100);
    expect(tracks.map(({ crowding }) => crowding)).toEqual([1 / 3, 0.6, 0.6, 0]);
    noteCrowding(tracks.slice(0, 1), 200);
    expect(tracks[0]?.crowding).toBe(0);
  });

  it("does not come from who is not proven or has not been seen for a second", () => {
    const [one, other] = [confirmed(1, 0), confirmed(2, 20)];
    other.state = "tentative";
    noteCrowding([one, other], 100);
    expect([one.crowding > 0, other.crowding > 0]).toEqual([false, true]);
    other.state = "lost";
    noteCrowding([one, other], 999);
    expect(one.crowding).toBeGreaterThan(0);
    noteCrowding([one, other], 1000);
    expect(one.crowding).toBe(0);
  });

  it("makes a detection count for less, and an unsure one for less still", () => {
    const after = (crowding: number, isSure: boolean): number => {
      const track = confirmed(1, 0);
      track.predict(0.2);
      track.crowding = crowding;
      track.see(person(20), 200, isSure);
      return track.motion.x.position - 20;
    };
    expect(after(0, true)).toBeGreaterThan(after(0.5, true));
    expect(after(0, true)).toBeGreaterThan(after(0, false));
    expect(after(0, false)).toBeGreaterThan(after(0.5, false));
  });
});
