import { describe, expect, it } from "vitest";
import type { TrackedDetection } from "../../../edge/track/index.ts";
import { Noise } from "./noise.ts";
import { PictureTeller } from "./picture.ts";
import { detect, Stage } from "./sight.ts";
import { changeBox, changePoint } from "./view-change.ts";
import {
  actor,
  Camera,
  from,
  judge,
  MIRRORED,
  person,
  play,
  post,
  SHRUNK,
  thing,
  van,
  type Scenario,
} from "./index.ts";

const CAMERA = new Camera();

function boxOf(stage: Stage, timeS: number): TrackedDetection["box"] | undefined {
  return detect(stage.sightsAt(timeS))[0]?.box;
}

describe("camera", () => {
  it.each([
    [0, 8],
    [-5, 15],
    [7, 40],
  ] as const)("finds the ground point (%d, %d) again", (x, y) => {
    const [backX, backY] = CAMERA.toMetres(CAMERA.point(x, y)) ?? [];
    expect(backX).toBeCloseTo(x, 9);
    expect(backY).toBeCloseTo(y, 9);
  });

  it("sees no ground at the horizon and above", () => {
    const level = new Camera({ tiltDeg: 0 });
    expect(level.toMetres([0.5, 0.5])).toBeUndefined();
    expect(level.toMetres([0.5, 0.2])).toBeUndefined();
    expect(level.toMetres([0.5, 0.6])).toBeDefined();
  });

  it("shows a person half as high at twice the distance", () => {
    const level = new Camera({ tiltDeg: 0 });
    const heightAt = (y: number): number =>
      level.boxOf({ x: 0, y, z: 0, headingDeg: 0, lengthM: 0, widthM: 0.5, heightM: 1.7 })
        ?.height ?? NaN;
    expect(heightAt(20) / heightAt(40)).toBeCloseTo(2, 9);
  });

  it("cuts a zone at the picture's border", () => {
    const zone = CAMERA.area(-30, 30, 5, 20);
    expect(zone.flat().every((value) => value >= 0 && value <= 1)).toBe(true);
    expect(Math.max(...zone.map(([, y]) => y))).toBe(1);
  });
});

describe("path", () => {
  it("walks, stays and vanishes", () => {
    const path = from([0, 10], 2).to([7, 10], 1.4).stay(3);
    expect(path.at(1.9)).toBeUndefined();
    expect(path.at(4.5)).toMatchObject({ x: 3.5, y: 10, headingDeg: 90 });
    expect(path.at(9)).toMatchObject({ x: 7 });
    expect(path.at(10.1)).toBeUndefined();
  });

  it("shares its start with its branches", () => {
    const start = from([0, 10]).to([1.4, 10]);
    const [left, right] = [start.to([0, 10]), start.shifted([0.5, 0]).stay(5)];
    expect([start.endS, left.endS, right.endS]).toEqual([1, 2, 6]);
    expect(right.at(1)).toMatchObject({ x: 1.9 });
  });

  it("lets a lying person be wide and low, and get up before it walks on", () => {
    const path = from([0, 15]).stay(2).lie(4).to([2, 15]);
    const stage = new Stage(CAMERA, [person("anna", path)], []);
    const [upright, lying] = [boxOf(stage, 1), boxOf(stage, 5)];
    expect(upright?.height ?? 0).toBeGreaterThan(3 * (lying?.height ?? 1));
    expect(lying?.width ?? 0).toBeGreaterThan(2 * (upright?.width ?? 1));
    expect(boxOf(stage, 7)?.height).toBeCloseTo(upright?.height ?? 0, 9);
  });

  it("falls with gravity", () => {
    const path = from([0, 20], 0, 9.81 * 2).fly();
    expect(path.at(1)?.z).toBeCloseTo(9.81 * 1.5, 1);
    expect(path.endS).toBeCloseTo(2, 9);
    expect(path.at(path.endS)?.z).toBe(0);
  });
});

describe("sight", () => {
  it("hides who is behind a post and shows who is before it", () => {
    const anna = person("anna", from([0, 15]).stay(5));
    expect(boxOf(new Stage(CAMERA, [anna], [post(0, 10, 1)]), 1)).toBeUndefined();
    expect(boxOf(new Stage(CAMERA, [anna], [post(0, 20, 1)]), 1)).toBeDefined();
  });

  it("cuts the legs off behind a van", () => {
    const anna = person("anna", from([0, 16]).stay(5));
    const whole = boxOf(new Stage(CAMERA, [anna], []), 1);
    const cut = boxOf(new Stage(CAMERA, [anna], [van(0, 11)]), 1);
    expect(cut?.top).toBe(whole?.top);
    expect(cut?.height ?? 1).toBeLessThan(0.6 * (whole?.height ?? 0));
  });

  it("gives no detection for what the model has no name for", () => {
    const stone = thing("stone", from([0, 15]).stay(5), { lengthM: 1, widthM: 1, heightM: 1 });
    expect(boxOf(new Stage(CAMERA, [stone], []), 1)).toBeUndefined();
  });
});

