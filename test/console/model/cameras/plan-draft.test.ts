import { describe, expect, it } from "vitest";
import {
  beginDraft,
  changesOf,
  isChanged,
  isSamePlan,
  layOver,
  placeOf,
  withoutRule,
  withRule,
  withRuleBack,
} from "../../../../console/model/cameras/index.ts";
import type { PlannedRule } from "../../../../protocol/index.ts";

const rule = (id: string, facts: object = {}): PlannedRule =>
  ({
    id,
    kind: "zone-intrusion",
    eventType: "SEC.INTRUDE",
    dwellS: 1,
    ...facts,
  }) as unknown as PlannedRule;

const BASE = { version: 3, rules: [rule("a"), rule("b"), rule("c")] };

describe("a draft", () => {
  it("tells what it adds, changes and removes, and nothing of what it left alone", () => {
    let draft = beginDraft(BASE);
    expect(isChanged(draft)).toBe(false);
    draft = withRule(draft, "a", rule("a", { dwellS: 2 }));
    draft = withRule(draft, null, rule("d"));
    draft = withoutRule(draft, "c");
    expect(changesOf(draft).map(({ id, kind }) => `${id} ${kind}`)).toEqual([
      ...["a changed", "b same", "d added", "c removed"],
    ]);
    const back = ["a", "c", "d"].reduce(withRuleBack, draft);
    expect(isChanged(back)).toBe(false);
  });

  it("does not take another order of fields for a change", () => {
    const { id, ...rest } = rule("a");
    expect(isChanged(withRule(beginDraft(BASE), "a", { ...rest, id }))).toBe(false);
  });

  it("gives a new rule another name without losing its place", () => {
    const draft = withRule(withRule(beginDraft(BASE), null, rule("d")), "d", rule("gate"));
    expect(draft.rules.map(({ id }) => id)).toEqual(["a", "b", "c", "gate"]);
  });
});

describe("a draft on top of somebody's newer plan", () => {
  const mine = withoutRule(withRule(beginDraft(BASE), "a", rule("a", { dwellS: 9 })), "c");

  it("keeps its own changes and takes theirs for all else", () => {
    const theirs = { version: 4, rules: [rule("a"), rule("b", { dwellS: 5 }), rule("n")] };
    const { draft, both } = layOver(mine, theirs);
    expect(draft.base).toBe(theirs);
    expect(draft.rules.map(({ id, dwellS }) => [id, dwellS])).toEqual([
      ["a", 9],
      ["b", 5],
      ["n", 1],
    ]);
    expect(both).toEqual([]);
  });

  it("names the rules that both changed, and lets its own stand", () => {
    const theirs = {
      version: 4,
      rules: [rule("a", { dwellS: 4 }), rule("b"), rule("c", { dwellS: 4 })],
    };
    const { draft, both } = layOver(mine, theirs);
    expect(both).toEqual(["a", "c"]);
    expect(draft.rules.map(({ id, dwellS }) => [id, dwellS])).toEqual([
      ["a", 9],
      ["b", 1],
    ]);
  });

  it("is not bothered by a newer plan of the same rules", () => {
    expect(isSamePlan(BASE, { version: 9, rules: [...BASE.rules] })).toBe(true);
    expect(isSamePlan(BASE, { version: 9, rules: [] })).toBe(false);
  });
});

describe("the place of a refusal", () => {
  it("is found by index, by id, or not at all", () => {
    const { rules } = BASE;
    expect(placeOf("rules[2].zone.1.0", rules)).toEqual({ ruleId: "c", field: "zone" });
    expect(placeOf("rules.b.dwellS", rules)).toEqual({ ruleId: "b", field: "dwellS" });
    expect(placeOf("rules[1]", rules)).toEqual({ ruleId: "b", field: null });
    expect(placeOf("rules[7].zone", rules)).toBeNull();
    expect(placeOf("paused[0]", rules)).toBeNull();
    expect(placeOf(undefined, rules)).toBeNull();
  });
});
