import { describe, expect, it } from "vitest";
import { MediaClock } from "../../../demo/camera-server/media-clock.ts";

describe("MediaClock", () => {
  it("gives wall times back across the wrap of RTP timestamps", () => {
    const clock = new MediaClock(1_000_000, 2 ** 32 - 900);
    for (const ticks of [0, 899, 900, 90_000, 2 ** 33 + 90]) {
      const dueMs = clock.dueMs(ticks);
      expect(clock.wallTimeOf(clock.rtpTimestamp(ticks), dueMs + 5_000)).toBeCloseTo(dueMs, 3);
      expect(clock.wallTimeOf(clock.rtpTimestamp(ticks), dueMs - 5_000)).toBeCloseTo(dueMs, 3);
    }
  });

  it("keeps timestamps and moves wall times when it is anchored anew", () => {
    const clock = new MediaClock(1_000_000, 77);
    const before = clock.rtpTimestamp(9_000);
    clock.reanchor(9_000, 5_000);
    expect(clock.rtpTimestamp(9_000)).toBe(before);
    expect(clock.dueMs(9_000)).toBe(5_000);
  });
});
