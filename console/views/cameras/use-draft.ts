/** The draft of a camera's rules on this page: what is being changed, and on what it stands. */
import { useState } from "react";
import type { CameraDetail, PlannedRule, Problem, RuleKinds } from "../../../protocol/index.ts";
import {
  baseOf,
  beginDraft,
  faultsOf,
  formOf,
  isChanged,
  isSamePlan,
  layOver,
  placeOf,
  withoutRule,
  withRule,
  withRuleBack,
  type Faults,
  type FieldFault,
  type PlanBase,
  type PlanDraft,
  type RuleForm,
} from "../../model/cameras/index.ts";

/** What the brain or the node refused of a draft, at its place. */
interface Said {
  readonly ruleId: string;
  readonly field: string | null;
  readonly fault: FieldFault;
}

export interface UsedDraft {
  readonly draft: PlanDraft;
  readonly base: PlanBase;
  readonly isChanged: boolean;
  /** Somebody put another plan live since the draft began. */
  readonly isBehind: boolean;
  /** Rules that both sides had changed when the draft was laid over theirs. */
  readonly both: readonly string[];
  readonly editing: string | null;
  readonly said: Said | null;
  readonly edit: (id: string | null) => void;
  readonly change: (id: string | null, rule: PlannedRule) => void;
  readonly remove: (id: string) => void;
  readonly restore: (id: string) => void;
  readonly discard: () => void;
  readonly layOver: () => void;
  /** Opens the rule that a refusal names; false where it names none. */
  readonly show: (problem: Problem) => boolean;
  readonly forms: ReadonlyMap<string, RuleForm>;
  readonly faultsOfRule: (rule: PlannedRule) => Faults;
}

export function useDraft(detail: CameraDetail, kinds: RuleKinds | null): UsedDraft {
  const base = baseOf(detail.plan, detail.scene?.fileRules ?? []);
  const [kept, setKept] = useState<PlanDraft | null>(null);
  const [editing, setEditing] = useState<string | null>(null);
  const [said, setSaid] = useState<Said | null>(null);
  const [both, setBoth] = useState<readonly string[]>([]);
  const draft = standing(kept, base);
  const forms = new Map(
    kinds?.kinds.map((view) => [view.kind, formOf(view, kinds.classes)] as const) ?? [],
  );
  const keep = (next: PlanDraft, id: string | null): void => {
    setKept(isChanged(next) || id !== null ? next : null);
    setEditing(id);
  };
  const forget = (): void => {
    setKept(null);
    setEditing(null);
    setSaid(null);
    setBoth([]);
  };
  return {
    ...{ draft, base, editing, said, both, forms },
    isChanged: isChanged(draft),
    isBehind: kept !== null && isChanged(draft) && draft.base.version !== base.version,
    edit: (id) => {
      setEditing(id);
      setSaid((before) => (before?.ruleId === id ? before : null));
    },
    change: (id, rule) => {
      setSaid((before) => (before?.ruleId === id ? null : before));
      keep(withRule(draft, id, rule), rule.id);
    },
    remove: (id) => keep(withoutRule(draft, id), editing === id ? null : editing),
    restore: (id) => keep(withRuleBack(draft, id), null),
    discard: forget,
    layOver: () => {
      const laid = layOver(draft, base);
      setKept(laid.draft);
      setBoth(laid.both);
    },
    show: (problem) => {
      const place = placeOf(problem.where, draft.rules);
      if (place === null) {
        return false;
      }
      const { message, expected = null } = problem;
      setEditing(place.ruleId);
      setSaid({ ...place, fault: { kind: "said", message, expected } });
      return true;
    },
    faultsOfRule: (rule) => faultsIn(draft, rule, forms.get(rule.kind), said),
  };
}

/** A pause or a switch makes a newer plan of the same rules: nothing to be told of. */
function standing(kept: PlanDraft | null, base: PlanBase): PlanDraft {
  if (kept === null) {
    return beginDraft(base);
  }
  return kept.base.version !== base.version && isSamePlan(kept.base, base)
    ? { ...kept, base }
    : kept;
}

function faultsIn(
  draft: PlanDraft,
  rule: PlannedRule,
  form: RuleForm | undefined,
  said: Said | null,
): Faults {
  const others = draft.rules.flatMap(({ id }) => (id === rule.id ? [] : [id]));
  const found = form === undefined ? {} : faultsOf(rule, form, others);
  return said?.ruleId === rule.id && said.field !== null
    ? { ...found, [said.field]: said.fault }
    : found;
}
