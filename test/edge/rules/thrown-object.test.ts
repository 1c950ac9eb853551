import { describe, expect, it } from "vitest";
import { thrownRuleSchema } from "../../../config/index.ts";
import type { PictureState } from "../../../edge/gate/index.ts";
import { createRule } from "../../../edge/rules/index.ts";
import { kinds, pictures, squareAt, watchPictures, type Step } from "./steps.ts";

const CONFIG = thrownRuleSchema.parse({
  kind: "thrown-object",
  id: "fall",
  eventType: "SEC.THROW",
  zone: [
    [0, 0],
    [1, 0],
    [1, 0.98],
    [0, 0.98],
  ],
  minFall: 0.15,
  clearS: 2,
  cooldownS: 5,
});

/** Places of one thing over time; `gravity` in picture heights a second squared. */
function fall(
  fps: number,
  { gravity = 0.6, speedX = 0.05, speedY = 0, fromS = 2, untilS = 3.4, top = 0.1 } = {},
): PictureState[] {
  return pictures(fps, 8, (timeS) => {
    const t = timeS - fromS;
    const y = top + speedY * t + (gravity * t * t) / 2;
    return t < 0 || timeS > untilS ? {} : { moving: [squareAt(0.4 + speedX * t, y)] };
  });
}
const judged = (frames: readonly PictureState[]): Step[] =>
  watchPictures(createRule(CONFIG), frames);

describe("falling or thrown object", () => {
  it.each([5, 10, 25])("alarms once, from the fall's first frame, at %d frames a second", (fps) => {
    const steps = judged(fall(fps));
    expect(kinds(steps)).toEqual(["begin", "end"]);
    const { onset, object } = (steps[0] as Step).signal as Extract<
      Step["signal"],
      { kind: "begin" }
    >;
    expect(Math.abs(onset - 2000)).toBeLessThanOrEqual(1000 / fps);
    expect(object?.box?.height).toBeGreaterThan(0.15);
  });

  it("follows a fall of which every fourth frame is missing", () => {
    const frames = fall(10).map((picture, i) =>
      i % 4 === 3 ? { ...picture, moving: [] } : picture,
    );
    expect(kinds(judged(frames))).toEqual(["begin", "end"]);
  });

  it("follows what is thrown up and aside before it falls", () => {
    const frames = fall(10, { speedX: 0.2, speedY: -0.3, top: 0.4, untilS: 3.9 });
    expect(kinds(judged(frames))).toEqual(["begin", "end"]);
  });

  it.each([
    ["falls at one speed, as a leaf", { gravity: 0, speedY: 0.12, untilS: 6 }],
    ["falls fast at one speed, as hail", { gravity: 0, speedY: 0.6, untilS: 3.4 }],
    ["glides down, as a bird", { gravity: 0, speedX: 0.3, speedY: 0.15, untilS: 3.8 }],
    ["goes up", { gravity: -0.4, top: 0.9 }],
    ["starts slowly, as a lift", { gravity: 0.02, untilS: 7 }],
    ["falls less than the least", { untilS: 2.6 }],
    ["slows down", { gravity: -0.2, speedY: 0.5 }],
  ])("is silent for what %s", (_, way) => {
    expect(judged(fall(10, way))).toEqual([]);
  });

  it("is silent for what is large, outside of the zone or a part of somebody followed", () => {
    const changed = (change: (picture: PictureState) => PictureState): Step[] =>
      judged(fall(10).map(change));
    const large = changed((picture) => ({
      ...picture,
      moving: picture.moving.map((box) => ({ ...box, width: 0.2, height: 0.2 })),
    }));
    const followed = changed((picture) => ({
      ...picture,
      objects: [{ left: 0.3, top: 0, width: 0.3, height: 1 }],
    }));
    const outside = watchPictures(
      createRule({
        ...CONFIG,
        zone: [
          [0.6, 0],
          [1, 0],
          [1, 1],
        ],
      }),
      fall(10),
    );
    expect([...large, ...followed, ...outside]).toEqual([]);
  });

  it("is silent in hail of which single grains would seem to gain speed", () => {
    const frames = pictures(10, 8, (timeS) => ({
      moving: Array.from({ length: 20 }, (_, i) =>
        squareAt(0.1 + 0.04 * i, (0.7 * timeS + 0.37 * i) % 0.95, 0.01),
      ),
    }));
    expect(judged(frames)).toEqual([]);
  });

  it("tells a second fall in the alarm under way", () => {
    const both = fall(10).map((picture, i) => ({
      ...picture,
      moving: [...picture.moving, ...(fall(10, { fromS: 3, untilS: 4.4 })[i]?.moving ?? [])],
    }));
    const steps = judged(both);
    expect(kinds(steps)).toEqual(["begin", "update", "end"]);
    expect(steps[1]?.signal).toMatchObject({ key: 1, measures: { count: 2 } });
  });
});
