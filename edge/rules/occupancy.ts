/**
 * Occupancy: so many objects are in a zone at once for a time (a jam, a blocked school gate,
 * bicycles in disorder). An object is where the middle of the box's lower edge lies; of one cut by
 * the picture's lower border that is the border.
 */
import type { RuleConfigOf } from "../../config/index.ts";
import type { EpochMs } from "../../protocol/index.ts";
import { ZoneLevel } from "./parts/zone-level.ts";
import type { AlarmSignal, Measures, Rule, Scene } from "./rule.ts";

export class OccupancyRule implements Rule {
  readonly #level: ZoneLevel;

  constructor(config: RuleConfigOf<"occupancy">) {
    this.#level = new ZoneLevel({ ...config, measure: (count) => ({ count }) });
  }

  evaluate(scene: Scene): readonly AlarmSignal[] {
    return this.#level.evaluate(scene);
  }

  counts(): Measures {
    return this.#level.counts();
  }

  end(at: EpochMs): readonly AlarmSignal[] {
    return this.#level.end(at);
  }
}
