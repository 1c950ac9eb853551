/** Rules: what an alarm is, told from tracks alone. Pure; every duration is wall time, not frames. */
import type { RuleConfig } from "../../config/index.ts";
import { AbandonedObjectRule } from "./abandoned-object.ts";
import { CameraTamperRule } from "./camera-tamper.ts";
import { CountingRule } from "./counting.ts";
import { CrowdRule } from "./crowd.ts";
import { DispersalRule } from "./dispersal.ts";
import { LineCrossingRule } from "./line-crossing.ts";
import { LoiteringRule } from "./loitering.ts";
import { OccupancyRule } from "./occupancy.ts";
import { ParkingRule } from "./parking.ts";
import { PersonDownRule } from "./person-down.ts";
import { RemovedObjectRule } from "./removed-object.ts";
import type { Rule, RuleSurroundings } from "./rule.ts";
import { RunningRule } from "./running.ts";
import { TailgatingRule } from "./tailgating.ts";
import { ThrownObjectRule } from "./thrown-object.ts";
import { WrongWayRule } from "./wrong-way.ts";
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
    case "loitering":
      return new LoiteringRule(config);
    case "counting":
      return new CountingRule(config);
    case "tailgating":
      return new TailgatingRule(config);
    case "person-down":
      return new PersonDownRule(config);
    case "running":
      return new RunningRule(config, surroundings);
    case "dispersal":
      return new DispersalRule(config, surroundings);
    case "thrown-object":
      return new ThrownObjectRule(config);
    case "removed-object":
      return new RemovedObjectRule(config);
    case "camera-tamper":
      return new CameraTamperRule(config);
    case "crowd":
      return new CrowdRule(config, surroundings);
    case "occupancy":
      return new OccupancyRule(config);
    case "parking":
      return new ParkingRule(config);
    case "wrong-way":
      return new WrongWayRule(config, surroundings);
    case "abandoned-object":
      return new AbandonedObjectRule(config, surroundings);
  }
}
