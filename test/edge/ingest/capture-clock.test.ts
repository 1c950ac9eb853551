import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CaptureClock } from "../../../edge/ingest/index.ts";

const START = 1_700_000_000_000;

describe("CaptureClock", () => {
  it("places delayed frames by the least-delayed one", () => {
    const clock = new CaptureClock();
    const delaysMs = [5, 80, 3, 200, 40];
    const captured = delaysMs.map((delayMs, index) =>
      clock.place(index / 10, START + index * 100 + delayMs),
    );
    expect(captured.map(({ captureTime }) => captureTime - START)).toEqual([5, 105, 203, 303, 403]);
    expect(captured.every(({ captureClock }) => captureClock === "stream")).toBe(true);
  });

  it("takes the arrival where the stream tells no time", () => {
    const clock = new CaptureClock();
    expect(clock.place(undefined, START)).toEqual({ captureTime: START, captureClock: "arrival" });
    expect(clock.place(Number.NaN, START).captureClock).toBe("arrival");
  });

  it("follows a camera whose clock runs 200 ppm fast or slow for an hour", () => {
    for (const drift of [1 - 200e-6, 1 + 200e-6]) {
      const clock = new CaptureClock();
      let worstMs = 0;
      for (let second = 0; second < 3600; second++) {
        const trueMs = START + second * 1000;
        const { captureTime } = clock.place(second * drift, trueMs + 20);
        worstMs = Math.max(worstMs, Math.abs(captureTime - trueMs - 20));
      }
      expect(worstMs).toBeLessThan(10);
    }
  });

  it.each([
    ["back", -50],
    ["ahead", 3600],
  ])("starts anew where the time line jumps %s", (_, jumpS) => {
    const clock = new CaptureClock();
    clock.place(100, START);
    clock.place(100.1, START + 100);
    expect(clock.place(100.2 + jumpS, START + 205).captureTime).toBe(START + 205);
    expect(clock.place(100.3 + jumpS, START + 400).captureTime).toBe(START + 305);
  });

  it("heals after the wall clock was set", () => {
    const clock = new CaptureClock();
    let captureTime = 0;
    for (let index = 0; index < 600; index++) {
      const stepMs = index < 100 ? 0 : 5_000;
      ({ captureTime } = clock.place(index / 10, START + index * 100 + stepMs));
    }
    expect(captureTime).toBe(START + 599 * 100 + 5_000);
  });

  it("never places a frame after its arrival, and never goes back", () => {
    const steps = fc.array(
      fc.record({
        ptsMs: fc.integer({ min: 1, max: 500 }),
        lateMs: fc.integer({ min: 0, max: 900 }),
      }),
    );
    fc.assert(
      fc.property(steps, (steps) => {
        const clock = new CaptureClock();
        let ptsMs = 0;
        let arrivalMs = START;
        let last = 0;
        for (const step of steps) {
          ptsMs += step.ptsMs;
          arrivalMs = Math.max(arrivalMs, START + ptsMs + step.lateMs);
          const { captureTime } = clock.place(ptsMs / 1000, arrivalMs);
          expect(captureTime).toBeLessThanOrEqual(arrivalMs);
          // Half a microsecond for seconds in floating point.
          expect(captureTime).toBeGreaterThanOrEqual(last - 0.0005);
          last = captureTime;
        }
      }),
      { seed: 5 },
    );
  });
});
