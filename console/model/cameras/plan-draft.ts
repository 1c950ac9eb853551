/** A draft of a camera's rules: what it changes, what it stands on, and how it meets other changes. */
import type { PlannedRule, Problem, WantedPlan } from "../../../protocol/index.ts";

/** The part of a plan that a draft is made of. */
export interface PlanBase {
  readonly version: number;
  readonly rules: readonly PlannedRule[];
}

export interface PlanDraft {
  /** What was read when the draft began, or was last laid over a newer plan. */
  readonly base: PlanBase;
  readonly rules: readonly PlannedRule[];
}

export type RuleChange =
  | { readonly kind: "added" | "removed" | "changed"; readonly id: string }
  | { readonly kind: "same"; readonly id: string };

/** The rules that a plan means; those of the node's own file where it says none. */
export function baseOf(plan: WantedPlan, fileRules: readonly PlannedRule[]): PlanBase {
  return { version: plan.version, rules: plan.rules ?? fileRules };
}

export function beginDraft(base: PlanBase): PlanDraft {
  return { base, rules: base.rules };
}

export function withRule(draft: PlanDraft, id: string | null, rule: PlannedRule): PlanDraft {
  const isNew = id === null || !draft.rules.some((one) => one.id === id);
  const rules = isNew
    ? [...draft.rules, rule]
    : draft.rules.map((one) => (one.id === id ? rule : one));
  return { ...draft, rules };
}

export function withoutRule(draft: PlanDraft, id: string): PlanDraft {
  return { ...draft, rules: draft.rules.filter((rule) => rule.id !== id) };
}

/** As it was read. */
export function withRuleBack(draft: PlanDraft, id: string): PlanDraft {
  const before = draft.base.rules.find((rule) => rule.id === id);
  return before === undefined ? withoutRule(draft, id) : withRule(draft, id, before);
}

/** In the order of the draft, the removed ones last. */
export function changesOf({ base, rules }: PlanDraft): readonly RuleChange[] {
  const before = new Map(base.rules.map((rule) => [rule.id, rule]));
  const removed = base.rules.filter(({ id }) => !rules.some((rule) => rule.id === id));
  return [
    ...rules.map(({ id, ...rest }) => {
      const old = before.get(id);
      const kind =
        old === undefined ? "added" : isSameRule(old, { id, ...rest }) ? "same" : "changed";
      return { kind, id } as const;
    }),
    ...removed.map(({ id }) => ({ kind: "removed", id }) as const),
  ];
}

export function isChanged(draft: PlanDraft): boolean {
  return changesOf(draft).some(({ kind }) => kind !== "same");
}

/** Equal whatever the order of their fields. */
export function isSameRule(a: PlannedRule, b: PlannedRule): boolean {
  return canonical(a) === canonical(b);
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === "object" && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([x], [y]) => (x < y ? -1 : 1)))
      : part,
  );
}

export interface Laid {
  readonly draft: PlanDraft;
  /** Rules that both sides changed: the draft's own stands. */
  readonly both: readonly string[];
}

/**
 * The draft's changes on top of a plan that somebody else has put live meanwhile: rules that the
 * draft left alone become theirs.
 */
export function layOver(draft: PlanDraft, theirs: PlanBase): Laid {
  const old = byId(draft.base.rules);
  const mine = byId(draft.rules);
  const now = byId(theirs.rules);
  const both: string[] = [];
  const ids = [...new Set([...now.keys(), ...mine.keys()])];
  const rules = ids.flatMap((id) => {
    const [before, own, other] = [old.get(id), mine.get(id), now.get(id)];
    const isMine = !isEqual(before, own);
    if (isMine && !isEqual(before, other) && !isEqual(own, other)) {
      both.push(id);
    }
    const stands = isMine ? own : other;
    return stands === undefined ? [] : [stands];
  });
  return { draft: { base: theirs, rules }, both };
}

function byId(rules: readonly PlannedRule[]): ReadonlyMap<string, PlannedRule> {
  return new Map(rules.map((rule) => [rule.id, rule]));
}

function isEqual(a: PlannedRule | undefined, b: PlannedRule | undefined): boolean {
  return a === undefined || b === undefined ? a === b : isSameRule(a, b);
}

export interface FaultPlace {
  readonly ruleId: string;
  /** Null: of the rule as a whole. */
  readonly field: string | null;
}

/**
 * The rule and field that a refusal names: `rules[2].zone[1][0]`, `rules.2.dwellS`, or
 * `rule.zone` of a single one. Null where it names none that is there.
 */
export function placeOf(
  where: string | undefined,
  rules: readonly PlannedRule[],
): FaultPlace | null {
  const parts = (where ?? "").split(/[.[\]]+/).filter((part) => part !== "");
  const root = parts.findIndex((part) => part === "rules" || part === "rule");
  if (root === -1) {
    return null;
  }
  const isList = parts[root] === "rules";
  const rule = isList ? ruleAt(parts[root + 1], rules) : rules[0];
  const field = parts[root + (isList ? 2 : 1)];
  return rule === undefined ? null : { ruleId: rule.id, field: field ?? null };
}

/** By index, or by id where the sender names it so. */
function ruleAt(part: string | undefined, rules: readonly PlannedRule[]): PlannedRule | undefined {
  const index = Number(part);
  return Number.isInteger(index) && part !== undefined && part !== ""
    ? rules[index]
    : rules.find(({ id }) => id === part);
}

/** Somebody put another plan live first. */
export function isStale(problem: Problem | null): boolean {
  return problem?.code === "VERSION_STALE";
}

/** The same rules in the same order, whatever rests of them. */
export function isSamePlan(a: PlanBase, b: PlanBase): boolean {
  return canonical(a.rules) === canonical(b.rules);
}
