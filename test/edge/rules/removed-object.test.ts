import { describe, expect, it } from "vitest";
import { removedRuleSchema } from "../../../config/index.ts";
import type { PictureState } from "../../../edge/gate/index.ts";
import { createRule } from "../../../edge/rules/index.ts";
import type { BoxNorm } from "../../../protocol/index.ts";
import { kinds, pictures, watchPictures, type Step } from "./steps.ts";

const CONFIG = removedRuleSchema.parse({
  kind: "removed-object",
  id: "gone",
  eventType: "SEC.REMOVE",
  zone: [
    [0.4, 0.4],
    [0.5, 0.4],
    [0.5, 0.6],
    [0.4, 0.6],
  ],
  share: 0.4,
  goneS: 10,
  clearS: 4,
  cooldownS: 5,
});
const PLACE: BoxNorm = { left: 0.39, top: 0.39, width: 0.12, height: 0.22 };
const PERSON: BoxNorm = { left: 0.44, top: 0.3, width: 0.05, height: 0.35 };

interface Story {
  readonly goneFromS: number;
  readonly goneUntilS?: number;
  readonly box?: BoxNorm;
  readonly front?: (timeS: number) => boolean;
  readonly by?: "objects" | "moving";
}

function tell(
  fps: number,
  { goneFromS, goneUntilS = Infinity, box = PLACE, front = () => false, by = "objects" }: Story,
): PictureState[] {
  return pictures(fps, 40, (timeS) => {
    // A second until a change is called one, as the gate does.
    const isGone = timeS >= goneFromS + 1 && timeS < goneUntilS;
    return {
      changes: isGone ? [{ box, since: goneFromS * 1000 }] : [],
      ...(front(timeS) ? { [by]: [PERSON] } : {}),
    };
  });
}
const judged = (frames: readonly PictureState[]): Step[] =>
  watchPictures(createRule(CONFIG), frames);

describe("removed object", () => {
  it.each([2.5, 5, 10])("alarms once from when it went, at %d frames a second", (fps) => {
    const steps = judged(tell(fps, { goneFromS: 5, goneUntilS: 25 }));
    expect(kinds(steps)).toEqual(["begin", "end"]);
    expect(steps[0]?.signal).toMatchObject({ onset: 5000, object: { box: { left: 0.4 } } });
    expect(steps[0]?.at).toBeGreaterThanOrEqual(15_000);
    expect(steps[0]?.at).toBeLessThanOrEqual(15_000 + 1000 / fps);
  });

  it.each(["objects", "moving"] as const)("stops the clock for %s in front", (by) => {
    const front = (timeS: number): boolean => timeS >= 10 && timeS < 18;
    const [begin] = judged(tell(10, { goneFromS: 5, front, by }));
    expect(begin?.at).toBeGreaterThanOrEqual(23_000);
    expect(begin?.at).toBeLessThanOrEqual(23_300);
    expect(begin?.signal).toMatchObject({ kind: "begin", onset: 5000 });
  });

  it("is silent while somebody stands in front for good", () => {
    expect(judged(tell(10, { goneFromS: 5, front: (timeS) => timeS > 4 }))).toEqual([]);
  });

  it("does not add up short changes", () => {
    const frames = pictures(10, 60, (timeS) => ({
      changes: timeS % 10 < 6 ? [{ box: PLACE, since: Math.floor(timeS / 10) * 10_000 }] : [],
    }));
    expect(judged(frames)).toEqual([]);
  });

  it("keeps the alarm while people walk past the empty place", () => {
    const front = (timeS: number): boolean => timeS > 16 && timeS % 6 < 5;
    expect(kinds(judged(tell(10, { goneFromS: 5, front })))).toEqual(["begin"]);
  });

  it.each<[string, BoxNorm]>([
    ["light on half of the picture", { left: 0, top: 0, width: 0.9, height: 0.9 }],
    ["a lorry in front", { left: 0.2, top: 0.3, width: 0.6, height: 0.4 }],
    ["something small in front", { left: 0.45, top: 0.55, width: 0.05, height: 0.1 }],
    ["something beside it", { left: 0.5, top: 0.4, width: 0.1, height: 0.2 }],
  ])("is silent for %s", (_, box) => {
    expect(judged(tell(10, { goneFromS: 5, box }))).toEqual([]);
  });
});
