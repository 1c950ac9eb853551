import { describe, expect, it } from "vitest";
import { parkingRuleSchema } from "../../../config/index.ts";
import { createRule, type SceneObject } from "../../../edge/rules/index.ts";
import { expectNeverThrows, expectSameInOtherViews, kindsOf, objectAt, play } from "./rule-play.ts";
import { scenes } from "./scene.ts";

const LANE = parkingRuleSchema.parse({
  kind: "parking",
  id: "lane",
  eventType: "FIR.LANE",
  zone: [
    [0.2, 0.5],
    [0.8, 0.5],
    [0.8, 0.8],
    [0.2, 0.8],
  ],
  dwellS: 30,
  gapS: 10,
  clearS: 5,
});
const SIZE = [0.12, 0.1] as const;

const carAt = (x: number, y = 0.7, trackId = 1, label = "car"): SceneObject =>
  objectAt(label, [x, y], SIZE, trackId);

/** Drives in from the left within two seconds and stands at x = 0.5. */
const arriving = (timeS: number): number => Math.min(0.5, 0.1 + 0.2 * timeS);

describe("parking", () => {
  it.each([2.5, 5, 10])("alarms after the dwell time, at %d frames a second", (fps) => {
    const steps = play(
      LANE,
      scenes(fps, 60, (timeS) => [carAt(timeS < 45 ? arriving(timeS) : 0.5 + 0.2 * (timeS - 45))]),
    );
    expect(kindsOf(steps)).toEqual(["begin", "end"]);
    const begin = steps[0]?.signal as { readonly onset: number };
    expect(Math.abs(begin.onset - 2000)).toBeLessThanOrEqual(1000 / fps);
    const end = steps[1]?.signal as { readonly endedAt: number };
    expect(Math.abs(end.endedAt - 45_000)).toBeLessThanOrEqual(1000 / fps);
  });

  it("does not take a stop of 20 s for parking, nor several", () => {
    const stops = scenes(5, 100, (timeS) => [carAt(0.25 + 0.1 * Math.floor(timeS / 20))]);
    expect(play(LANE, stops)).toEqual([]);
  });

  it("tells again only each time that it has stood twice as long", () => {
    const steps = play(
      { ...LANE, dwellS: 10 },
      scenes(2.5, 200, () => [carAt(0.5)]),
    );
    expect(kindsOf(steps)).toEqual(["begin", "update", "update", "update", "update"]);
    expect(steps.map(({ at }) => Math.round(at / 1000))).toEqual([10, 20, 40, 80, 160]);
    expect(steps[4]?.signal).toMatchObject({ measures: { dwellS: 160, count: 1 } });
  });

  it("keeps the clock over a broken track and a class that flickers", () => {
    const steps = play(
      LANE,
      scenes(5, 35, (timeS) => {
        const label = Math.floor(timeS * 5) % 4 === 0 ? "truck" : "car";
        const both = timeS > 20 && timeS < 25 ? [carAt(0.502, 0.7, 99, "truck")] : [];
        return [carAt(0.5, 0.7, Math.floor(timeS / 7) + 1, label), ...both];
      }),
    );
    expect(kindsOf(steps)).toEqual(["begin"]);
    expect(steps[0]?.signal).toMatchObject({ onset: 0, measures: { count: 1 } });
  });

  it("keeps the clock while it is hidden for the gap, not for longer", () => {
    const hiddenUntil = (endS: number): readonly string[] =>
      kindsOf(
        play(
          LANE,
          scenes(5, 45, (timeS) => (timeS > 20 && timeS < endS ? [] : [carAt(0.5)])),
        ),
      );
    expect(hiddenUntil(29)).toEqual(["begin"]);
    expect(hiddenUntil(31)).toEqual([]);
  });

  it("keeps the clock when the track's id goes on with a car that passes", () => {
    const steps = play(
      LANE,
      scenes(5, 45, (timeS) => {
        const passing = 0.5 + 0.15 * (timeS - 15);
        const isStolen = timeS >= 15;
        return [
          carAt(0.5, 0.7, isStolen ? 2 : 1),
          ...(isStolen && passing < 0.9 ? [carAt(passing, 0.72, 1)] : []),
        ];
      }),
    );
    expect(kindsOf(steps)).toEqual(["begin"]);
    expect(steps[0]?.signal).toMatchObject({ onset: 0 });
  });

  it("starts anew for the next car at the same place", () => {
    const steps = play(
      LANE,
      scenes(5, 48, (timeS) => {
        const leaving = 0.5 + 0.1 * Math.max(0, timeS - 20);
        return [
          ...(leaving < 0.95 ? [carAt(leaving, 0.7, 1)] : []),
          ...(timeS > 24 ? [carAt(Math.min(0.5, 0.1 + 0.2 * (timeS - 24)), 0.7, 2)] : []),
        ];
      }),
    );
    expect(steps).toEqual([]);
  });

  it("does not take the next in a queue that moves up for the one before", () => {
    const moved = (timeS: number): number => 0.24 * Math.min(1, Math.max(0, (timeS % 20) - 17) / 3);
    const steps = play(
      LANE,
      scenes(5, 100, (timeS) => {
        const slot = Math.floor(timeS / 20);
        return [0, 1, 2, 3].map((place) =>
          carAt(0.74 - 0.24 * place + moved(timeS), 0.7, place + slot + 1),
        );
      }),
    );
    expect(steps).toEqual([]);
  });

  it("tolerates jitter and a box that is cut on one side", () => {
    const steps = play(
      LANE,
      scenes(5, 40, (timeS) => {
        const sway = 0.01 * Math.sin(timeS * 9);
        const car = carAt(0.5 + sway, 0.7 + sway);
        const isCut = timeS > 10 && timeS < 20;
        return [isCut ? { ...car, box: { ...car.box, width: SIZE[0] / 2 } } : car];
      }),
    );
    expect(kindsOf(steps)).toEqual(["begin"]);
    expect(steps[0]?.signal).toMatchObject({ onset: 0 });
  });

  it("measures where the wheels are", () => {
    const standing = (y: number): readonly string[] =>
      kindsOf(
        play(
          LANE,
          scenes(2.5, 40, () => [carAt(0.5, y)]),
        ),
      );
    expect(standing(0.79)).toEqual(["begin"]);
    expect(standing(0.84)).toEqual([]); // In front of the lane, its roof before it.
    expect(standing(0.5)).toEqual([]); // Behind it.
  });

  it("is silent at the place of the last alarm for the cool-down, not elsewhere", () => {
    const config = { ...LANE, cooldownS: 300 };
    const steps = play(
      config,
      scenes(2.5, 160, (timeS) => [
        ...(timeS < 40 || timeS > 60 ? [carAt(0.5, 0.7, timeS < 40 ? 1 : 2)] : []),
        ...(timeS > 60 ? [carAt(0.3, 0.7, 3)] : []),
      ]),
    );
    expect(kindsOf(steps).filter((kind) => kind !== "update")).toEqual(["begin", "end", "begin"]);
    expect(steps.at(-1)?.signal).toMatchObject({ object: { trackId: 3 } });
  });

  it("goes on after the camera was away, and starts anew after a long time", () => {
    const awayFor = (awayS: number): readonly string[] =>
      kindsOf(
        play(
          LANE,
          scenes(5, 80, () => [carAt(0.5)]).map((scene) =>
            scene.at < 40_000 ? scene : { ...scene, at: scene.at + awayS * 1000 },
          ),
        ),
      ).filter((kind) => kind !== "update");
    expect(awayFor(60)).toEqual(["begin"]);
    expect(awayFor(600)).toEqual(["begin", "end", "begin"]);
  });

  it("ends all alarms with the schedule", () => {
    const rule = createRule(LANE);
    const frames = scenes(2.5, 40, () => [carAt(0.3, 0.7, 1), carAt(0.6, 0.7, 2)]);
    const signals = frames.flatMap((scene) => rule.evaluate(scene));
    expect(signals.map(({ kind }) => kind)).toEqual(["begin", "begin"]);
    expect(rule.counts?.()).toEqual({ count: 2 });
    const last = frames.at(-1)?.at;
    expect(rule.end?.(40_000)).toEqual([
      { kind: "end", key: 1, endedAt: last },
      { kind: "end", key: 2, endedAt: last },
    ]);
    expect(rule.evaluate({ at: 60_000, aspect: 16 / 9, objects: [carAt(0.3)] })).toEqual([]);
  });

  it("sees the same in a mirrored, shifted and scaled picture", () => {
    expectSameInOtherViews({ ...LANE, dwellS: 5, cooldownS: 1 }, ["car", "truck"]);
  });

  it("takes any finite numbers", () => {
    expectNeverThrows({ ...LANE, dwellS: 1 }, ["car", "truck"]);
  });
});
