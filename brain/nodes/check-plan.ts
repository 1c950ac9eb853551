/** Whether a plan can be carried out: rules by their schema, and by what the camera is for. Pure. */
import { type RuleConfig, ruleSchema } from "../../config/index.ts";
import {
  type CameraScene,
  fromZodError,
  PermanentError,
  type PlannedRule,
  type WantedPlan,
} from "../../protocol/index.ts";

export interface PlanGrounds {
  /** What the node said of the camera; null while it has not. */
  readonly scene: CameraScene | null;
  /** Whether the camera's registration lets it tell of this. */
  readonly mayTell: (eventType: string) => boolean;
}

type Content = Omit<WantedPlan, "version">;

/**
 * The content with every default of its rules filled in.
 *
 * @throws PermanentError PLAN_INVALID with the place, such as `rules[2].zone`.
 */
export function checkPlan(
  content: { readonly analysed: boolean; readonly paused: readonly string[] } & {
    readonly rules: readonly unknown[] | null;
  },
  grounds: PlanGrounds,
): Content {
  const rules =
    content.rules?.map((rule, index) => checkRule(rule, grounds, `rules[${index}]`)) ?? null;
  refuseDoubles(rules ?? []);
  const known = rules ?? grounds.scene?.fileRules;
  const paused = [...new Set(content.paused)] as Content["paused"];
  paused.forEach((id, index) => {
    if (known !== undefined && !known.some((rule) => rule.id === id)) {
      throw new PermanentError("PLAN_INVALID", "A rule that rests is not in the plan", {
        where: `paused[${index}]`,
        expected: `one of: ${known.map((rule) => rule.id).join(", ")}`,
        got: id,
      });
    }
  });
  return { analysed: content.analysed, paused, rules };
}

/** @throws PermanentError PLAN_INVALID. */
export function checkRule(rule: unknown, grounds: PlanGrounds, where: string): PlannedRule {
  const parsed = ruleSchema.safeParse(rule);
  if (!parsed.success) {
    throw fromZodError("PLAN_INVALID", "The rule", parsed.error, where);
  }
  const checked = parsed.data;
  refuseUnstorable(checked, where);
  if (!grounds.mayTell(checked.eventType)) {
    throw new PermanentError("PLAN_INVALID", "The camera is not registered for this", {
      where: `${where}.eventType`,
      expected: "an event type of the camera's registration",
      got: checked.eventType,
    });
  }
  if (checked.kind === "crowd" && checked.densityPerM2 !== undefined) {
    refuseUnmeasured(grounds, where);
  }
  return checked;
}

function refuseUnmeasured({ scene }: PlanGrounds, where: string): void {
  if (scene?.calibrated === false) {
    throw new PermanentError("PLAN_INVALID", "Nobody has said how large a metre is", {
      where: `${where}.densityPerM2`,
      expected: "a calibrated camera",
    });
  }
}

function refuseDoubles(rules: readonly PlannedRule[]): void {
  rules.forEach(({ id }, index) => {
    if (rules.findIndex((rule) => rule.id === id) !== index) {
      throw new PermanentError("PLAN_INVALID", "Two rules have the same id", {
        where: `rules[${index}].id`,
        expected: "each id once",
        got: `${id} twice`,
      });
    }
  });
}

/** Class names are free text: as a name of a class, such a text would be nonsense anyway. */
function refuseUnstorable(rule: RuleConfig, where: string): void {
  const classes = "classes" in rule ? rule.classes : [];
  if (classes.length > 80 || classes.some((name) => !/^[\w .-]{1,40}$/.test(name))) {
    throw new PermanentError("PLAN_INVALID", "The classes cannot be read", {
      where: `${where}.classes`,
      expected: "at most 80 names of 1–40 letters, digits, spaces, dots and dashes",
    });
  }
}
