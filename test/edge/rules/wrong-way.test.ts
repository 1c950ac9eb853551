import { describe, expect, it } from "vitest";
import { wrongWayRuleSchema } from "../../../config/index.ts";
import type { SceneObject } from "../../../edge/rules/index.ts";
import { Camera } from "../../support/scenes/index.ts";
import { expectNeverThrows, expectSameInOtherViews, kindsOf, objectAt, play } from "./rule-play.ts";
import { scenes } from "./scene.ts";

/** Allowed is from left to right. */
const STREET = wrongWayRuleSchema.parse({
  kind: "wrong-way",
  id: "street",
  eventType: "TRF.WRONG",
  zone: [
    [0.2, 0.4],
    [0.8, 0.4],
    [0.8, 0.9],
    [0.2, 0.9],
  ],
  allowed: [
    [0.3, 0.6],
    [0.7, 0.6],
  ],
  clearS: 3,
  cooldownS: 5,
});

const carAt = (x: number, y = 0.6, trackId = 1): SceneObject =>
  objectAt("car", [x, y], [0.12, 0.1], trackId);

describe("wrong way", () => {
  it.each([2.5, 5, 10])("alarms once, with its entry as onset, at %d frames a second", (fps) => {
    const steps = play(
      STREET,
      scenes(fps, 12, (timeS) => (timeS < 7 ? [carAt(0.95 - 0.125 * timeS)] : [])),
    );
    expect(kindsOf(steps)).toEqual(["begin", "end"]);
    const begin = steps[0]?.signal as { readonly onset: number };
    expect(Math.abs(begin.onset - 1200)).toBeLessThanOrEqual(1000 / fps);
    const end = steps[1]?.signal as { readonly endedAt: number };
    expect(Math.abs(end.endedAt - 6000)).toBeLessThanOrEqual(300 + 1000 / fps);
  });

  it("leaves alone who drives the allowed way, stands, or crosses", () => {
    const frames = scenes(5, 12, (timeS) => [
      carAt(0.05 + 0.1 * timeS, 0.6, 1),
      carAt(0.4 + 0.004 * Math.sin(timeS * 8), 0.5, 2),
      carAt(0.6, 0.35 + 0.05 * timeS, 3),
    ]);
    expect(play(STREET, frames)).toEqual([]);
  });

  it("takes a short way back for manoeuvring", () => {
    const back = (share: number): readonly string[] =>
      kindsOf(
        play(
          STREET,
          scenes(5, 6, (timeS) => [carAt(0.7 - share * Math.min(1, timeS / 4))]),
        ),
      );
    expect(back(0.06)).toEqual([]);
    expect(back(0.3)).toEqual(["begin"]);
  });

  it("measures the angle to the allowed way", () => {
    const driving = (angleDeg: number): readonly string[] => {
      const [dx, dy] = [Math.cos((angleDeg * Math.PI) / 180), Math.sin((angleDeg * Math.PI) / 180)];
      return kindsOf(
        play(
          STREET,
          scenes(5, 4, (timeS) => [
            carAt(0.7 - 0.05 * dx * timeS, 0.5 + 0.05 * dy * timeS * (16 / 9)),
          ]),
        ),
      );
    };
    expect(driving(50)).toEqual(["begin"]);
    expect(driving(70)).toEqual([]);
  });

  it("is not misled by an id that jumps back to the next car of a queue", () => {
    const frames = scenes(5, 20, (timeS) =>
      timeS < 10
        ? [carAt(0.6, 0.6, 1), carAt(0.45, 0.6, 2)]
        : [carAt(0.6, 0.6, 3), carAt(0.45, 0.6, 1)],
    );
    expect(play(STREET, frames)).toEqual([]);
  });

  it("is not misled by a car that becomes half hidden", () => {
    const up = wrongWayRuleSchema.parse({
      ...STREET,
      travelHeights: 0.4,
      allowed: [
        [0.5, 0.5],
        [0.5, 0.8],
      ],
    });
    const frames = scenes(5, 20, (timeS) => {
      const car = objectAt("car", [0.5, 0.8], [0.15, 0.2]);
      const hidden = Math.min(0.6, Math.max(0, (timeS - 5) / 5));
      return [{ ...car, box: { ...car.box, height: 0.2 * (1 - hidden) } }];
    });
    expect(play(up, frames)).toEqual([]);
  });

  it("joins others to the alarm under way and goes on while one waits", () => {
    const steps = play(
      STREET,
      scenes(5, 40, (timeS) => [
        carAt(Math.max(0.5, 0.78 - 0.1 * timeS), 0.6, 1),
        ...(timeS > 12 ? [carAt(0.78 - 0.1 * (timeS - 12), 0.7, 2)] : []),
      ]),
    );
    expect(kindsOf(steps)).toEqual(["begin", "update", "end"]);
    expect(steps[1]?.signal).toMatchObject({ object: { trackId: 2 }, measures: { count: 2 } });
  });

  it("measures metres on the ground", () => {
    const ground = new Camera();
    const config = wrongWayRuleSchema.parse({
      ...STREET,
      zone: ground.area(-3, 3, 9, 40),
      allowed: ground.line([0, 30], [0, 12]),
      travelM: 6,
    });
    const away = (travelM: number): ReturnType<typeof play> =>
      play(
        config,
        scenes(5, 5, (timeS) => {
          const y = 12 + Math.min(travelM, 5 * timeS);
          const box = ground.boxOf({
            x: 0,
            y,
            z: 0,
            headingDeg: 0,
            lengthM: 4.4,
            widthM: 1.8,
            heightM: 1.5,
          });
          return box === undefined
            ? []
            : [{ trackId: 1, label: "car", score: 0.8, box, frames: 9 }];
        }),
        { ground },
      );
    expect(away(4)).toEqual([]);
    const [begin] = away(20);
    const measures = begin?.signal.kind === "begin" ? begin.signal.measures : undefined;
    expect(measures?.speedMps).toBeGreaterThan(3.5);
    expect(measures?.speedMps).toBeLessThan(5.5);
    expect(measures?.travelM).toBeGreaterThanOrEqual(6);
  });

  it("sees the same in a mirrored, shifted and scaled picture", () => {
    expectSameInOtherViews({ ...STREET, travelM: 1 }, ["car"], true);
  });

  it("takes any finite numbers", () => {
    expectNeverThrows({ ...STREET, travelHeights: 0, travelM: 0 }, ["car"]);
  });
});
