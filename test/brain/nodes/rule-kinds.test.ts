import { describe, expect, it } from "vitest";
import { ruleSchema } from "../../../config/index.ts";
import { describeRuleKinds } from "../../../brain/nodes/rule-kinds.ts";
import { ruleKindsSchema } from "../../../protocol/index.ts";

/** What the end of a name says of its unit. */
const SUFFIXES = [
  [/HeightsPerS$/, "heights/s"],
  [/PerM2$/, "1/m2"],
  [/Mps$/, "m/s"],
  [/Heights$/, "heights"],
  [/Deg$/, "deg"],
  [/[a-z]S$/, "s"],
  [/[a-z]M$/, "m"],
  [/[sS]core$|[sS]hare$/, "share"],
] as const;

const { kinds } = ruleKindsSchema.parse(describeRuleKinds());
const kindOf = (name: string) => kinds.find(({ kind }) => kind === name);

describe("the description of rules", () => {
  it("has every kind, and a unit for every number that agrees with its name", () => {
    expect(kinds.map(({ kind }) => kind)).toEqual(
      ruleSchema.options.map(({ shape }) => shape.kind.value),
    );
    const numbers = kinds.flatMap(({ parameters }) =>
      Object.entries(parameters).filter(([, { type }]) => type === "number" || type === "integer"),
    );
    expect(numbers.length).toBeGreaterThan(60);
    for (const [name, { unit, minimum, exclusiveMinimum, maximum }] of numbers) {
      const bySuffix = SUFFIXES.find(([suffix]) => suffix.test(name))?.[1];
      expect(unit, name).toBe(bySuffix ?? unit ?? "a unit");
      expect(minimum ?? exclusiveMinimum, name).toBeTypeOf("number");
      expect(maximum, name).toBeTypeOf("number");
    }
  });

  it("says what has to be drawn, and what has to be given", () => {
    expect(kindOf("wrong-way")?.geometry).toEqual([
      { field: "zone", shape: "polygon", required: true },
      { field: "allowed", shape: "arrow", required: true },
    ]);
    expect(kindOf("camera-tamper")?.geometry).toEqual([]);
    expect(kindOf("running")?.geometry).toEqual([
      { field: "zone", shape: "polygon", required: false },
    ]);
    expect(kindOf("occupancy")?.required).toEqual(["limit"]);
    expect(kindOf("crowd")?.anyOf).toEqual([["count", "densityPerM2"]]);
  });

  it("makes a rule that the schema takes from the required fields alone", () => {
    const zone = [
      [0, 0],
      [1, 0],
      [1, 1],
    ];
    for (const { kind, geometry, required, anyOf } of kinds) {
      const drawn = geometry.map(({ field, shape }) => [
        field,
        shape === "polygon" ? zone : zone.slice(0, 2),
      ]);
      const given = [...required, ...anyOf.flatMap(([first]) => first ?? [])].map((name) => [
        name,
        10,
      ]);
      const rule = { kind, id: "r", eventType: "SEC.INTRUDE" };
      const parsed = ruleSchema.safeParse({
        ...rule,
        ...(Object.fromEntries([...drawn, ...given]) as object),
      });
      expect(parsed.error?.issues, kind).toBeUndefined();
    }
  });

  it("leaves out what only people tell", () => {
    const types = kindOf("loitering")?.eventTypes ?? [];
    expect(types).toContain("SEC.LOITER");
    expect(types.filter((code) => code.startsWith("CIV."))).toEqual([]);
  });
});
