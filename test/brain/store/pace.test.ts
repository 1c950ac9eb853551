import { describe, expect, it } from "vitest";
import { createPace } from "../../../brain/store/index.ts";
import type { Clock } from "../../../protocol/index.ts";

describe("the pace of transactions", () => {
  const setUp = () => {
    const waits: number[] = [];
    const clock: Clock = {
      now: () => 0,
      wait: (delayMs) => {
        waits.push(delayMs);
        return Promise.resolve();
      },
    };
    return { waits, pace: createPace(clock, 60_000) };
  };

  it("lets the first start at once", async () => {
    const { waits, pace } = setUp();
    await pace();
    expect(waits).toEqual([]);
  });

  it("holds back the next for what is left of the gap", async () => {
    const { waits, pace } = setUp();
    await pace();
    await pace();
    expect(waits).toHaveLength(1);
    expect(waits[0]).toBeGreaterThan(0);
    expect(waits[0]).toBeLessThanOrEqual(60_000);
  });

  it("ends the wait when it is aborted", async () => {
    const clock: Clock = {
      now: () => 0,
      wait: (_delayMs, signal) => Promise.reject(signal?.reason as Error),
    };
    const pace = createPace(clock, 60_000);
    await pace();
    await expect(pace(AbortSignal.abort(new Error("stop")))).resolves.toBeUndefined();
  });
});
