import { describe, expect, it } from "vitest";
import { Tally } from "../../../edge/health/index.ts";
import { TransientError } from "../../../protocol/index.ts";
import { FakeClock } from "../../support/fake-clock.ts";

describe("Tally", () => {
  it("tells the first failure at once and the flood after it once a minute", async () => {
    const told: unknown[] = [];
    const clock = new FakeClock();
    const tally = new Tally(clock, { warn: (fields) => told.push(fields) });
    const error = new TransientError("INFERENCE_FAILED", "no");
    for (let frame = 0; frame < 700; frame++) {
      tally.add("cam", error);
      await clock.advance(100);
    }
    expect(told).toEqual([
      { camera: "cam", code: "INFERENCE_FAILED", times: 1 },
      { camera: "cam", code: "INFERENCE_FAILED", times: 600 },
    ]);
  });
});
