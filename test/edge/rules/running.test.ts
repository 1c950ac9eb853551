import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runningRuleSchema } from "../../../config/index.ts";
import type { Ground } from "../../../edge/ground/index.ts";
import { createRule, type Scene } from "../../../edge/rules/index.ts";
import { scenes } from "./scene.ts";
import { bodyAt, judgeScenes, kinds, type Step } from "./steps.ts";

const CONFIG = runningRuleSchema.parse({
  kind: "running",
  id: "run",
  eventType: "SEC.INTRUDE",
  speedHeightsPerS: 1.7,
  speedMps: 3,
  holdS: 1,
  clearS: 2,
  cooldownS: 5,
});
const HEIGHT = 0.1;
/** Of the picture's width, for one height of the person. */
const STEP = (HEIGHT * 9) / 16;

/** Walks at 0.8 heights a second, and at `speed` between 3 and 6 s. */
function way(timeS: number, speed = 2.4): number {
  const fastS = Math.min(3, Math.max(0, timeS - 3));
  return 0.1 + STEP * (0.8 * (timeS - fastS) + speed * fastS);
}
const runner = (timeS: number, trackId = 1): ReturnType<typeof bodyAt> =>
  bodyAt(way(timeS), 0.6, { height: HEIGHT, trackId });

describe("running", () => {
  it.each([2.5, 5, 10, 25])("alarms once, from its first frame, at %d frames a second", (fps) => {
    const steps = judgeScenes(
      createRule(CONFIG),
      scenes(fps, 12, (timeS) => [runner(timeS)]),
    );
    expect(kinds(steps)).toEqual(["begin", "end"]);
    const [begin, end] = steps as [Step, Step];
    const { onset, measures } = begin.signal as Extract<Step["signal"], { kind: "begin" }>;
    expect(Math.abs(onset - 3000)).toBeLessThanOrEqual(1000 / fps);
    expect(measures?.speedHeightsPerS).toBeGreaterThan(1.7);
    expect(begin.at).toBeLessThanOrEqual(4000 + 1000 / fps);
    const { endedAt } = end.signal as Extract<Step["signal"], { kind: "end" }>;
    expect(Math.abs(endedAt - 6000)).toBeLessThanOrEqual(800 + 1000 / fps);
  });

  it("is silent below the limit and for a dash shorter than the hold time", () => {
    const brisk = scenes(5, 12, (timeS) => [bodyAt(way(timeS, 1.5), 0.6, { height: HEIGHT })]);
    expect(judgeScenes(createRule(CONFIG), brisk)).toEqual([]);
    const dash = scenes(10, 8, (timeS) => {
      const fastS = Math.min(0.4, Math.max(0, timeS - 3));
      return [bodyAt(0.1 + STEP * (0.8 * (timeS - fastS) + 2.4 * fastS), 0.6, { height: HEIGHT })];
    });
    expect(judgeScenes(createRule(CONFIG), dash)).toEqual([]);
  });

  it.each([2.5, 5, 10])("takes no jump for speed, at %d frames a second", (fps) => {
    for (const heights of [0.6, 1, 1.5, 3]) {
      const frames = scenes(fps, 8, (timeS) => [
        bodyAt(0.2 + STEP * (0.8 * timeS + (timeS >= 4 ? heights : 0)), 0.6, { height: HEIGHT }),
      ]);
      expect(judgeScenes(createRule(CONFIG), frames)).toEqual([]);
    }
  });

  it("takes no lower half that vanishes for a way in depth", () => {
    const frames = scenes(10, 8, (timeS) => [
      timeS < 4
        ? bodyAt(0.3 + STEP * 0.8 * timeS, 0.6, { height: HEIGHT })
        : bodyAt(0.3 + STEP * 0.8 * timeS, 0.555, { height: HEIGHT * 0.55, shape: 0.8 }),
    ]);
    expect(judgeScenes(createRule(CONFIG), frames)).toEqual([]);
  });

  it("goes on over a broken track of the runner", () => {
    const frames = scenes(5, 10, (timeS) =>
      timeS > 3.9 && timeS < 4.5 ? [] : [runner(timeS, timeS < 4 ? 1 : 2)],
    );
    const steps = judgeScenes(createRule(CONFIG), frames);
    expect(kinds(steps)).toEqual(["begin", "end"]);
    expect((steps[0] as Step).signal).toMatchObject({ kind: "begin", measures: { count: 1 } });
  });

  it("leaves who rides a bicycle and what is no person", () => {
    const riding = scenes(5, 10, (timeS) => [
      runner(timeS),
      bodyAt(way(timeS), 0.61, { height: 0.07, shape: 1.5, trackId: 2, label: "bicycle" }),
    ]);
    expect(judgeScenes(createRule(CONFIG), riding)).toEqual([]);
    const dog = scenes(5, 10, (timeS) => [{ ...runner(timeS), label: "dog" }]);
    expect(judgeScenes(createRule(CONFIG), dog)).toEqual([]);
  });

  it("counts metres a second on a calibrated ground", () => {
    const ground: Ground = {
      toMetres: ([x, y]) => [x * 100, y * 100],
      accuracyM: () => 0.1,
      toPicture: ([x, y]) => [x / 100, y / 100],
    };
    const at = (mps: number): Scene[] =>
      scenes(5, 8, (timeS) => [bodyAt(0.1 + (mps * timeS) / 100, 0.6, { height: 0.02 })]);
    expect(judgeScenes(createRule(CONFIG, { ground }), at(2.8))).toEqual([]);
    const steps = judgeScenes(createRule(CONFIG, { ground }), at(3.2));
    expect(kinds(steps)).toEqual(["begin"]);
    const { measures } = (steps[0] as Step).signal as Extract<Step["signal"], { kind: "begin" }>;
    expect(measures?.speedMps).toBeCloseTo(3.2, 3);
  });

  it("is silent for the cool-down after an alarm", () => {
    const frames = scenes(5, 30, (timeS) => [runner(timeS % 10, 1 + Math.floor(timeS / 10))]);
    const long = createRule({ ...CONFIG, cooldownS: 9.5 });
    expect(kinds(judgeScenes(long, frames))).toEqual(["begin", "end", "begin", "end"]);
  });

  it("gives mirrored, shifted and scaled alarms for mirrored, shifted and scaled ways", () => {
    const speeds = fc.array(fc.double({ min: -3, max: 3, noNaN: true }), {
      minLength: 8,
      maxLength: 12,
    });
    const scale = fc.double({ min: 0.4, max: 0.9, noNaN: true });
    fc.assert(
      fc.property(speeds, scale, fc.boolean(), (ways, factor, isMirrored) => {
        let x = 0.5;
        const frames = scenes(5, ways.length, (timeS) => {
          x = Math.min(0.85, Math.max(0.15, x + (STEP * (ways[Math.floor(timeS)] ?? 0)) / 5));
          return [bodyAt(x, 0.6, { height: HEIGHT })];
        });
        const changed = frames.map((scene) => ({
          ...scene,
          objects: scene.objects.map((object) => {
            const { left, top, width, height } = object.box;
            const from = isMirrored ? 1 - left - width : left;
            const box = {
              left: 0.05 + factor * from,
              top: 0.08 + factor * top,
              width: factor * width,
              height: factor * height,
            };
            return { ...object, box };
          }),
        }));
        const say = (some: readonly Scene[]): unknown[] =>
          judgeScenes(createRule(CONFIG), some).map(({ at, signal }) => [at, signal.kind]);
        expect(say(changed)).toEqual(say(frames));
      }),
      { seed: 7, numRuns: 60 },
    );
  });
});
