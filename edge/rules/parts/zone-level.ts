/**
 * An alarm about how many are in a zone: from a level that has lasted until it has been below for the
 * clear time, with an update when clearly more have come.
 */
import type { EpochMs, PolygonNorm } from "../../../protocol/index.ts";
import { passes, type AlarmSignal, type Measures, type ObjectFilter, type Scene } from "../rule.ts";
import { BlindTime } from "./blind-time.ts";
import { Lasting } from "./lasting.ts";
import { boxAround } from "./picture-space.ts";
import { SingleAlarm } from "./single-alarm.ts";
import { ZoneMembers, type Member } from "./zone-members.ts";

/** Growth by this factor, and by two at least, is worth telling. */
const CLEARLY_MORE = 1.25;

export interface ZoneLevelOptions extends ObjectFilter {
  readonly zone: PolygonNorm;
  /** So many are enough. */
  readonly limit: number;
  readonly holdS: number;
  readonly clearS: number;
  readonly cooldownS: number;
  /** Figures of the alarm when there are so many. */
  readonly measure: (count: number) => Measures;
}

export class ZoneLevel {
  readonly #options: ZoneLevelOptions;
  readonly #blind = new BlindTime();
  #members: ZoneMembers;
  readonly #lasting: Lasting;
  readonly #alarm: SingleAlarm;
  #count = 0;
  #toldCount = 0;

  constructor(options: ZoneLevelOptions) {
    this.#options = options;
    this.#members = new ZoneMembers(options.zone);
    this.#lasting = new Lasting(options.holdS * 1000);
    this.#alarm = new SingleAlarm(options);
  }

  /** Figures of the last frame. */
  counts(): Measures {
    return this.#options.measure(this.#count);
  }

  evaluate({ at, aspect, objects }: Scene): readonly AlarmSignal[] {
    if (this.#blind.step(at) > 0) {
      this.#alarm.hold(at);
    }
    const counted = objects.filter((object) => passes(object, this.#options));
    const members = this.#members.observe(counted, at, aspect);
    this.#count = members.length;
    const reachedAt = this.#reachedAt(members);
    const since = this.#lasting.observe(reachedAt !== undefined, at, this.#reachedFrom(members));
    if (reachedAt === undefined || !this.#isDue(since, reachedAt)) {
      return this.#ended(this.#alarm.tick(at));
    }
    const signals = this.#alarm.see(this.#alarm.isOpen ? reachedAt : at, {
      onset: since ?? at,
      measures: this.counts(),
      isNews: this.#count >= Math.max(this.#toldCount + 2, this.#toldCount * CLEARLY_MORE),
      object: {
        label: (members[0] as Member).object.label,
        box: boxAround(members.map(({ object }) => object.box)),
      },
    });
    if (signals.length > 0) {
      this.#toldCount = this.#count;
    }
    return signals;
  }

  end(at: EpochMs): readonly AlarmSignal[] {
    this.#members = new ZoneMembers(this.#options.zone);
    this.#lasting.reset();
    return this.#alarm.end(at);
  }

  /** When so many had been seen: who is only unseen still counts, but may have left since. */
  #reachedAt(members: readonly Member[]): EpochMs | undefined {
    const times = members.map(({ lastSeen }) => lastSeen).sort((a, b) => b - a);
    return times[this.#options.limit - 1];
  }

  /** Since when so many of them are there. */
  #reachedFrom(members: readonly Member[]): EpochMs | undefined {
    const times = members.map(({ since }) => since).sort((a, b) => a - b);
    return times[this.#options.limit - 1];
  }

  #isDue(since: EpochMs | undefined, reachedAt: EpochMs): boolean {
    return (
      this.#alarm.isOpen || (since !== undefined && reachedAt - since >= this.#options.holdS * 1000)
    );
  }

  /** The next alarm has to last anew. */
  #ended(signals: readonly AlarmSignal[]): readonly AlarmSignal[] {
    if (signals.length > 0) {
      this.#lasting.reset();
    }
    return signals;
  }
}
