import { describe, expect, it } from "vitest";
import { checkPlan, type PlanGrounds } from "../../../brain/nodes/check-plan.ts";
import { diffPlans } from "../../../brain/nodes/plan-diff.ts";
import { type AppError, cameraSceneSchema, ruleIdSchema } from "../../../protocol/index.ts";

const ZONE = [
  [0, 0],
  [1, 0],
  [1, 1],
];
const RULE = { kind: "loitering", id: "yard", eventType: "SEC.LOITER", zone: ZONE };
const grounds = (changes: Partial<PlanGrounds> = {}): PlanGrounds => ({
  scene: cameraSceneSchema.parse({
    ...{ camera: "cam", name: "Gate", width: 1, height: 1, calibrated: false },
    ...{ purpose: "public-safety", analysed: true, paused: [], rules: [], fileRules: [RULE] },
  }),
  mayTell: () => true,
  ...changes,
});
const plan = (changes: object = {}) => ({ analysed: true, paused: [], rules: [RULE], ...changes });

function placeOf(content: Parameters<typeof checkPlan>[0], on = grounds()): string {
  try {
    checkPlan(content, on);
    return "taken";
  } catch (error) {
    const { code, detail } = error as AppError;
    return `${code} ${String(detail.where)}`;
  }
}

describe("a plan", () => {
  it("has every default of its rules filled in", () => {
    expect(checkPlan(plan(), grounds()).rules?.[0]).toMatchObject({ dwellS: 60, gapS: 3 });
  });

  it("is refused for an event type that the camera is not registered for", () => {
    const on = grounds({ mayTell: (code) => code === "SEC.CROWD" });
    expect(placeOf(plan(), on)).toBe("PLAN_INVALID rules[0].eventType");
  });

  it("is refused where a rule that rests is neither in it nor in the node's file", () => {
    expect(placeOf(plan({ rules: null, paused: ["yard"] }))).toBe("taken");
    expect(placeOf(plan({ rules: null, paused: ["ghost"] }))).toBe("PLAN_INVALID paused[0]");
    // Before the node has told its file, nobody can know.
    expect(placeOf(plan({ rules: null, paused: ["ghost"] }), grounds({ scene: null }))).toBe(
      "taken",
    );
  });

  it("asks for a calibration where people are counted per square metre", () => {
    const crowd = { ...RULE, kind: "crowd", eventType: "SEC.CROWD", densityPerM2: 3 };
    expect(placeOf(plan({ rules: [crowd] }))).toBe("PLAN_INVALID rules[0].densityPerM2");
    expect(placeOf(plan({ rules: [{ ...crowd, densityPerM2: undefined }] }))).toBe(
      "PLAN_INVALID rules[0]",
    );
  });
});

describe("the difference of two plans", () => {
  const yard = ruleIdSchema.parse("yard");
  const before = { analysed: true, paused: [], rules: null };

  it("is none where only the order of keys is another one", () => {
    const rules = [{ ...RULE, id: yard }];
    const { id, ...rest } = { ...RULE, id: yard };
    expect(
      diffPlans({ ...before, rules }, { ...before, rules: [{ ...rest, id }] }, undefined),
    ).toBeUndefined();
  });

  it("names rules that came, went or changed, pauses and the switch", () => {
    const gate = ruleIdSchema.parse("gate");
    const file = [
      { ...RULE, id: yard },
      { ...RULE, id: gate },
    ];
    const rules = [{ ...RULE, id: yard, dwellS: 5 }];
    expect(diffPlans(before, { analysed: false, paused: [yard], rules }, file)).toEqual({
      did: ["rules", "paused", "stopped"],
      ruleIds: ["yard", "gate"],
    });
  });
});
