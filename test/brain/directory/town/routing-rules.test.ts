import { describe, expect, it } from "vitest";
import { createRouting } from "../../../../brain/directory/town/routing-rules.ts";
import type { RoutingRule } from "../../../../protocol/index.ts";

const GRID = "110101001001001";
const rule = (eventType: string, area: string): RoutingRule =>
  ({ eventType, area, lead: "GA", unit: "", co: null }) as RoutingRule;
/** The rule that counts, as "type area". */
const chosen = (
  rules: readonly RoutingRule[],
  eventType: string,
  gridCode: string | undefined,
): string | undefined => {
  const found = createRouting(rules)(eventType, gridCode);
  return found === undefined ? undefined : `${found.eventType} ${found.area}`;
};

describe("the rule of routing that counts", () => {
  const all = [
    rule("*", GRID),
    rule("FIR.*", "110101"),
    rule("FIR.*", "110101001"),
    rule("FIR.SMOKE", ""),
    rule("FIR.SMOKE", "110101"),
  ];

  it("is one of the type itself, however small the area of others", () => {
    expect(chosen(all, "FIR.SMOKE", GRID)).toBe("FIR.SMOKE 110101");
    expect(chosen(all, "FIR.SMOKE", "310101001001001")).toBe("FIR.SMOKE ");
  });

  it("is one of the family before one of all types, with the longest area", () => {
    expect(chosen(all, "FIR.LANE", GRID)).toBe("FIR.* 110101001");
    expect(chosen(all, "FIR.LANE", "110101002001001")).toBe("FIR.* 110101");
    expect(chosen(all, "SEC.FIGHT", GRID)).toBe(`* ${GRID}`);
  });

  it("is one for everywhere where the grid is not known", () => {
    expect(chosen(all, "FIR.SMOKE", undefined)).toBe("FIR.SMOKE ");
    expect(chosen(all, "FIR.LANE", undefined)).toBeUndefined();
  });

  it("is none where no area holds the grid, and without rules", () => {
    expect(chosen(all, "SEC.FIGHT", "110101001001002")).toBeUndefined();
    expect(chosen([], "FIR.SMOKE", GRID)).toBeUndefined();
  });

  it("is found by an area of any length, not by its middle digits", () => {
    expect(chosen([rule("*", "11")], "FIR.SMOKE", GRID)).toBe("* 11");
    expect(chosen([rule("*", "0101")], "FIR.SMOKE", GRID)).toBeUndefined();
  });
});
