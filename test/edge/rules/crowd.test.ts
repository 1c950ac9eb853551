import { describe, expect, it } from "vitest";
import { crowdRuleSchema } from "../../../config/index.ts";
import { createRule, type Scene, type SceneObject } from "../../../edge/rules/index.ts";
import { Camera } from "../../support/scenes/index.ts";
import { expectNeverThrows, expectSameInOtherViews, kindsOf, play } from "./rule-play.ts";
import { personAt, scenes } from "./scene.ts";

const CROWD = crowdRuleSchema.parse({
  kind: "crowd",
  id: "square",
  eventType: "SEC.CROWD",
  zone: [
    [0.2, 0.4],
    [0.8, 0.4],
    [0.8, 0.9],
    [0.2, 0.9],
  ],
  count: 5,
  holdS: 5,
  clearS: 4,
});

/** So many people side by side in the zone. */
const people = (count: number, fromId = 1): SceneObject[] =>
  Array.from({ length: count }, (_, index) =>
    personAt(0.25 + 0.05 * index, 0.6 + 0.1 * (index % 2), fromId + index),
  );

describe("crowd", () => {
  it.each([2.5, 5, 10])("begins when it has lasted, at %d frames a second", (fps) => {
    const steps = play(
      CROWD,
      scenes(fps, 30, (timeS) => people(timeS < 4 ? 3 : timeS < 16 ? 5 : 2)),
    );
    expect(kindsOf(steps)).toEqual(["begin", "end"]);
    expect(steps[0]?.signal).toMatchObject({ onset: 4000, measures: { count: 5 } });
    expect((steps[0]?.at ?? 0) - 9000).toBeLessThanOrEqual(1000 / fps);
    const ended = steps[1]?.signal as { readonly endedAt: number };
    expect(Math.abs(ended.endedAt - 16_000)).toBeLessThanOrEqual(1000 / fps);
  });

  it("counts a missed person on and one whose track breaks once", () => {
    const frames = scenes(5, 14, (timeS) =>
      people(5, timeS < 7 ? 1 : 101).filter(
        (_, index) => Math.floor(timeS * 5 + index * 3) % 10 > 0,
      ),
    );
    const steps = play({ ...CROWD, count: 6 }, frames);
    expect(steps).toEqual([]);
    const begun = play(CROWD, frames);
    expect(kindsOf(begun)).toEqual(["begin"]);
    expect(begun[0]?.signal).toMatchObject({ measures: { count: 5 } });
  });

  it("does not add up a level that is there only now and then", () => {
    const frames = scenes(5, 60, (timeS) => people(timeS % 5 < 2 ? 5 : 3));
    expect(play(CROWD, frames)).toEqual([]);
  });

  it("tells when it has clearly grown, about every ten seconds", () => {
    const frames = scenes(5, 40, (timeS) => people(Math.min(12, 5 + Math.floor(timeS / 3))));
    const steps = play(CROWD, frames);
    expect(kindsOf(steps)).toEqual(["begin", "update", "update"]);
    const [, first = 0, second = 0] = steps.map(({ at }) => at);
    expect(second - first).toBeGreaterThanOrEqual(9500);
  });

  it("alarms by density on the ground, and by that alone where wanted", () => {
    const ground = new Camera();
    const dense = crowdRuleSchema.parse({
      kind: "crowd",
      id: "gate",
      eventType: "SEC.CROWD",
      zone: ground.area(-2, 2, 12, 14),
      densityPerM2: 0.5,
      holdS: 2,
    });
    const standing = (count: number): Scene[] =>
      scenes(5, 8, () =>
        Array.from({ length: count }, (_, index) => {
          const [x, y] = ground.point(-1.5 + index, 13);
          return personAt(x, y, index + 1);
        }),
      );
    expect(play(dense, standing(3), { ground })).toEqual([]);
    const [begin] = play(dense, standing(4), { ground });
    expect(begin?.signal).toMatchObject({ kind: "begin", measures: { count: 4 } });
    const measures = begin?.signal.kind === "begin" ? begin.signal.measures : undefined;
    expect(measures?.densityPerM2).toBeCloseTo(0.5, 6);
    expect(() => createRule(dense)).toThrow(/density/);
  });

  it("counts people whom the picture's lower border cuts", () => {
    const zone: [number, number][] = [
      [0, 0.5],
      [1, 0.5],
      [1, 1],
      [0, 1],
    ];
    const frames = scenes(5, 8, () => people(5).map((one) => ({ ...one, box: atBorder(one) })));
    expect(kindsOf(play({ ...CROWD, zone }, frames))).toEqual(["begin"]);
  });

  it("goes on after the camera was away", () => {
    const frames = scenes(5, 30, () => people(5)).map((scene) =>
      scene.at < 15_000 ? scene : { ...scene, at: scene.at + 60_000 },
    );
    expect(kindsOf(play(CROWD, frames))).toEqual(["begin"]);
  });

  it("ends with its schedule", () => {
    const rule = createRule(CROWD);
    const signals = scenes(5, 8, () => people(5)).flatMap((scene) => rule.evaluate(scene));
    expect(signals).toHaveLength(1);
    expect(rule.end?.(8000)).toEqual([{ kind: "end", key: 1, endedAt: 7800 }]);
    expect(rule.end?.(8000)).toEqual([]);
    expect(rule.evaluate({ at: 8200, aspect: 16 / 9, objects: people(5) })).toEqual([]);
  });

  it("sees the same in a mirrored, shifted and scaled picture", () => {
    expectSameInOtherViews(CROWD, ["person"]);
  });

  it("takes any finite numbers", () => {
    expectNeverThrows({ ...CROWD, count: 2, holdS: 1 }, ["person"]);
  });
});

const atBorder = ({ box }: SceneObject): SceneObject["box"] => ({ ...box, top: 1 - box.height });
