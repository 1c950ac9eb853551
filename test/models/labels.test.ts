import { describe, expect, it } from "vitest";
import { COCO_80, lintLabels } from "../../models/labels.ts";

describe("labels", () => {
  it("has the 80 classes of COCO, each once", () => {
    expect(new Set(COCO_80).size).toBe(80);
    expect([COCO_80[0], COCO_80[2], COCO_80[79]]).toEqual(["person", "car", "toothbrush"]);
  });

  it("lets classes of things pass", () => {
    expect(() => {
      lintLabels([...COCO_80, "garage", "package", "safety_vest"], "test");
    }).not.toThrow();
  });

  it.each([
    ["uyghur", "ethnicity"],
    ["person_angry", "emotion"],
    ["Female", "gender"],
    ["age 20-30", "age"],
    ["niqab", "religion"],
    ["suspicious-person", "suspiciousness"],
    ["white person", "skin colour"],
    ["pregnant", "health"],
  ])("refuses %s, which concerns %s", (label, trait) => {
    expect(() => {
      lintLabels(["person", label], "test");
    }).toThrow(
      expect.objectContaining({
        code: "MODEL_INVALID",
        message: expect.stringContaining(trait) as string,
      }),
    );
  });
});
