import { describe, expect, it } from "vitest";
import { abandonedRuleSchema } from "../../../config/index.ts";
import type { PictureState } from "../../../edge/gate/index.ts";
import { createRule, type AlarmSignal, type SceneObject } from "../../../edge/rules/index.ts";
import type { BoxNorm } from "../../../protocol/index.ts";
import { expectNeverThrows, expectSameInOtherViews, kindsOf, objectAt, play } from "./rule-play.ts";
import { personAt, scenes } from "./scene.ts";

const HALL = abandonedRuleSchema.parse({
  kind: "abandoned-object",
  id: "hall",
  eventType: "SEC.ABANDON",
  zone: [
    [0.2, 0.3],
    [0.8, 0.3],
    [0.8, 0.9],
    [0.2, 0.9],
  ],
  unattendedS: 20,
  attendedHeights: 1.5,
  clearS: 4,
});
const ANY = { ...HALL, anyThing: true };

const bagAt = (x: number, y = 0.6, trackId = 1, label = "suitcase"): SceneObject =>
  objectAt(label, [x, y], [0.02, 0.04], trackId);

describe("abandoned object", () => {
  it.each([2.5, 5, 10])("alarms when nobody has been near, at %d frames a second", (fps) => {
    const steps = play(
      HALL,
      scenes(fps, 40, (timeS) => [
        bagAt(0.5),
        personAt(timeS < 5 ? 0.48 : 0.48 - 0.05 * (timeS - 5), 0.6, 2),
      ]),
    );
    expect(kindsOf(steps)).toEqual(["begin"]);
    // Heights are 0.1: he is out of reach at x = 0.5 − 0.15 ÷ aspect.
    const begin = steps[0]?.signal as { readonly onset: number };
    expect(Math.abs(begin.onset - 6290)).toBeLessThanOrEqual(1000 / fps);
    expect(steps[0]?.signal).toMatchObject({ object: { label: "suitcase" } });
  });

  it("is silent while somebody stands near, whoever put it down", () => {
    const frames = scenes(5, 60, (timeS) => [
      bagAt(0.5),
      personAt(0.45, 0.6, 2 + Math.floor(timeS / 11)),
    ]);
    expect(play(HALL, frames)).toEqual([]);
  });

  it("starts its clock anew when the owner comes back", () => {
    const isBack = (timeS: number): boolean => timeS > 15 && timeS < 22;
    const frames = scenes(5, 50, (timeS) => [
      bagAt(0.5),
      ...(isBack(timeS) ? [personAt(0.47, 0.6, 7)] : []),
    ]);
    const steps = play(HALL, frames);
    expect(kindsOf(steps)).toEqual(["begin"]);
    expect(steps[0]?.signal).toMatchObject({ onset: 21_800 });
  });

  it("does not take who walks past for its owner", () => {
    const frames = scenes(5, 30, (timeS) => [
      bagAt(0.5),
      personAt(0.2 + 0.1 * (timeS % 6), 0.62, 2 + Math.floor(timeS / 6)),
    ]);
    expect(play(HALL, frames)[0]?.signal).toMatchObject({ kind: "begin", onset: 0 });
  });

  it("ends when the owner has come back to stay, and when it is carried away", () => {
    const returned = play(
      HALL,
      scenes(5, 40, (timeS) => [bagAt(0.5), ...(timeS >= 30 ? [personAt(0.47, 0.6, 7)] : [])]),
    );
    expect(kindsOf(returned)).toEqual(["begin", "end"]);
    expect(returned[1]?.signal).toMatchObject({ endedAt: 30_000 });
    const carried = play(
      HALL,
      scenes(5, 40, (timeS) => [bagAt(timeS < 30 ? 0.5 : 0.5 + 0.05 * (timeS - 30))]),
    );
    expect(kindsOf(carried)).toEqual(["begin", "end"]);
    const end = carried[1]?.signal as { readonly endedAt: number };
    expect(Math.abs(end.endedAt - 30_000)).toBeLessThanOrEqual(400);
  });

  it("keeps the clock over a track that breaks and a class that flickers", () => {
    const labels = ["suitcase", "backpack", "handbag"];
    const frames = scenes(5, 30, (timeS) => {
      const part = Math.floor(timeS / 4);
      return timeS % 4 < 1.5 ? [] : [bagAt(0.5, 0.6, part + 1, labels[part % 3])];
    });
    const steps = play(HALL, frames);
    expect(kindsOf(steps)).toEqual(["begin"]);
    expect(steps[0]?.signal).toMatchObject({ onset: 1600 });
  });

  it("does not take the time that the camera was away for being unattended", () => {
    const frames = scenes(5, 40, (timeS) => [
      bagAt(0.5),
      // After the break it takes the tracker a second to find the owner again.
      ...(timeS < 15 || timeS > 16 ? [personAt(0.47, 0.6, timeS < 15 ? 2 : 9)] : []),
    ]).map((scene) => (scene.at < 15_000 ? scene : { ...scene, at: scene.at + 60_000 }));
    expect(play(HALL, frames)).toEqual([]);
  });

  it("tells two bags apart and ignores one outside of the zone", () => {
    const frames = scenes(2.5, 25, () => [
      bagAt(0.4, 0.6, 1),
      bagAt(0.6, 0.6, 2),
      bagAt(0.1, 0.6, 3),
    ]);
    expect(kindsOf(play(HALL, frames))).toEqual(["begin", "begin"]);
  });

  it("watches the picture only when it has to", () => {
    expect(createRule(HALL).watch).toBeUndefined();
    expect(createRule(ANY).watch).toBeDefined();
  });

  it("sees the same in a mirrored, shifted and scaled picture", () => {
    expectSameInOtherViews({ ...HALL, unattendedS: 5, cooldownS: 1 }, ["suitcase", "person"], true);
  });

  it("takes any finite numbers", () => {
    expectNeverThrows({ ...HALL, unattendedS: 1 }, ["suitcase", "person"]);
  });
});

