import { describe, expect, it } from "vitest";
import { seeded } from "../../../bench/support/seeded.ts";
import { DetectorNoise, type Sight } from "../../../edge/track/detector-noise.ts";

function sight(at: number, height: number): Sight {
  return { at, box: { left: 0, top: 0, width: height * 0.4, height } };
}

/** Sights of somebody 100 px high whose boxes jitter evenly by up to `jitterPx`. */
function learnt(jitterPx: number, { sights = 300, frameMs = 100, growthPxPerS = 0 } = {}): number {
  const random = seeded(3);
  const noise = new DetectorNoise();
  const seen = Array.from({ length: sights }, (_, index) => {
    const at = index * frameMs;
    const steady = 100 + (growthPxPerS * at) / 1000;
    return sight(at, steady + (random() * 2 - 1) * jitterPx);
  });
  for (let last = 2; last < sights; last++) {
    noise.learn(seen[last - 2] as Sight, seen[last - 1] as Sight, seen[last] as Sight);
  }
  return noise.centreStd;
}

describe("DetectorNoise", () => {
  it("believes a steady detector no more than the least doubt", () => {
    expect(learnt(0)).toBe(0.05);
    expect(learnt(2)).toBe(0.05);
  });

  it("doubts a detector more the more its boxes jitter, up to a limit", () => {
    expect(learnt(8)).toBeGreaterThan(0.055);
    expect(learnt(11)).toBeGreaterThan(learnt(8));
    expect(learnt(11)).toBeLessThan(0.12);
    expect(learnt(60)).toBe(0.12);
  });

  it("takes an even growth for what it is", () => {
    expect(learnt(0, { growthPxPerS: 40, sights: 50 })).toBe(0.05);
  });

  it("learns nothing from sights far apart", () => {
    expect(learnt(60, { frameMs: 600 })).toBe(0.05);
  });

  it("is not upset by another object taken for this one", () => {
    const noise = new DetectorNoise();
    for (let index = 0; index < 100; index++) {
      noise.learn(sight(0, 100), sight(100, 101), sight(200, 100));
    }
    const before = noise.centreStd;
    noise.learn(sight(0, 100), sight(100, 300), sight(200, 100));
    expect(noise.centreStd).toBe(before);
  });
});
