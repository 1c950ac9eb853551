import { describe, expect, it } from "vitest";
import { describeRuleKinds } from "../../../../brain/nodes/rule-kinds.ts";
import { ruleSchema } from "../../../../config/index.ts";
import { camerasEn } from "../../../../console/i18n/cameras-en.ts";
import { camerasZh } from "../../../../console/i18n/cameras-zh.ts";
import {
  asKind,
  faultsOf,
  formOf,
  fromShown,
  newRule,
  toShown,
  withValue,
  type RuleForm,
} from "../../../../console/model/cameras/index.ts";
import type { PlannedRule } from "../../../../protocol/index.ts";

const KINDS = describeRuleKinds();
const FORMS = new Map(KINDS.kinds.map((view) => [view.kind, formOf(view, KINDS.classes)]));
const form = (kind: string): RuleForm => FORMS.get(kind) as RuleForm;

/** With a shape for everything that has to be drawn and a figure for all that is wanted. */
function wholeRule(kind: string): PlannedRule {
  const { drawn, fields, anyOf } = form(kind);
  const corners = [
    [0.1, 0.1],
    [0.9, 0.1],
    [0.5, 0.9],
  ];
  let rule = newRule(form(kind), "SEC.INTRUDE", []);
  for (const { name, shape } of drawn) {
    rule = withValue(rule, name, shape === "zone" ? corners : corners.slice(0, 2));
  }
  const wanted = fields.filter(({ isRequired }) => isRequired).map(({ name }) => name);
  for (const name of [...wanted, ...anyOf.map(([first]) => first ?? "")]) {
    rule = withValue(rule, name, 5);
  }
  return rule;
}

describe("the form of every kind", () => {
  it("makes rules that the configuration's schema takes", () => {
    expect(FORMS.size).toBe(16);
    for (const kind of FORMS.keys()) {
      const rule = wholeRule(kind);
      expect(faultsOf(rule, form(kind), []), kind).toEqual({});
      expect(ruleSchema.safeParse(rule).success, kind).toBe(true);
    }
  });

  it("has words in both languages for kind, parameters, units and options", () => {
    const missing: string[] = [];
    for (const [language, words] of [
      ["zh", camerasZh],
      ["en", camerasEn],
    ] as const) {
      const want = (part: keyof typeof words, name: string): void => {
        if (!(name in (words[part] as object))) {
          missing.push(`${language} ${part}.${name}`);
        }
      };
      for (const { kind, fields, drawn } of FORMS.values()) {
        want("kind", kind);
        want("kindHelp", kind);
        drawn.forEach(({ name }) => want("drawn", name));
        for (const field of fields) {
          want("param", field.name);
          want("help", field.name);
          if (field.kind === "number" && field.unit !== null) {
            want("unit", field.unit);
          }
          if (field.kind === "choice" || (field.kind === "several" && field.name === "checks")) {
            field.options.forEach((option) => want("option", option));
          }
        }
      }
    }
    expect(missing).toEqual([]);
  });
});

describe("a rule's faults", () => {
  it("name the field, and the bound as it is shown", () => {
    const rule = {
      ...withValue(wholeRule("loitering"), "zone", [[0.1, 0.1]]),
      ...{ minScore: 1.2, dwellS: 0, id: "taken" },
      schedule: [{ days: [], from: "22:00", to: "06:00" }],
    } as unknown as PlannedRule;
    expect(faultsOf(rule, form("loitering"), ["taken"])).toEqual({
      zone: { kind: "corners" },
      minScore: { kind: "max", bound: 100 },
      dwellS: { kind: "min", bound: 1, isOutside: false },
      id: { kind: "taken" },
      schedule: { kind: "span" },
    });
  });

  it("ask for one of several, and for whole numbers", () => {
    const crowd = withValue(wholeRule("crowd"), "count", undefined);
    expect(faultsOf(crowd, form("crowd"), [])).toMatchObject({ count: { kind: "any-of" } });
    const half = withValue(wholeRule("occupancy"), "limit", 1.5);
    expect(faultsOf(half, form("occupancy"), [])).toEqual({ limit: { kind: "whole" } });
  });
});

describe("values", () => {
  it("come back from per cent as they were", () => {
    for (const fraction of [0.005, 0.4, 0.08, 1 / 3]) {
      const shown = toShown({ unit: "share" }, fraction);
      expect(fromShown({ unit: "share" }, shown)).toBeCloseTo(fraction, 6);
    }
    expect(toShown({ unit: "picture" }, 0.005)).toBe(0.5);
    expect(toShown({ unit: "s" }, 0.5)).toBe(0.5);
  });

  it("keep what is drawn when another kind is chosen, and take that kind's presets", () => {
    const zone = wholeRule("zone-intrusion");
    const next = asKind(zone, form("parking"), "UM.PARK", ["parking-1"]);
    expect(next).toMatchObject({
      id: "parking-2",
      kind: "parking",
      dwellS: 120,
      zone: zone["zone"],
    });
    expect(next["classes"]).not.toContain("person");
    expect(asKind(zone, form("line-crossing"), "SEC.CROSS", [])["zone"]).toBeUndefined();
  });
});
