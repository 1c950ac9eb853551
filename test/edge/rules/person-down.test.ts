import { describe, expect, it } from "vitest";
import { personDownRuleSchema } from "../../../config/index.ts";
import { createRule } from "../../../edge/rules/index.ts";
import { scenes } from "./scene.ts";
import { bodyAt, judgeScenes, kinds } from "./steps.ts";

const CONFIG = personDownRuleSchema.parse({
  kind: "person-down",
  id: "down",
  eventType: "MED.DOWN",
  downS: 3,
  clearS: 4,
  cooldownS: 5,
});

const upright = (x: number, trackId = 1): ReturnType<typeof bodyAt> => bodyAt(x, 0.6, { trackId });
/** Across the view: a third of the height, and long. */
const lying = (x: number, trackId = 1): ReturnType<typeof bodyAt> =>
  bodyAt(x, 0.6, { trackId, height: 0.07, shape: 2.6 });

describe("person down", () => {
  it.each([2.5, 5, 10])("alarms once for a fall at %d frames a second", (fps) => {
    const frames = scenes(fps, 30, (timeS) => [
      timeS >= 6 && timeS < 18 ? lying(0.5) : upright(0.5),
    ]);
    const steps = judgeScenes(createRule(CONFIG), frames);
    expect(kinds(steps)).toEqual(["begin", "end"]);
    expect(steps[0]?.signal).toMatchObject({ onset: 6000, measures: { count: 1 } });
    expect(steps[0]?.at).toBeGreaterThanOrEqual(9000);
    expect(steps[0]?.at).toBeLessThanOrEqual(9000 + 1000 / fps);
    const { endedAt } = steps[1]?.signal as { readonly endedAt: number };
    expect(18_000 - endedAt).toBeLessThanOrEqual(1000 / fps);
  });

  it("goes on over a broken track, at the fall and while lying", () => {
    const frames = scenes(5, 14, (timeS) => {
      if (timeS < 4) {
        return [upright(0.5, 1)];
      }
      if (timeS < 5) {
        return [];
      }
      return timeS < 6.2 ? [lying(0.51, 2)] : timeS < 7.4 ? [] : [lying(0.5, 3)];
    });
    const steps = judgeScenes(createRule(CONFIG), frames);
    expect(kinds(steps)).toEqual(["begin"]);
    expect(steps[0]).toMatchObject({ at: 8000, signal: { onset: 5000 } });
  });

  it("tells who was never seen upright by a clearly lying shape alone", () => {
    const lain = scenes(5, 6, () => [lying(0.5)]);
    expect(kinds(judgeScenes(createRule(CONFIG), lain))).toEqual(["begin"]);
    const sat = scenes(5, 6, () => [bodyAt(0.5, 0.6, { height: 0.1, shape: 1.2 })]);
    expect(judgeScenes(createRule(CONFIG), sat)).toEqual([]);
  });

  it.each([
    ["bends to a shoe", { height: 0.12, shape: 0.75 }],
    ["sits on a bench", { height: 0.14, shape: 0.6 }],
    ["bends sideways", { height: 0.12, shape: 1.05 }],
  ])("is silent for someone who %s", (_, shape) => {
    const frames = scenes(5, 20, (timeS) => [
      timeS < 4 || timeS > 15 ? upright(0.5) : bodyAt(0.5, 0.6, shape),
    ]);
    expect(judgeScenes(createRule(CONFIG), frames)).toEqual([]);
  });

  it("is silent when the lower half vanishes behind something and the head stays up", () => {
    const frames = scenes(5, 20, (timeS) => [
      timeS < 4 ? upright(0.5) : bodyAt(0.5, 0.48, { height: 0.08, shape: 1.1 }),
    ]);
    expect(judgeScenes(createRule(CONFIG), frames)).toEqual([]);
  });

  it("is silent for a low shape behind a parked car", () => {
    const parked = bodyAt(0.5, 0.65, { height: 0.13, shape: 2.5, trackId: 9, label: "car" });
    const frames = scenes(5, 20, () => [lying(0.5), parked]);
    expect(judgeScenes(createRule(CONFIG), frames)).toEqual([]);
  });

  it("is silent for someone who creeps on", () => {
    const frames = scenes(5, 12, (timeS) => [
      timeS < 3 ? upright(0.2) : lying(0.2 + 0.05 * (timeS - 3)),
    ]);
    expect(judgeScenes(createRule(CONFIG), frames)).toEqual([]);
  });

  it("tells of a second fall in the alarm under way", () => {
    const frames = scenes(5, 25, (timeS) => [
      timeS < 4 ? upright(0.3, 1) : lying(0.3, 1),
      timeS < 9 ? upright(0.7, 2) : lying(0.7, 2),
    ]);
    const steps = judgeScenes(createRule(CONFIG), frames);
    expect(kinds(steps)).toEqual(["begin", "update"]);
    expect(steps[1]).toMatchObject({
      at: 12_000,
      signal: { key: 1, object: { trackId: 2 }, measures: { count: 2 } },
    });
  });

  it("looks only into its zone, and ends what is open when it is told to", () => {
    const zone: [number, number][] = [
      [0.6, 0],
      [1, 0],
      [1, 1],
      [0.6, 1],
    ];
    const frames = scenes(5, 10, (timeS) => [timeS < 3 ? upright(0.5) : lying(0.5)]);
    expect(judgeScenes(createRule({ ...CONFIG, zone }), frames)).toEqual([]);
    const rule = createRule(CONFIG);
    judgeScenes(rule, frames);
    expect(rule.end?.(10_000)).toEqual([{ kind: "end", key: 1, endedAt: 9800 }]);
    expect(rule.end?.(10_000)).toEqual([]);
  });
});
