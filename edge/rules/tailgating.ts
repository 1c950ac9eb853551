/**
 * Tailgating at a gate: after one has passed the line in its direction, another passes it within the
 * time in which the gate stays open. Measured at the foot point (middle of the box's lower edge).
 * A group that slips in together is one alarm: it begins with the second of them, `count` tells how
 * many passed, and it ends when nobody has followed for that time.
 */
import type { RuleConfigOf } from "../../config/index.ts";
import type { EpochMs } from "../../protocol/index.ts";
import { Passages, type Passage } from "./parts/passages.ts";
import type { AlarmSignal, Rule, Scene } from "./rule.ts";

interface Group {
  /** Who has passed, first to last. */
  readonly passers: Set<object>;
  lastPassed: EpochMs;
  /** Of its alarm, from the second passer on. */
  key: number | undefined;
}

export class TailgatingRule implements Rule {
  readonly #config: RuleConfigOf<"tailgating">;
  readonly #passages: Passages;
  #group: Group | undefined;
  #silentUntil: EpochMs = -Infinity;
  #nextKey = 1;

  constructor(config: RuleConfigOf<"tailgating">) {
    this.#config = config;
    this.#passages = new Passages(config);
  }

  evaluate(scene: Scene): readonly AlarmSignal[] {
    const wanted = this.#config.direction === "left-to-right" ? "right" : "left";
    const passages = this.#passages.observe(scene).filter(({ to }) => to === wanted);
    const signals = passages.flatMap((passage) => this.#pass(passage));
    const group = this.#group;
    if (group !== undefined && scene.at - group.lastPassed > this.#openMs + SETTLE_MS) {
      signals.push(...this.#close());
    }
    return signals;
  }

  end(): readonly AlarmSignal[] {
    return this.#close();
  }

  get #openMs(): number {
    return this.#config.withinS * 1000;
  }

  #pass(passage: Passage): readonly AlarmSignal[] {
    const { passer, object, onset } = passage;
    const group = this.#group;
    if (group === undefined || onset - group.lastPassed > this.#openMs) {
      const ended = this.#close();
      this.#group = { passers: new Set([passer]), lastPassed: onset, key: undefined };
      return ended;
    }
    const gapS = Math.max(0, onset - group.lastPassed) / 1000;
    group.lastPassed = Math.max(onset, group.lastPassed);
    if (group.passers.has(passer)) {
      return [];
    }
    group.passers.add(passer);
    const facts = { object, measures: { count: group.passers.size, gapS } };
    if (group.key !== undefined) {
      return [{ kind: "update", key: group.key, ...facts }];
    }
    if (onset < this.#silentUntil) {
      return [];
    }
    group.key = this.#nextKey++;
    return [{ kind: "begin", key: group.key, onset, ...facts }];
  }

  #close(): readonly AlarmSignal[] {
    const group = this.#group;
    this.#group = undefined;
    if (group?.key === undefined) {
      return [];
    }
    this.#silentUntil = group.lastPassed + this.#config.cooldownS * 1000;
    return [{ kind: "end", key: group.key, endedAt: group.lastPassed }];
  }
}

/** A passage is told up to this long after it. */
const SETTLE_MS = 1500;
