import { describe, expect, it } from "vitest";
import type { Tracking } from "../../../bench/track/run.ts";
import type { Sequence } from "../../../bench/track/sequence.ts";
import { measureSpeed } from "../../../bench/track/speed.ts";

const BOX = { left: 0, top: 0, width: 1, height: 1 };
const PERSON = { label: "person", score: 1, box: BOX };

function sequence(framesPerSecond: number, counts: readonly number[]): Sequence {
  return {
    name: "one",
    framesPerSecond,
    width: 10,
    height: 10,
    detections: counts.map((count) => Array.from({ length: count }, () => PERSON)),
    truth: counts.map(() => []),
  };
}

describe("measuring speed", () => {
  it("plays the sequences over and over, with time going on at their own rates", () => {
    const times: number[] = [];
    const tracking: Tracking = {
      update(atMs) {
        times.push(atMs);
        return [];
      },
    };
    const sequences = [sequence(10, [1, 3]), sequence(20, [2])];
    const figures = measureSpeed(() => tracking, sequences, 300);
    expect(figures).toMatchObject({ frames: 300, detectionsPerFrame: 2 });
    expect(times.slice(0, 5)).toEqual([100, 200, 250, 350, 450]);
  });

  it("sees a tracker grow that keeps something of every frame", () => {
    const kept: unknown[] = [];
    const leaking: Tracking = {
      update() {
        kept.push(Array.from({ length: 100 }, (_, at) => ({ at })));
        return [];
      },
    };
    const grown = measureSpeed(() => leaking, [sequence(10, [1])], 2000).heapGrowth;
    const steady = measureSpeed(() => ({ update: () => [] }), [sequence(10, [1])], 2000).heapGrowth;
    // 1800 frames of a hundred objects each.
    expect(grown).toBeGreaterThan(1800 * 100 * 16);
    expect(steady).toBeLessThan(2 ** 20);
  });
});
