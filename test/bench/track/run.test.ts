import { describe, expect, it } from "vitest";
import {
  ours,
  runAll,
  runTracker,
  type Tracking,
  trackSequence,
} from "../../../bench/track/run.ts";
import type { Sequence } from "../../../bench/track/sequence.ts";
import type { Track, TrackedDetection } from "../../../edge/track/index.ts";

const NOWHERE: Track["box"] = { left: 0, top: 0, width: 1, height: 1 };

/** One person who walks to the right, 10 frames a second. */
function walk(frames: number): Sequence {
  const boxes = Array.from({ length: frames }, (_, at) => ({
    left: 100 + 2 * at,
    top: 50,
    width: 40,
    height: 100,
  }));
  return {
    name: "walk",
    framesPerSecond: 10,
    width: 640,
    height: 480,
    detections: boxes.map((box) => [{ label: "person", score: 0.9, box }]),
    truth: boxes.map((box) => [{ id: 1, box, role: "evaluated" }]),
  };
}

/**
 * Tentative at first, beside tracks that are not seen. The track and its box are the same objects
 * all along.
 */
class Scripted {
  readonly #box = { ...NOWHERE };
  readonly #seen = { id: 1, state: "tentative" as Track["state"], box: this.#box, lastSeen: -1 };

  update(
    at: number,
    detections: readonly TrackedDetection[],
  ): readonly Pick<Track, "id" | "state" | "box" | "lastSeen">[] {
    this.#seen.state = this.#seen.lastSeen < 0 ? "tentative" : "confirmed";
    this.#seen.lastSeen = at;
    Object.assign(this.#box, detections[0]?.box);
    const lost = { id: 2, state: "lost" as const, box: NOWHERE, lastSeen: at };
    return [this.#seen, lost, { id: 3, state: "confirmed", box: NOWHERE, lastSeen: at - 1 }];
  }
}

/** Counts what it is given. */
function counter(): { readonly times: number[]; readonly given: number[] } & Tracking {
  const [times, given]: [number[], number[]] = [[], []];
  return {
    times,
    given,
    update(atMs, detections) {
      times.push(atMs);
      given.push(detections.length);
      return [];
    },
  };
}

describe("running a tracker", () => {
  it("takes the product's confirmed tracks seen in the frame, as they were then", () => {
    const { truth, result } = trackSequence(
      ours(() => new Scripted()),
      walk(3),
    );
    expect(result.map((frame) => frame.map(({ id }) => id))).toEqual([[], [1], [1]]);
    expect(result[1]?.[0]?.box).toEqual(truth[1]?.[0]?.box);
    expect(result[2]?.[0]?.box).toEqual(truth[2]?.[0]?.box);
  });

  it("gives and scores every n-th frame, at its own time and rate", () => {
    const seen = counter();
    const rates: number[] = [];
    const scores = runTracker(
      ({ framesPerSecond }) => {
        rates.push(framesPerSecond);
        return seen;
      },
      walk(11),
      { step: 5 },
    );
    expect(seen.times).toEqual([0, 500, 1000]);
    expect(rates).toEqual([2]);
    expect(scores.falseNegatives).toBe(3);
  });

  it("takes away the share of detections that it is told to, the same every time", () => {
    const [one, same, other] = [counter(), counter(), counter()];
    runTracker(() => one, walk(500), { dropShare: 0.1, seed: 3 });
    runTracker(() => same, walk(500), { dropShare: 0.1, seed: 3 });
    runTracker(() => other, walk(500), { dropShare: 0.1, seed: 4 });
    const kept = one.given.reduce((sum, count) => sum + count, 0);
    expect(kept).toBeGreaterThan(425);
    expect(kept).toBeLessThan(475);
    expect(same.given).toEqual(one.given);
    expect(other.given).not.toEqual(one.given);
  });

  it("starts afresh for each sequence and scores them together", () => {
    const scores = runAll(
      ours(() => new Scripted()),
      [walk(4), walk(4)],
    );
    expect(scores).toMatchObject({ falseNegatives: 2, falsePositives: 0 });
    expect(scores.mota).toBe(6 / 8);
  });
});
