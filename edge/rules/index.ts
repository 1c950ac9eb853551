/** Rules: what an alarm is, told from tracks alone. Pure; every duration is wall time, not frames. */
import type { RuleConfig } from "../../config/index.ts";
import { LineCrossingRule } from "./line-crossing.ts";
import type { Rule } from "./rule.ts";
import { ZoneIntrusionRule } from "./zone-intrusion.ts";

export type { AlarmSignal, Rule, Scene, SceneObject } from "./rule.ts";

export function createRule(config: RuleConfig): Rule {
  switch (config.kind) {
    case "zone-intrusion":
      return new ZoneIntrusionRule(config);
    case "line-crossing":
      return new LineCrossingRule(config);
  }
}
