/**
 * Directed line crossing, measured at the foot point (middle of the box's lower edge). Each crossing
 * is an alarm that begins and ends with it; the same object is then silent until it has not crossed
 * again for the cool-down, so that someone dithering on the line is one incident.
 */
import type { LineRuleConfig } from "../../config/index.ts";
import type { EpochMs } from "../../protocol/index.ts";
import { Passages, type Passage } from "./parts/passages.ts";
import type { AlarmSignal, Rule, Scene } from "./rule.ts";

export class LineCrossingRule implements Rule {
  readonly #config: LineRuleConfig;
  readonly #passages: Passages;
  readonly #silentUntil = new WeakMap<object, EpochMs>();
  #nextKey = 1;

  constructor(config: LineRuleConfig) {
    this.#config = config;
    this.#passages = new Passages(config);
  }

  evaluate(scene: Scene): readonly AlarmSignal[] {
    return this.#passages.observe(scene).flatMap((passage) => this.#judge(passage));
  }

  #judge({ passer, object, onset, to }: Passage): readonly AlarmSignal[] {
    if (!this.#isWanted(to)) {
      return [];
    }
    const silentUntil = this.#silentUntil.get(passer) ?? -Infinity;
    this.#silentUntil.set(passer, onset + this.#config.cooldownS * 1000);
    if (onset < silentUntil) {
      return [];
    }
    const key = this.#nextKey++;
    return [
      { kind: "begin", key, onset, object },
      { kind: "end", key, endedAt: onset },
    ];
  }

  #isWanted(to: Passage["to"]): boolean {
    const { direction } = this.#config;
    return direction === "both" || (direction === "left-to-right") === (to === "right");
  }
}
