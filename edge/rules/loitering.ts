/**
 * Loitering: one and the same object has stayed in the zone for the dwell time, measured at its foot
 * point (middle of the box's lower edge). Visits do not add up: who is outside or unseen for longer
 * than the gap has left. One alarm for the zone while anybody loiters there; it ends when all who
 * did have been away for the clear time.
 */
import type { RuleConfigOf } from "../../config/index.ts";
import type { EpochMs } from "../../protocol/index.ts";
import { DwellAlarm } from "./parts/dwell-alarm.ts";
import type { AlarmSignal, Rule, Scene } from "./rule.ts";

export class LoiteringRule implements Rule {
  readonly #alarm: DwellAlarm;

  constructor(config: RuleConfigOf<"loitering">) {
    const gapMs = config.gapS * 1000;
    this.#alarm = new DwellAlarm(config, { unseenMs: gapMs, outsideMs: gapMs });
  }

  evaluate(scene: Scene): readonly AlarmSignal[] {
    return this.#alarm.evaluate(scene);
  }

  end(at: EpochMs): readonly AlarmSignal[] {
    return this.#alarm.end(at);
  }
}
