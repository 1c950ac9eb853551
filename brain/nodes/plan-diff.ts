/** What one version of a plan changes of the one before. Pure. */
import type { PlanChange, PlannedRule, RuleId, WantedPlan } from "../../protocol/index.ts";

type Content = Omit<WantedPlan, "version">;

/**
 * Undefined where nothing changes.
 *
 * @param fileRules what `rules: null` means, as far as it is known.
 */
export function diffPlans(
  before: Content,
  after: Content,
  fileRules: readonly PlannedRule[] | undefined,
): Pick<PlanChange, "did" | "ruleIds"> | undefined {
  const did: PlanChange["did"] = [];
  const ruleIds = new Set<RuleId>();
  if (textOf(before.rules) !== textOf(after.rules)) {
    did.push("rules");
    changedRules(before.rules ?? fileRules ?? [], after.rules ?? fileRules ?? []).forEach((id) =>
      ruleIds.add(id),
    );
  }
  const paused = after.paused.filter((id) => !before.paused.includes(id));
  const resumed = before.paused.filter((id) => !after.paused.includes(id));
  if (paused.length > 0) {
    did.push("paused");
  }
  if (resumed.length > 0) {
    did.push("resumed");
  }
  [...paused, ...resumed].forEach((id) => ruleIds.add(id));
  if (before.analysed !== after.analysed) {
    did.push(after.analysed ? "started" : "stopped");
  }
  return did.length === 0 ? undefined : { did, ruleIds: [...ruleIds] };
}

function changedRules(
  before: readonly PlannedRule[],
  after: readonly PlannedRule[],
): readonly RuleId[] {
  const texts = new Map(before.map((rule) => [rule.id, textOf(rule)]));
  const changed = after.flatMap((rule) => (texts.get(rule.id) === textOf(rule) ? [] : [rule.id]));
  const kept = new Set(after.map(({ id }) => id));
  return [...changed, ...before.flatMap(({ id }) => (kept.has(id) ? [] : [id]))];
}

/** JSON with sorted keys: a node writes them in another order than the control room. */
function textOf(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === "object" && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
