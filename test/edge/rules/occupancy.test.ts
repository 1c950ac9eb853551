import { describe, expect, it } from "vitest";
import { occupancyRuleSchema } from "../../../config/index.ts";
import { createRule, type SceneObject } from "../../../edge/rules/index.ts";
import { expectNeverThrows, expectSameInOtherViews, kindsOf, objectAt, play } from "./rule-play.ts";
import { scenes } from "./scene.ts";

const STREET = occupancyRuleSchema.parse({
  kind: "occupancy",
  id: "street",
  eventType: "SCH.GATE",
  zone: [
    [0.1, 0.5],
    [0.9, 0.5],
    [0.9, 0.9],
    [0.1, 0.9],
  ],
  limit: 3,
  holdS: 10,
  clearS: 5,
  cooldownS: 30,
});

const cars = (count: number): SceneObject[] =>
  Array.from({ length: count }, (_, index) =>
    objectAt("car", [0.2 + 0.15 * index, 0.7], [0.1, 0.1], index + 1),
  );

describe("occupancy", () => {
  it.each([2.5, 5, 10])("alarms when the zone stays full, at %d frames a second", (fps) => {
    const steps = play(
      STREET,
      scenes(fps, 40, (timeS) => cars(timeS < 2 ? 2 : timeS < 20 ? 3 : 1)),
    );
    expect(kindsOf(steps)).toEqual(["begin", "end"]);
    expect(steps[0]?.signal).toMatchObject({ onset: 2000, measures: { count: 3 } });
  });

  it("takes each class that it is told to, and no other", () => {
    const mixed = [...cars(2), objectAt("bicycle", [0.6, 0.7], [0.05, 0.1], 9)];
    const frames = scenes(5, 20, () => mixed);
    expect(play(STREET, frames)).toEqual([]);
    const both = { ...STREET, classes: ["car", "bicycle"] };
    expect(kindsOf(play(both, frames))).toEqual(["begin"]);
  });

  it("is silent for the cool-down", () => {
    const isFull = (timeS: number): boolean =>
      timeS < 15 || (timeS > 25 && timeS < 40) || timeS > 70;
    const steps = play(
      STREET,
      scenes(5, 90, (timeS) => cars(isFull(timeS) ? 3 : 0)),
    );
    expect(kindsOf(steps)).toEqual(["begin", "end", "begin"]);
    expect(steps[2]?.signal).toMatchObject({ onset: 70_200 });
  });

  it("tells how many are there now", () => {
    const rule = createRule(STREET);
    for (const scene of scenes(5, 2, () => cars(2))) {
      rule.evaluate(scene);
    }
    expect(rule.counts?.()).toEqual({ count: 2 });
  });

  it("sees the same in a mirrored, shifted and scaled picture", () => {
    expectSameInOtherViews({ ...STREET, holdS: 3, cooldownS: 1 }, ["car"]);
  });

  it("takes any finite numbers", () => {
    expectNeverThrows({ ...STREET, limit: 1, holdS: 1 }, ["car"]);
  });
});
