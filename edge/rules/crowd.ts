/**
 * Crowd: so many people stand in a zone, or so many on a square metre of it, for a time. A person
 * counts where the middle of the box's lower edge lies; of one cut by the picture's lower border that
 * is the border. The density is that of the whole zone, its area being measured on the ground, so a
 * zone has to be drawn around where people may be crushed. Without calibration only the count tells.
 */
import type { RuleConfigOf } from "../../config/index.ts";
import { PermanentError, type EpochMs } from "../../protocol/index.ts";
import { areaM2 } from "../ground/index.ts";
import { ZoneLevel } from "./parts/zone-level.ts";
import type { AlarmSignal, Measures, Rule, RuleSurroundings, Scene } from "./rule.ts";

export class CrowdRule implements Rule {
  readonly #level: ZoneLevel;

  /** @throws PermanentError CONFIG_INVALID when only a density is wanted and none can be measured. */
  constructor(config: RuleConfigOf<"crowd">, { ground }: RuleSurroundings) {
    const zoneM2 = (ground && areaM2(ground, config.zone)) || undefined;
    const { count = Infinity, densityPerM2 = Infinity } = config;
    const limit = Math.min(count, Math.ceil(densityPerM2 * (zoneM2 ?? Infinity)));
    if (limit === Infinity) {
      throw new PermanentError("CONFIG_INVALID", "The density of a crowd cannot be measured", {
        where: `rule ${config.id}`,
        expected: "count, or a calibrated camera and a zone that lies on the ground",
        got: ground === undefined ? "no calibration" : "a zone that reaches the horizon",
      });
    }
    const measure = (people: number): Measures =>
      zoneM2 === undefined ? { count: people } : { count: people, densityPerM2: people / zoneM2 };
    this.#level = new ZoneLevel({ ...config, limit, measure });
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
