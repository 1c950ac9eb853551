/** Rules: what an alarm is, told from tracks alone. Pure; every duration is wall time, not frames. */
import type { RuleConfig } from "../../config/index.ts";
import { PermanentError } from "../../protocol/index.ts";
import { LineCrossingRule } from "./line-crossing.ts";
import type { Rule, RuleSurroundings } from "./rule.ts";
import { ZoneIntrusionRule } from "./zone-intrusion.ts";

export { isOnSchedule } from "./schedule.ts";
export type {
  AlarmSignal,
  AlarmSubject,
  Measures,
  Rule,
  RuleSurroundings,
  Scene,
  SceneObject,
} from "./rule.ts";

/** @param surroundings of the camera; a rule that needs what is missing works without, coarser. */
export function createRule(config: RuleConfig, surroundings: RuleSurroundings = {}): Rule {
  switch (config.kind) {
    case "zone-intrusion":
      return new ZoneIntrusionRule(config);
    case "line-crossing":
      return new LineCrossingRule(config);
    default:
      throw new PermanentError("CONFIG_INVALID", "This kind of rule is not built yet", {
        got: config.kind,
      });
  }
}
