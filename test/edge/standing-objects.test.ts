import { describe, expect, it } from "vitest";
import { StandingObjects } from "../../edge/standing-objects.ts";
import { Tracker, type Track } from "../../edge/track/index.ts";

const BOX = { left: 100, top: 100, width: 40, height: 100 };
const FOUND = { label: "person", score: 0.9, box: BOX };

/** A tracker that has seen one person twice. */
function following(): { tracker: Tracker; standing: StandingObjects; track: () => Track } {
  const tracker = new Tracker();
  tracker.update(0, [FOUND]);
  tracker.update(100, [FOUND]);
  return { tracker, standing: new StandingObjects(), track: () => tracker.tracks[0] as Track };
}

describe("StandingObjects", () => {
  it("holds what lies outside the looked-at regions", () => {
    const { tracker, standing, track } = following();
    const elsewhere = [{ left: 300, top: 0, width: 100, height: 100 }];
    expect(standing.whatToHold(tracker.tracks, [], elsewhere)(track())).toBe(true);
  });

  it("lets the absence count inside them", () => {
    const { tracker, standing, track } = following();
    const around = [{ left: 50, top: 50, width: 200, height: 200 }];
    expect(standing.whatToHold(tracker.tracks, [], around)(track())).toBe(false);
  });

  it("gives a standing object a second look before it is given up", () => {
    const { tracker, standing, track } = following();
    standing.noteStill(tracker.tracks);
    expect(standing.whatToHold(tracker.tracks, [], undefined)(track())).toBe(true);
    expect(standing.isDoubtful).toBe(true);
    expect(standing.whatToHold(tracker.tracks, [], undefined)(track())).toBe(false);
    expect(standing.isDoubtful).toBe(false);
  });

  it("forgets the doubt when the object is found again", () => {
    const { tracker, standing, track } = following();
    standing.noteStill(tracker.tracks);
    standing.whatToHold(tracker.tracks, [], undefined);
    expect(standing.whatToHold(tracker.tracks, [FOUND], undefined)(track())).toBe(false);
    expect(standing.isDoubtful).toBe(false);
    expect(standing.has(track().id)).toBe(true);
  });

  it("excuses nothing that moved a moment ago", () => {
    const { tracker, standing, track } = following();
    expect(standing.whatToHold(tracker.tracks, [], undefined)(track())).toBe(false);
  });
});

describe("Tracker, holding", () => {
  it("keeps a held track alive and where it was for as long as nobody looks", () => {
    const { tracker, track } = following();
    const { id, box } = track();
    for (let at = 200; at <= 60_000; at += 100) {
      tracker.update(at, [], () => true);
    }
    expect(track()).toMatchObject({ id, box, state: "confirmed", lastSeen: 60_000, hits: 2 });
    tracker.update(60_100, [FOUND]);
    expect(tracker.tracks.map((one) => one.id)).toEqual([id]);
  });

  it("does not hold what is lost: it is forgotten in its time", () => {
    const { tracker } = following();
    tracker.update(200, []);
    tracker.update(2200, [], () => true);
    expect(tracker.tracks).toEqual([]);
  });
});
