/**
 * Counting over a line: an object whose foot point (middle of the box's lower edge) crosses from
 * left to right has come in, the other way it has gone out. Alarms while more are inside than the
 * limit; the onset is the crossing that made them too many.
 *
 * Nobody can leave who is not inside: the number inside never falls below zero.
 */
import type { RuleConfigOf } from "../../config/index.ts";
import type { EpochMs } from "../../protocol/index.ts";
import { Passages, type Passage } from "./parts/passages.ts";
import { SingleAlarm } from "./parts/single-alarm.ts";
import type { AlarmSignal, Measures, Rule, Scene } from "./rule.ts";

export class CountingRule implements Rule {
  readonly #limit: number;
  readonly #passages: Passages;
  readonly #alarm: SingleAlarm;
  #in = 0;
  #out = 0;
  #inside: number;
  /** The crossing since which there have been too many. */
  #excess: Passage | undefined;

  constructor(config: RuleConfigOf<"counting">) {
    this.#limit = config.limit ?? Infinity;
    this.#passages = new Passages(config);
    this.#alarm = new SingleAlarm(config);
    this.#inside = config.initial;
  }

  evaluate(scene: Scene): readonly AlarmSignal[] {
    const before = this.#inside;
    for (const passage of this.#passages.observe(scene)) {
      this.#count(passage);
    }
    if (this.#excess === undefined) {
      return this.#alarm.tick(scene.at);
    }
    return this.#alarm.see(scene.at, {
      onset: this.#excess.onset,
      object: this.#excess.object,
      measures: { count: this.#inside },
      isNews: this.#inside !== before,
    });
  }

  /** `in` and `out` since the node started, `inside` now. */
  counts(): Measures {
    return { in: this.#in, out: this.#out, inside: this.#inside };
  }

  end(at: EpochMs): readonly AlarmSignal[] {
    return this.#alarm.end(at);
  }

  #count(passage: Passage): void {
    if (passage.to === "right") {
      this.#in++;
      this.#inside++;
    } else {
      this.#out++;
      this.#inside = Math.max(0, this.#inside - 1);
    }
    if (this.#inside <= this.#limit) {
      this.#excess = undefined;
    } else {
      this.#excess ??= passage;
    }
  }
}
