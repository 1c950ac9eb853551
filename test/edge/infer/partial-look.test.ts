import { describe, expect, it } from "vitest";
import { joinRegions } from "../../../edge/infer/partial-look.ts";
import type { BoxNorm } from "../../../protocol/index.ts";

function box(left: number, top: number, width: number, height: number): BoxNorm {
  return { left, top, width, height };
}

function person(at: BoxNorm, score = 0.8): { label: string; score: number; box: BoxNorm } {
  return { label: "person", score, box: at };
}

describe("joinRegions", () => {
  const leftHalf = box(0, 0, 0.5, 1);

  it("keeps what lies whole inside a region", () => {
    const inside = person(box(0.1, 0.2, 0.1, 0.3));
    expect(joinRegions([{ region: leftHalf, detections: [inside] }])).toEqual({
      detections: [inside],
      clipped: [],
    });
  });

  it("sets aside what a border inside the picture cuts", () => {
    const cut = person(box(0.4, 0.2, 0.1, 0.3));
    expect(joinRegions([{ region: leftHalf, detections: [cut] }])).toEqual({
      detections: [],
      clipped: [cut],
    });
  });

  it("keeps what touches the picture's own border", () => {
    const atBorder = person(box(0, 0, 0.1, 1));
    expect(joinRegions([{ region: leftHalf, detections: [atBorder] }]).clipped).toEqual([]);
  });

  it("tells an object that two regions share once, with the better score", () => {
    const other = box(0.2, 0, 0.6, 1);
    const worse = person(box(0.3, 0.2, 0.1, 0.3), 0.6);
    const better = person(box(0.301, 0.2, 0.1, 0.3), 0.7);
    const joined = joinRegions([
      { region: leftHalf, detections: [worse] },
      { region: other, detections: [better] },
    ]);
    expect(joined.detections).toEqual([better]);
  });

  it("forgets a cut box of an object that another region shows whole", () => {
    const whole = person(box(0.4, 0.2, 0.2, 0.3));
    const part = person(box(0.4, 0.2, 0.1, 0.3));
    const joined = joinRegions([
      { region: leftHalf, detections: [part] },
      { region: box(0.3, 0, 0.5, 1), detections: [whole] },
    ]);
    expect(joined).toEqual({ detections: [whole], clipped: [] });
  });
});
