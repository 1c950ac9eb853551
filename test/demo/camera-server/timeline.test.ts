import { describe, expect, it } from "vitest";
import { Timeline } from "../../../demo/camera-server/timeline.ts";
import { makeClip } from "./clip-fixture.ts";

const clip = makeClip({ frames: 6, frameTicks: 100, keyEvery: 4 });

function walk(timeline: Timeline, steps: number): readonly number[] {
  return Array.from({ length: steps }, () => {
    const { ticks } = timeline;
    timeline.advance();
    return ticks;
  });
}

describe("Timeline", () => {
  it("goes over the seam with the same step as within the clip, onto a key frame", () => {
    const timeline = new Timeline(clip);
    expect(walk(timeline, 12)).toEqual(Array.from({ length: 12 }, (_, index) => index * 100));
    expect(timeline.unit.isKey).toBe(true);
    expect(timeline.gapTicks).toBe(100);
  });

  it("knows the next key frame, also beyond the seam", () => {
    const timeline = new Timeline(clip);
    expect(timeline.nextKeyTicks).toBe(0);
    timeline.advance();
    expect(timeline.nextKeyTicks).toBe(400);
    walk(timeline, 4);
    expect(timeline.nextKeyTicks).toBe(600);
  });

  it("switches to another clip at the seam and not before", () => {
    const other = makeClip({ name: "other", frames: 2, frameTicks: 50, keyEvery: 2 });
    const timeline = new Timeline(clip);
    timeline.advance();
    timeline.switchAtSeam(other);
    expect(timeline.clip).toBe(clip);
    expect(walk(timeline, 8)).toEqual([100, 200, 300, 400, 500, 600, 650, 700]);
    expect(timeline.clip).toBe(other);
  });

  it.each([
    [0, 0],
    [1, 400],
    [401, 600],
    [600_000, 600_000],
    [600_001, 600_400],
  ])("skips from the start to the first key frame at %i or later", (ticks, expected) => {
    const timeline = new Timeline(clip);
    timeline.skipTo(ticks);
    expect(timeline.ticks).toBe(expected);
    expect(timeline.unit.isKey).toBe(true);
  });

  it("never skips back", () => {
    const timeline = new Timeline(clip);
    walk(timeline, 14);
    timeline.skipTo(0);
    expect(timeline.ticks).toBe(1_600);
  });

  it("shows the clip that was wished for when the skip passes the seam", () => {
    const other = makeClip({ name: "other", frames: 2, frameTicks: 50, keyEvery: 2 });
    const timeline = new Timeline(clip);
    timeline.switchAtSeam(other);
    timeline.skipTo(1_150);
    expect(timeline.clip).toBe(other);
    expect(timeline.ticks).toBe(1_200);
  });
});
