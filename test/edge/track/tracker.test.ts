import { describe, expect, it } from "vitest";
import { Tracker, type Track, type TrackedDetection } from "../../../edge/track/index.ts";

function person(left: number, top = 100, score = 0.9, label = "person"): TrackedDetection {
  return { label, score, box: { left, top, width: 40, height: 100 } };
}

function seen(tracks: readonly Track[], at: number): readonly Track[] {
  return tracks.filter((track) => track.lastSeen === at && track.state === "confirmed");
}

/** Feeds frames at a rate and gives back the ids confirmed in the last frame. */
function run(
  tracker: Tracker,
  fps: number,
  fromFrame: number,
  toFrame: number,
  scene: (timeS: number) => TrackedDetection[],
): number[] {
  let ids: number[] = [];
  for (let frame = fromFrame; frame < toFrame; frame++) {
    const at = (frame * 1000) / fps;
    ids = seen(tracker.update(at, scene(frame / fps)), at).map((track) => track.id);
  }
  return ids;
}

describe("Tracker", () => {
  it("confirms a track at its second sight and keeps its id", () => {
    const tracker = new Tracker();
    expect(tracker.update(0, [person(10)])[0]?.state).toBe("tentative");
    const [track] = tracker.update(100, [person(14)]);
    expect(track).toMatchObject({ id: 1, state: "confirmed", hits: 2, firstSeen: 0 });
  });

  it("forgets a first sight that is not repeated", () => {
    const tracker = new Tracker();
    tracker.update(0, [person(10)]);
    expect(tracker.update(100, [])).toEqual([]);
  });

  it("keeps a track alive with unsure detections but starts none from them", () => {
    const tracker = new Tracker();
    tracker.update(0, [person(10)]);
    tracker.update(100, [person(12)]);
    const tracks = tracker.update(200, [person(14, 100, 0.2), person(400, 100, 0.2)]);
    expect(seen(tracks, 200).map((track) => track.id)).toEqual([1]);
    expect(tracks).toHaveLength(1);
  });

  it.each([2.5, 5, 10, 25])("keeps two crossing walkers apart at %d frames a second", (fps) => {
    const tracker = new Tracker();
    const scene = (timeS: number): TrackedDetection[] => [
      person(20 * timeS, 100),
      person(200 - 20 * timeS, 160),
    ];
    const before = run(tracker, fps, 0, Math.round(2 * fps), scene);
    const after = run(tracker, fps, Math.round(2 * fps), Math.round(9 * fps), scene);
    expect(before).toHaveLength(2);
    expect(after).toEqual(before);
  });

  it("keeps the id through a 1 s occlusion of a walker", () => {
    const tracker = new Tracker();
    const walk = (timeS: number): TrackedDetection[] => [person(30 * timeS)];
    const before = run(tracker, 10, 0, 30, walk);
    run(tracker, 10, 30, 40, () => []);
    expect(run(tracker, 10, 40, 45, walk)).toEqual(before);
  });

  it("forgets a track unseen for longer than it is kept", () => {
    const tracker = new Tracker();
    run(tracker, 10, 0, 5, () => [person(10)]);
    run(tracker, 10, 5, 30, () => []);
    expect(run(tracker, 10, 30, 33, () => [person(10)])).toEqual([2]);
  });

  it("never joins objects of different classes", () => {
    const tracker = new Tracker();
    run(tracker, 10, 0, 3, () => [person(10)]);
    const tracks = tracker.update(300, [person(10, 100, 0.9, "dog")]);
    expect(tracks.map((track) => [track.label, track.state])).toEqual([
      ["person", "lost"],
      ["dog", "tentative"],
    ]);
  });

  it("gives the same tracks for the same frames, and survives time standing still", () => {
    const feed = (tracker: Tracker): string =>
      JSON.stringify([0, 100, 100, 50, 300].map((at) => tracker.update(at, [person(at / 10)])));
    expect(feed(new Tracker())).toBe(feed(new Tracker()));
    expect(feed(new Tracker())).not.toContain("null");
  });

  it("does not grow while objects come and go", () => {
    const tracker = new Tracker();
    let most = 0;
    for (let frame = 0; frame < 5000; frame++) {
      const scene = [person((frame * 37) % 700), person((frame * 53) % 700, 300)];
      most = Math.max(most, tracker.update(frame * 100, scene).length);
    }
    expect(most).toBeLessThan(60);
  });
});
