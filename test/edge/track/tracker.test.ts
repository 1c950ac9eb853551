import { describe, expect, it } from "vitest";
import { seeded } from "../../../bench/support/seeded.ts";
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

  it.each([5, 10, 25])(
    "keeps the id of one who walks behind a post at %d frames a second",
    (fps) => {
      const tracker = new Tracker();
      // Hidden for 1.5 s, while another comes out from behind the post to the other side.
      const scene = (timeS: number): TrackedDetection[] => [
        ...(timeS < 3 || timeS > 4.5 ? [person(40 * timeS, 100)] : []),
        ...(timeS < 3.4 || timeS > 4 ? [person(300 - 40 * timeS, 115)] : []),
      ];
      const before = run(tracker, fps, 0, 3 * fps, scene);
      const after = run(tracker, fps, 3 * fps, 7 * fps, scene);
      expect(before).toHaveLength(2);
      expect(after).toEqual(before);
    },
  );

  it.each([3, 7, 25])(
    "keeps apart two who merge into one detection at %d frames a second",
    (fps) => {
      const tracker = new Tracker();
      const scene = (timeS: number): TrackedDetection[] => {
        const both = [person(60 * timeS, 100), person(360 - 60 * timeS, 104)];
        // The nearer one hides the other while they overlap by half.
        return Math.abs(timeS - 3) < 0.2 ? both.slice(0, 1) : both;
      };
      const before = run(tracker, fps, 0, 2 * fps, scene);
      const after = run(tracker, fps, 2 * fps, 6 * fps, scene);
      expect(before).toHaveLength(2);
      expect(after).toEqual(before);
    },
  );

  it("keeps ids when the frame rate changes on the way", () => {
    const tracker = new Tracker();
    const ids = new Set<number>();
    let timeS = 0;
    for (const fps of [25, 5, 2.5, 10, 3]) {
      for (let frame = 0; frame < 2 * fps; frame++) {
        timeS += 1 / fps;
        const at = Math.round(timeS * 1000);
        const scene = [person(25 * timeS, 100), person(300 - 25 * timeS, 180)];
        seen(tracker.update(at, scene), at).forEach(({ id }) => ids.add(id));
      }
    }
    expect([...ids]).toEqual([1, 2]);
  });

  it.each([2.5, 5, 10])(
    "keeps ids with a tenth missing and jitter at %d frames a second",
    (fps) => {
      for (const seed of [1, 2, 3]) {
        const random = seeded(seed);
        const shake = (value: number): number => value + (random() - 0.5) * 10;
        const tracker = new Tracker();
        const ids = new Set<number>();
        for (let frame = 0; frame < 20 * fps; frame++) {
          const at = Math.round((frame * 1000) / fps);
          const walked = (25 * frame) / fps;
          const scene = [
            person(shake(walked), shake(100)),
            person(shake(500 - walked), shake(300)),
          ];
          const told = tracker.update(
            at,
            scene.filter(() => random() > 0.1),
          );
          seen(told, at).forEach(({ id }) => ids.add(id));
        }
        expect(ids.size).toBe(2);
      }
    },
  );

  it("follows a walker who starts to run, though the next look finds nothing near", () => {
    const tracker = new Tracker();
    const scene = (timeS: number): TrackedDetection[] => [
      person(timeS < 4 ? 40 * timeS : 160 + 200 * (timeS - 4)),
    ];
    const before = run(tracker, 2.5, 0, 10, scene);
    expect(run(tracker, 2.5, 10, 18, scene)).toEqual(before);
  });

  it("does not guess between two that may both be the runner", () => {
    const tracker = new Tracker();
    run(tracker, 2.5, 0, 10, () => [person(300)]);
    const tracks = tracker.update(4000, [person(390), person(210)]);
    expect(tracks.find(({ id }) => id === 1)?.state).toBe("lost");
  });

  it("gives no detection to either of two runners who may both have become it", () => {
    const tracker = new Tracker();
    run(tracker, 2.5, 0, 10, () => [person(200), person(380)]);
    const tracks = tracker.update(4000, [person(290)]);
    expect(tracks.map(({ state }) => state)).toEqual(["lost", "lost", "tentative"]);
  });

  it("asks for more sights where the detector is less sure", () => {
    const sightsUntilSure = (score: number): number => {
      const tracker = new Tracker();
      for (let sights = 1; sights < 20; sights++) {
        if (seen(tracker.update(sights * 100, [person(10, 100, score)]), sights * 100).length > 0) {
          return sights;
        }
      }
      return Infinity;
    };
    expect([0.75, 0.7, 0.6, 0.5].map(sightsUntilSure)).toEqual([2, 3, 4, Infinity]);
  });

  it("follows everybody when the camera jerks, the hidden one included", () => {
    const tracker = new Tracker();
    const places = [20, 140, 260, 380, 500];
    const scene = (shift: number, hidden: number): TrackedDetection[] =>
      places.filter((_, index) => index !== hidden).map((left) => person(left + shift));
    for (let frame = 0; frame < 10; frame++) {
      tracker.update(frame * 100, scene(0, -1));
    }
    const ids = tracker.tracks.map(({ id }) => id);
    tracker.update(1000, scene(30, 2));
    tracker.update(1100, scene(60, 2));
    const after = seen(tracker.update(1200, scene(60, -1)), 1200);
    expect(after.map(({ id }) => id).sort()).toEqual(ids);
  });

  it("holds what nobody looked at where it was, while time goes on", () => {
    const tracker = new Tracker();
    const walk = (timeS: number): TrackedDetection[] => [person(120 * timeS)];
    run(tracker, 10, 0, 20, walk);
    const [before] = tracker.tracks;
    for (let at = 2000; at < 60_000; at += 1000) {
      expect(tracker.update(at, [], () => true)).toMatchObject([
        { id: 1, state: "confirmed", lastSeen: at, box: before?.box, hits: before?.hits },
      ]);
    }
    expect(seen(tracker.update(60_000, walk(1.95)), 60_000).map(({ id }) => id)).toEqual([1]);
  });

  it("tells a box between the detection and the motion, and no box of an unseen track as seen", () => {
    const tracker = new Tracker();
    run(tracker, 10, 0, 30, () => [person(100)]);
    const [track] = tracker.update(3000, [person(110)]);
    expect(track?.box.left).toBeGreaterThan(100);
    expect(track?.box.left).toBeLessThan(110);
    const [unseen] = tracker.update(3100, []);
    expect(unseen).toMatchObject({ state: "lost", lastSeen: 3000, box: track?.box });
  });

  it("starts anew when the clock goes back by more than tracks are kept", () => {
    const tracker = new Tracker();
    const noon = 43_200_000;
    for (let frame = 0; frame < 5; frame++) {
      tracker.update(noon + frame * 100, [person(10)]);
    }
    tracker.update(0, []);
    expect(tracker.tracks).toEqual([]);
    tracker.update(100, [person(10)]);
    expect(tracker.update(200, [person(12)])).toMatchObject([{ id: 2, state: "confirmed" }]);
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