const CARTON: BoxNorm = { left: 0.48, top: 0.55, width: 0.04, height: 0.05 };

/** Looks five times, frames ten times a second. */
function watch(
  durationS: number,
  objectsAt: (timeS: number) => readonly SceneObject[],
  changesAt: (timeS: number) => PictureState["changes"],
  attendedHeights = 1.5,
): { readonly at: number; readonly signal: AlarmSignal }[] {
  const rule = createRule({ ...ANY, attendedHeights });
  return scenes(10, durationS, objectsAt).flatMap(({ at, aspect, objects }, frame) => {
    const picture: PictureState = {
      at,
      moving: [],
      changes: changesAt(at / 1000),
      objects: objects.map(({ box }) => box),
      quality: {
        brightness: 120,
        structure: 1,
        sharpness: 1,
        alignment: 1,
        frozenSince: undefined,
      },
    };
    const signals = [
      ...(rule.watch?.(picture) ?? []),
      ...(frame % 2 === 0 ? rule.evaluate({ at, aspect, objects }) : []),
    ];
    return signals.map((signal) => ({ at, signal }));
  });
}

describe("abandoned thing without a name", () => {
  const since =
    (fromS: number, box = CARTON) =>
    (timeS: number): PictureState["changes"] =>
      timeS < fromS + 3 ? [] : [{ box, since: fromS * 1000 }];

  it("alarms for a lasting change that nothing explains", () => {
    const steps = watch(40, () => [], since(5));
    expect(kindsOf(steps)).toEqual(["begin"]);
    expect(steps[0]).toMatchObject({
      at: 25_000,
      signal: { onset: 5000, object: { box: CARTON } },
    });
  });

  it("counts people who stay near as attending it", () => {
    expect(watch(60, () => [personAt(0.44, 0.6)], since(5))).toEqual([]);
  });

  it("takes neither what is followed nor its edge for a thing", () => {
    const car = objectAt("car", [0.5, 0.62], [0.12, 0.1]);
    expect(watch(60, () => [car], since(5))).toEqual([]);
    const edge = { left: 0.555, top: 0.58, width: 0.03, height: 0.04 };
    expect(watch(60, () => [car], since(5, edge))).toEqual([]);
  });

  it("does not take an object that the detector loses for a thing", () => {
    const person = personAt(0.5, 0.6);
    const change = since(2, person.box);
    expect(watch(60, (timeS) => (timeS < 20 || timeS % 9 < 2 ? [person] : []), change)).toEqual([]);
  });

  it("does not take the place that a car left for a thing", () => {
    const box = { left: 0.44, top: 0.52, width: 0.12, height: 0.1 };
    const car = objectAt("car", [0.5, 0.62], [0.12, 0.1]);
    const steps = watch(
      90,
      (timeS) =>
        timeS < 20
          ? [car]
          : timeS < 24
            ? [objectAt("car", [0.5 + 0.1 * (timeS - 20), 0.62], [0.12, 0.1])]
            : [],
      since(21, box),
    );
    expect(steps).toEqual([]);
  });

  it("goes on while somebody far in front hides the thing", () => {
    const inFront = objectAt("person", [0.5, 0.99], [0.2, 0.5], 3);
    const steps = watch(120, (timeS) => (timeS > 30 && timeS < 90 ? [inFront] : []), since(0), 0.5);
    expect(kindsOf(steps).filter((kind) => kind !== "update")).toEqual(["begin"]);
  });

  it("is one alarm for a bag that both ways show, also when the detector loses it", () => {
    const bag = objectAt("suitcase", [0.5, 0.6], [0.04, 0.05]);
    const steps = watch(90, (timeS) => (timeS < 30 ? [bag] : []), since(0));
    expect(kindsOf(steps).filter((kind) => kind !== "update")).toEqual(["begin"]);
  });

  it("does not take the place of a bag that was fetched for the bag", () => {
    const bag = objectAt("suitcase", [0.5, 0.6], [0.04, 0.05]);
    const steps = watch(
      120,
      (timeS) => (timeS < 40 ? [bag] : []),
      (timeS) => (timeS < 44 ? [] : [{ box: CARTON, since: 41_000 }]),
    );
    expect(kindsOf(steps).filter((kind) => kind !== "update")).toEqual(["begin", "end"]);
    expect(steps.at(-1)?.signal).toMatchObject({ endedAt: 39_800 });
  });
});
