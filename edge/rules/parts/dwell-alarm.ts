/**
 * One alarm for a zone in which somebody has stayed for the dwell time. Its onset is the entry of
 * the first who did; it tells `count`, how many such there are, and `dwellS` of the longest.
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
  readonly #stays: Stays;
  readonly #alarm: SingleAlarm;
  /** Stays that the alarm under way has been about so far. */
  #told = new WeakSet<Stay>();

  constructor(
    config: DwellConfig,
    gaps: { readonly unseenMs: number; readonly outsideMs: number },
  ) {
    this.#dwellMs = config.dwellS * 1000;
    this.#stays = new Stays({ filter: config, zone: config.zone, ...gaps });
    this.#alarm = new SingleAlarm(config);
  }

  evaluate(scene: Scene): readonly AlarmSignal[] {
    const { at } = scene;
    const long = this.#stays.observe(scene).filter((stay) => at - stay.since >= this.#dwellMs);
    const ended = long.length === 0 ? this.#alarm.tick(at) : [];
    if (ended.length > 0) {
      this.#told = new WeakSet();
    }
    return long.length === 0 ? ended : this.#see(long, at);
  }

  end(at: EpochMs): readonly AlarmSignal[] {
    this.#told = new WeakSet();
    return this.#alarm.end(at);
  }

  #see(stays: readonly Stay[], at: EpochMs): readonly AlarmSignal[] {
    const [longest] = [...stays].sort((a, b) => a.since - b.since) as [Stay];
    const newcomer = stays.find((stay) => !this.#told.has(stay));
    stays.forEach((stay) => this.#told.add(stay));
    return this.#alarm.see(at, {
      onset: longest.since,
      object: (newcomer ?? longest).object,
      measures: { count: stays.length, dwellS: (at - longest.since) / 1000 },
      isNews: newcomer !== undefined,
    });
  }
}
