import { describe, expect, it } from "vitest";
import { tamperRuleSchema } from "../../../config/index.ts";
import type { PictureState } from "../../../edge/gate/index.ts";
import { createRule } from "../../../edge/rules/index.ts";
import { kinds, pictures, watchPictures, type Step } from "./steps.ts";

const CONFIG = tamperRuleSchema.parse({
  kind: "camera-tamper",
  id: "tamper",
  eventType: "DEV.TAMPER",
  checks: ["covered", "moved", "blurred", "dark", "frozen", "lost"],
  holdS: 5,
  clearS: 3,
  cooldownS: 5,
});
type Quality = Partial<PictureState["quality"]>;

const COVERED: Quality = { structure: 0.1, alignment: 0.02, brightness: 60 };
const MOVED: Quality = { structure: 0.8, alignment: 0.12 };
const BLURRED: Quality = { structure: 0.5, sharpness: 0.3, alignment: 0.4 };
const DARK: Quality = { brightness: 18, alignment: 0.5 };

function spoilt(fps: number, quality: Quality, fromS = 10, untilS = 25): PictureState[] {
  return pictures(fps, 40, (timeS) => (timeS >= fromS && timeS < untilS ? { quality } : {}));
}
const judged = (frames: readonly PictureState[], config = CONFIG): Step[] =>
  watchPictures(createRule(config), frames);

describe("camera tamper", () => {
  it.each([
    ["covered", COVERED],
    ["moved", MOVED],
    ["blurred", BLURRED],
    ["dark", DARK],
  ])("says once that the picture is %s", (check, quality) => {
    for (const fps of [2.5, 5, 10]) {
      const steps = judged(spoilt(fps, quality));
      expect(kinds(steps)).toEqual(["begin", "end"]);
      const [begin, end] = steps as [Step, Step];
      expect(begin.signal).toMatchObject({ onset: 10_000, measures: { [check]: 1 } });
      expect(begin.at).toBeGreaterThanOrEqual(15_000);
      expect(begin.at).toBeLessThanOrEqual(15_000 + 1000 / fps);
      const { endedAt } = end.signal as Extract<Step["signal"], { kind: "end" }>;
      expect(25_000 - endedAt).toBeLessThanOrEqual(1000 / fps);
    }
  });

  it.each([
    ["covered", COVERED],
    ["moved", MOVED],
    ["blurred", BLURRED],
    ["dark", DARK],
  ] as const)("says nothing of %s when it is not asked for", (check, quality) => {
    const others = CONFIG.checks.filter((one) => one !== check);
    expect(judged(spoilt(10, quality), { ...CONFIG, checks: others })).toEqual([]);
  });

  it("says since when the picture has stood still, as soon as it is told", () => {
    const frames = pictures(10, 90, (timeS) => ({
      quality: { frozenSince: timeS >= 70 ? 8000 : undefined },
    }));
    const [begin] = judged(frames);
    expect(begin).toMatchObject({ at: 70_000, signal: { onset: 8000, measures: { frozen: 1 } } });
  });

  it("says that no frame comes, and ends when they come again", () => {
    const rule = createRule(CONFIG);
    watchPictures(
      rule,
      pictures(10, 10, () => ({})),
    );
    const missed = [11, 12, 13, 14, 15, 16, 17].flatMap((timeS) =>
      (rule.miss?.(timeS * 1000, 9900) ?? []).map((signal) => ({ at: timeS, signal })),
    );
    expect(missed).toMatchObject([
      { at: 15, signal: { kind: "begin", onset: 9900, measures: { lost: 1 } } },
    ]);
    const after = pictures(10, 10, () => ({})).map((one) => ({ ...one, at: one.at + 18_000 }));
    expect(watchPictures(rule, after)).toMatchObject([
      { at: 20_000, signal: { kind: "end", endedAt: 17_000 } },
    ]);
  });

  it("keeps an alarm open while no frame comes to tell otherwise", () => {
    const rule = createRule({ ...CONFIG, checks: ["covered"] });
    const begun = watchPictures(rule, spoilt(10, COVERED).slice(0, 200));
    expect(kinds(begun)).toEqual(["begin"]);
    expect([30, 60, 600].flatMap((timeS) => rule.miss?.(timeS * 1000, 19_900) ?? [])).toEqual([]);
    expect(rule.end?.(700_000)).toEqual([{ kind: "end", key: 1, endedAt: 19_900 }]);
  });

  it("does not call dusk and fog covered, nor traffic in front of the camera", () => {
    const dusk = pictures(5, 120, (timeS) => ({ quality: { structure: 1 - timeS / 120 } }));
    expect(judged(dusk)).toEqual([]);
    const lorry = pictures(10, 40, (timeS) =>
      timeS < 10
        ? {}
        : {
            quality: { structure: 0.2, alignment: 0.12 },
            objects: [{ left: 0.1, top: 0, width: 0.6, height: 1 }],
          },
    );
    expect(judged(lorry)).toEqual([]);
    const filled = spoilt(10, { structure: 0.5, alignment: 0.4 });
    expect(judged(filled)).toEqual([]);
  });

  it("bridges a frame that seems good, and starts anew after some good seconds", () => {
    const flicker = spoilt(10, COVERED).map((one, i) =>
      i === 120 ? { ...one, quality: { ...one.quality, structure: 1 } } : one,
    );
    expect(kinds(judged(flicker))).toEqual(["begin", "end"]);
    const hands = pictures(10, 60, (timeS) => (timeS % 8 < 4 ? { quality: COVERED } : {}));
    expect(judged(hands)).toEqual([]);
  });

  it("names a second cause in the alarm under way", () => {
    const frames = pictures(10, 40, (timeS) =>
      timeS < 10 ? {} : { quality: timeS < 20 ? COVERED : MOVED },
    );
    const steps = judged(frames);
    expect(kinds(steps)).toEqual(["begin", "update"]);
    expect(steps[1]?.signal).toMatchObject({ measures: { covered: 1, moved: 1 } });
  });
});
