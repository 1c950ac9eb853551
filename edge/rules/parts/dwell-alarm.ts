/**
 * One alarm for a zone in which somebody has stayed for the dwell time. Its onset is the entry of
 * the first who did; it tells `count`, how many such there are, and `dwellS` of the longest. Who
 * appears in the zone while all of them are out of sight, and within the clear time, is one of them.
 */
import type { EpochMs, PolygonNorm } from "../../../protocol/index.ts";
import type { AlarmSignal, ObjectFilter, Scene } from "../rule.ts";
import { SingleAlarm } from "./single-alarm.ts";
import { Stays, type Stay } from "./stays.ts";

export interface DwellConfig extends ObjectFilter {
  readonly zone: PolygonNorm;
  readonly dwellS: number;
  readonly clearS: number;
  readonly cooldownS: number;
}

export class DwellAlarm {
  readonly #dwellMs: number;
  readonly #clearMs: number;
  readonly #stays: Stays;
  readonly #alarm: SingleAlarm;
  /** Stays that the alarm under way has been about so far. */
  #told = new WeakSet<Stay>();
  /** Short stays that continue a lost one. */
  #adopted = new WeakSet<Stay>();
  /** Last frame in which somebody was there who had stayed long enough. */
  #lastLong: EpochMs = -Infinity;

  constructor(
    config: DwellConfig,
    gaps: { readonly unseenMs: number; readonly outsideMs: number },
  ) {
    this.#dwellMs = config.dwellS * 1000;
    this.#clearMs = config.clearS * 1000;
    this.#stays = new Stays({ filter: config, zone: config.zone, ...gaps });
    this.#alarm = new SingleAlarm(config);
  }

  evaluate(scene: Scene): readonly AlarmSignal[] {
    const { at } = scene;
    const stays = this.#stays.observe(scene);
    const isLong = (stay: Stay): boolean =>
      at - stay.since >= this.#dwellMs || this.#adopted.has(stay);
    if (this.#alarm.isOpen && at - this.#lastLong <= this.#clearMs && !stays.some(isLong)) {
      stays
        .filter((stay) => stay.isBornInside && stay.since === at)
        .forEach((stay) => this.#adopted.add(stay));
    }
    const long = stays.filter(isLong);
    if (long.length > 0) {
      this.#lastLong = at;
      return this.#see(long, at);
    }
    const ended = this.#alarm.tick(at);
    if (ended.length > 0) {
      this.#forget();
    }
    return ended;
  }

  end(at: EpochMs): readonly AlarmSignal[] {
    this.#forget();
    return this.#alarm.end(at);
  }

  #forget(): void {
    this.#told = new WeakSet();
    this.#adopted = new WeakSet();
  }

  #see(stays: readonly Stay[], at: EpochMs): readonly AlarmSignal[] {
    const [longest] = [...stays].sort((a, b) => a.since - b.since) as [Stay];
    const newcomer = stays.find((stay) => !this.#told.has(stay) && !this.#adopted.has(stay));
    stays.forEach((stay) => this.#told.add(stay));
    return this.#alarm.see(at, {
      onset: longest.since,
      object: (newcomer ?? longest).object,
      measures: { count: stays.length, dwellS: (at - longest.since) / 1000 },
      isNews: newcomer !== undefined,
    });
  }
}
