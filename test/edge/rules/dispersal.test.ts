import { describe, expect, it } from "vitest";
import { dispersalRuleSchema } from "../../../config/index.ts";
import { createRule, type Scene, type SceneObject } from "../../../edge/rules/index.ts";
import { scenes } from "./scene.ts";
import { bodyAt, judgeScenes, kinds, type Step } from "./steps.ts";

const CONFIG = dispersalRuleSchema.parse({
  kind: "dispersal",
  id: "scatter",
  eventType: "SEC.FIGHT",
  count: 4,
  withinS: 2,
  speedHeightsPerS: 1.1,
  clearS: 3,
  cooldownS: 5,
});
const HEIGHT = 0.1;
const STEP = (HEIGHT * 9) / 16;
const CENTRE = [0.5, 0.6] as const;
/** Places in a group and ways out of it, in heights. */
const PLACES = [-1.2, -0.5, 0.2, 0.8, 1.4] as const;

interface Way {
  /** Heights a second, and to which side. */
  readonly speed: (index: number) => number;
  readonly startsS: (index: number) => number;
  readonly spread?: number;
  /** Heights a second of the whole group, all the time. */
  readonly drift?: number;
}

function group(fps: number, { speed, startsS, spread = 1, drift = 0 }: Way): Scene[] {
  return scenes(fps, 10, (timeS): SceneObject[] =>
    PLACES.map((place, index) => {
      const runS = Math.max(0, timeS - startsS(index));
      const heights = place * spread + drift * timeS + speed(index) * runS;
      return bodyAt(CENTRE[0] + STEP * heights, CENTRE[1], { height: HEIGHT, trackId: index + 1 });
    }),
  );
}
const outwards = (index: number): number => ((PLACES[index] as number) < 0.1 ? -2 : 2);

describe("dispersal", () => {
  it.each([2.5, 5, 10])("alarms once, from its first frame, at %d frames a second", (fps) => {
    const steps = judgeScenes(
      createRule(CONFIG),
      group(fps, { speed: outwards, startsS: (i) => 4 + 0.2 * i }),
    );
    expect(kinds(steps)).toEqual(["begin", "update"]);
    expect((steps[1] as Step).signal).toMatchObject({ measures: { count: 5 } });
    const { onset, measures } = (steps[0] as Step).signal as Extract<
      Step["signal"],
      { kind: "begin" }
    >;
    expect(Math.abs(onset - 4000)).toBeLessThanOrEqual(1000 / fps);
    expect(measures?.count).toBeGreaterThanOrEqual(4);
  });

  it.each<[string, Way]>([
    ["they leave at a walk", { speed: (i) => outwards(i) * 0.4, startsS: () => 4 }],
    ["they leave one by one", { speed: outwards, startsS: (i) => 1.5 + 1.7 * i }],
    ["they were not together", { speed: outwards, startsS: () => 4, spread: 3 }],
    ["they all run the same way", { speed: () => 2, startsS: () => 4 }],
    ["they walk on together", { speed: () => 0, startsS: () => 4, drift: 0.8 }],
    ["they pass running", { speed: () => 0, startsS: () => 4, drift: 2 }],
    ["only three run", { speed: (i) => (i < 3 ? outwards(i) : 0), startsS: () => 4 }],
  ])("is silent when %s", (_, way) => {
    expect(judgeScenes(createRule(CONFIG), group(10, way))).toEqual([]);
  });

  it("needs the group to have stood in the zone", () => {
    const zone: [number, number][] = [
      [0, 0],
      [0.3, 0],
      [0.3, 1],
      [0, 1],
    ];
    const frames = group(10, { speed: outwards, startsS: () => 4 });
    expect(judgeScenes(createRule({ ...CONFIG, zone }), frames)).toEqual([]);
  });

  it("ends when nobody has run for the clear time", () => {
    const frames = group(10, { speed: outwards, startsS: () => 4 }).map((scene) =>
      scene.at < 6000 ? scene : { ...scene, objects: [] },
    );
    const steps = judgeScenes(createRule(CONFIG), frames);
    expect(kinds(steps)).toEqual(["begin", "end"]);
    expect(steps[1]).toMatchObject({ at: 8900, signal: { endedAt: 5900 } });
  });

  it("ends what is open when it is told to", () => {
    const rule = createRule(CONFIG);
    judgeScenes(rule, group(10, { speed: outwards, startsS: () => 4 }).slice(0, 60));
    expect(rule.end?.(6000)).toEqual([{ kind: "end", key: 1, endedAt: 5900 }]);
    expect(rule.end?.(6000)).toEqual([]);
  });
});
