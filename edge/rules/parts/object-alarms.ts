/**
 * Alarms of which several may be open at once, each about one thing at one place: begin, updates
 * that grow rarer, end. The cool-down silences the place where an alarm has ended, not the others.
 */
import { iou, type BoxNorm, type EpochMs } from "../../../protocol/index.ts";
import type { AlarmSignal, AlarmSubject, Measures } from "../rule.ts";

/** An alarm is told again no sooner than this, and each time after twice the time before. */
const FIRST_UPDATE_MS = 10_000;
/** What overlaps this much is at the same place. */
const SAME_PLACE = 0.3;
/** More places than this are not remembered; the oldest are forgotten. */
const MAX_SILENT = 64;

export interface ObjectAlarm {
  readonly key: number;
  box: BoxNorm;
  readonly onset: EpochMs;
  updateAt: EpochMs;
}

export interface ObjectFacts {
  readonly object: AlarmSubject;
  readonly box: BoxNorm;
  readonly measures: Measures;
}

export class ObjectAlarms {
  readonly #cooldownMs: number;
  #silent: { readonly box: BoxNorm; readonly until: EpochMs }[] = [];
  #nextKey = 1;

  constructor(cooldownS: number) {
    this.#cooldownMs = cooldownS * 1000;
  }

  /** `undefined` while the place is silent. */
  begin(
    at: EpochMs,
    onset: EpochMs,
    { object, box, measures }: ObjectFacts,
  ): { readonly alarm: ObjectAlarm; readonly signal: AlarmSignal } | undefined {
    this.#silent = this.#silent.filter(({ until }) => at < until);
    if (this.#silent.some((one) => iou(one.box, box) >= SAME_PLACE)) {
      return undefined;
    }
    const alarm = { key: this.#nextKey++, box, onset, updateAt: nextUpdate(at, onset) };
    return { alarm, signal: { kind: "begin", key: alarm.key, onset, object, measures } };
  }

  /** The cause goes on; told again each time that it has lasted twice as long. */
  go(
    at: EpochMs,
    alarm: ObjectAlarm,
    { object, box, measures }: ObjectFacts,
  ): readonly AlarmSignal[] {
    alarm.box = box;
    if (at < alarm.updateAt) {
      return [];
    }
    alarm.updateAt = nextUpdate(at, alarm.onset);
    return [{ kind: "update", key: alarm.key, object, measures }];
  }

  end(at: EpochMs, alarm: ObjectAlarm, endedAt: EpochMs): AlarmSignal {
    this.#silent.push({ box: alarm.box, until: at + this.#cooldownMs });
    this.#silent = this.#silent.slice(-MAX_SILENT);
    return { kind: "end", key: alarm.key, endedAt };
  }
}

function nextUpdate(at: EpochMs, onset: EpochMs): EpochMs {
  return at + Math.max(FIRST_UPDATE_MS, at - onset);
}
