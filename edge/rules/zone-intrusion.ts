/**
 * Zone intrusion: an object's foot point (middle of the box's lower edge: where it stands) has been
 * in the zone for the dwell time. One alarm for the zone, however many objects enter while it
 * lasts; it ends when the zone has been empty for the clear time.
 */
import type { ZoneRuleConfig } from "../../config/index.ts";
import { footPoint, isInsidePolygon, type EpochMs } from "../../protocol/index.ts";
import { passes, type AlarmSignal, type Rule, type Scene, type SceneObject } from "./rule.ts";

/** A stay goes on over gaps up to this long: a missed detection is not a departure. */
const STAY_GAP_MS = 1000;

interface Stay {
  readonly since: EpochMs;
  lastInside: EpochMs;
  /** Whether this object has already been counted in the alarm under way. */
  counted: boolean;
}

export class ZoneIntrusionRule implements Rule {
  readonly #config: ZoneRuleConfig;
  readonly #stays = new Map<number, Stay>();
  #alarm: { readonly key: number; lastInside: EpochMs } | undefined;
  #silentUntil: EpochMs = -Infinity;
  #nextKey = 1;

  constructor(config: ZoneRuleConfig) {
    this.#config = config;
  }

  evaluate(scene: Scene): readonly AlarmSignal[] {
    const signals: AlarmSignal[] = [];
    for (const object of scene.objects) {
      if (passes(object, this.#config)) {
        const signal = this.#observe(object, scene.at);
        if (signal !== undefined) {
          signals.push(signal);
        }
      }
    }
    this.#forget(scene.at);
    const end = this.#endWhenClear(scene.at);
    return end === undefined ? signals : [...signals, end];
  }

  #observe(object: SceneObject, at: EpochMs): AlarmSignal | undefined {
    if (!isInsidePolygon(footPoint(object.box), this.#config.zone)) {
      this.#stays.delete(object.trackId);
      return undefined;
    }
    const stay = this.#stays.get(object.trackId) ?? { since: at, lastInside: at, counted: false };
    stay.lastInside = at;
    this.#stays.set(object.trackId, stay);
    if (at - stay.since < this.#config.dwellS * 1000) {
      return undefined;
    }
    if (this.#alarm !== undefined) {
      this.#alarm.lastInside = at;
      if (stay.counted) {
        return undefined;
      }
      stay.counted = true;
      return { kind: "update", key: this.#alarm.key, object };
    }
    if (at < this.#silentUntil) {
      return undefined;
    }
    stay.counted = true;
    this.#alarm = { key: this.#nextKey++, lastInside: at };
    return { kind: "begin", key: this.#alarm.key, onset: stay.since, object };
  }

  #forget(at: EpochMs): void {
    for (const [trackId, stay] of this.#stays) {
      if (at - stay.lastInside > STAY_GAP_MS) {
        this.#stays.delete(trackId);
      }
    }
  }

  #endWhenClear(at: EpochMs): AlarmSignal | undefined {
    const alarm = this.#alarm;
    if (alarm === undefined || at - alarm.lastInside < this.#config.clearS * 1000) {
      return undefined;
    }
    this.#alarm = undefined;
    this.#silentUntil = at + this.#config.cooldownS * 1000;
    return { kind: "end", key: alarm.key, endedAt: alarm.lastInside };
  }
}
