import { afterEach, describe, expect, it } from "vitest";
import { InferenceWatch } from "../../../edge/health/index.ts";
import { FakeClock } from "../../support/fake-clock.ts";

const open: InferenceWatch[] = [];
afterEach(() => {
  open.splice(0).forEach((watch) => {
    watch.close();
  });
});

function setUp(): { clock: FakeClock; watch: InferenceWatch; told: string[] } {
  const clock = new FakeClock();
  const told: string[] = [];
  const watch = new InferenceWatch({
    clock,
    onAlarm: (camera, waitingMs) => told.push(`${camera} blind after ${waitingMs}`),
    onCleared: (camera) => told.push(`${camera} cleared`),
  });
  open.push(watch);
  watch.start();
  return { clock, watch, told };
}

describe("InferenceWatch", () => {
  it("tells within 15 s that motion had no inference, once", async () => {
    const { clock, watch, told } = setUp();
    await clock.advance(300);
    for (let second = 0; second < 15; second++) {
      watch.motion("cam");
      await clock.advance(1000);
    }
    expect(told).toEqual(["cam blind after 12700"]);
    watch.motion("cam");
    await clock.advance(60_000);
    expect(told).toHaveLength(1);
  });

  it("tells once that the camera sees again, and can be blind anew", async () => {
    const { clock, watch, told } = setUp();
    watch.motion("cam");
    await clock.advance(15_000);
    watch.completed("cam");
    watch.completed("cam");
    expect(told).toEqual(["cam blind after 12000", "cam cleared"]);
    await clock.advance(60_000);
    watch.motion("cam");
    await clock.advance(15_000);
    expect(told).toEqual(["cam blind after 12000", "cam cleared", "cam blind after 12000"]);
  });

  it("keeps quiet while inferences answer the motion, and while nothing moves", async () => {
    const { clock, watch, told } = setUp();
    watch.completed("still");
    for (let second = 0; second < 60; second++) {
      watch.motion("cam");
      await clock.advance(11_000);
      watch.completed("cam");
    }
    expect(told).toEqual([]);
  });

  it("tells of the blind camera alone", async () => {
    const { clock, watch, told } = setUp();
    for (let second = 0; second < 15; second++) {
      watch.motion("blind");
      watch.motion("seeing");
      await clock.advance(1000);
      watch.completed("seeing");
    }
    expect(told).toEqual(["blind blind after 12000"]);
  });

  it("is silent and waits for nothing once it is closed", async () => {
    const { clock, watch, told } = setUp();
    watch.motion("cam");
    await clock.advance(5000);
    watch.close();
    await clock.advance(60_000);
    expect(told).toEqual([]);
    expect(clock.sleepers).toBe(0);
  });
});