describe("noise", () => {
  const box = { left: 0.4, top: 0.4, width: 0.05, height: 0.2 };
  const spoil = (seed: number): readonly (readonly TrackedDetection[])[] => {
    const noise = new Noise(seed);
    return Array.from({ length: 3000 }, () => noise.spoil([{ label: "person", score: 0.8, box }]));
  };

  it("is the same for the same seed and another for another", () => {
    expect(spoil(4)).toEqual(spoil(4));
    expect(spoil(4)).not.toEqual(spoil(5));
  });

  it("drops a tenth, shakes by some per cent of the height, and invents a few", () => {
    const frames = spoil(1);
    const near = frames.flatMap((frame) =>
      frame.filter((one) => Math.abs(one.box.top - 0.4) < 0.1 && one.box.height > 0.15),
    );
    expect(near.length / frames.length).toBeGreaterThan(0.88);
    expect(near.length / frames.length).toBeLessThan(0.92);
    const shift = near.map((one) => (one.box.top - box.top) / box.height);
    const std = Math.sqrt(shift.reduce((sum, value) => sum + value ** 2, 0) / shift.length);
    expect(std).toBeGreaterThan(0.02);
    expect(std).toBeLessThan(0.03);
    expect(near.filter((one) => one.score < 0.45).length / near.length).toBeGreaterThan(0.03);
    const all = frames.reduce((sum, frame) => sum + frame.length, 0);
    expect(all).toBeGreaterThan(near.length + 50);
    expect(all).toBeLessThan(near.length + 200);
  });
});

describe("picture", () => {
  const carton = { lengthM: 0.6, widthM: 0.6, heightM: 0.6 };

  it("tells what moves, then what has come, and no more when it has gone again", () => {
    const path = from([-3, 15], 1).to([0, 15]).stay(10).to([3, 15]);
    const stage = new Stage(CAMERA, [thing("carton", path, carton)], []);
    const teller = new PictureTeller({}, stage, 1000, undefined);
    const told = Array.from({ length: 200 }, (_, tick) => teller.tell(tick / 10, []));
    const at = (timeS: number): (typeof told)[number] => told[timeS * 10] as (typeof told)[number];
    expect(at(0.5)).toMatchObject({ moving: [], changes: [] });
    expect(at(2)).toMatchObject({ moving: [{}], changes: [] });
    expect(at(4)).toMatchObject({ moving: [], changes: [] });
    expect(at(8).changes).toHaveLength(1);
    expect(at(8).changes[0]?.since).toBeCloseTo(1000 + 3140, -3);
    expect(at(18)).toMatchObject({ moving: [], changes: [] });
  });

  it("tells the place of a thing that was there and has gone", () => {
    const path = from([0, 15]).stay(5);
    const stage = new Stage(CAMERA, [thing("carton", path, carton)], []);
    const teller = new PictureTeller({}, stage, 0, undefined);
    const told = Array.from({ length: 100 }, (_, tick) => teller.tell(tick / 10, []));
    expect(told[40]?.changes).toEqual([]);
    expect(told[90]?.changes).toMatchObject([{ since: 5100 }]);
  });
});

describe("play and judge", () => {
  const walk: Scenario = {
    name: "one walks through",
    durationS: 15,
    rule: (camera) => ({ kind: "zone-intrusion", zone: camera.area(-3, 3, 12, 18) }),
    actors: [person("anna", from([-10, 15]).to([10, 15]))],
    alarms: [],
  };
  const faults = (scenario: Scenario): readonly string[] =>
    judge(scenario, play(scenario, { fps: 5 }), { fps: 5 }).faults;

  it("finds an alarm that nobody expected, one that is missing, one too late, one too long", () => {
    expect(faults(walk)).toMatchObject([expect.stringContaining("unexpected alarm")]);
    expect(faults({ ...walk, alarms: [{ onsetS: 5, endS: 9.3 }] })).toEqual([]);
    expect(faults({ ...walk, actors: [], alarms: [{ onsetS: 5 }] })).toHaveLength(1);
    expect(faults({ ...walk, alarms: [{ onsetS: 4 }] })).toHaveLength(2);
    expect(faults({ ...walk, alarms: [{ onsetS: 5, endS: 7 }] })).toHaveLength(1);
    expect(faults({ ...walk, alarms: [{ onsetS: 5, endS: "open" }] })).toHaveLength(1);
  });

  it("finds an alarm that shows somebody else, and figures that are wrong", () => {
    const two = [...walk.actors, actor("rex", "dog", from([0, 16]).stay(15))];
    const expected = { onsetS: 5, object: "rex", measures: { count: 2 } };
    expect(faults({ ...walk, actors: two, alarms: [expected] })).toHaveLength(2);
  });
});

describe("view change", () => {
  it.each([MIRRORED, SHRUNK])("$name keeps a box around its points", (view) => {
    const box = { left: 0.2, top: 0.3, width: 0.1, height: 0.2 };
    const changed = changeBox(box, view);
    const [x, y] = changePoint([0.25, 0.4], view);
    expect(changed.left + changed.width / 2).toBeCloseTo(x, 9);
    expect(changed.top + changed.height / 2).toBeCloseTo(y, 9);
  });
});
