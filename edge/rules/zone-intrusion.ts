/**
 * Zone intrusion: an object has stood in the zone for the dwell time, measured at its foot point
 * (middle of the box's lower edge). One alarm for the zone, however many objects enter while it
 * lasts; it ends when the zone has been empty for the clear time.
 */
import type { ZoneRuleConfig } from "../../config/index.ts";
import type { EpochMs } from "../../protocol/index.ts";
import { DwellAlarm } from "./parts/dwell-alarm.ts";
import type { AlarmSignal, Rule, Scene } from "./rule.ts";

/** Two misses in a row at 2.5 looks a second are no departure. */
const UNSEEN_MS = 2000;
/** Nor is a swerve at the border. */
const OUTSIDE_MS = 1000;

export class ZoneIntrusionRule implements Rule {
  readonly #alarm: DwellAlarm;

  constructor(config: ZoneRuleConfig) {
    this.#alarm = new DwellAlarm(config, { unseenMs: UNSEEN_MS, outsideMs: OUTSIDE_MS });
  }

  evaluate(scene: Scene): readonly AlarmSignal[] {
    return this.#alarm.evaluate(scene);
  }

  end(at: EpochMs): readonly AlarmSignal[] {
    return this.#alarm.end(at);
  }
}
