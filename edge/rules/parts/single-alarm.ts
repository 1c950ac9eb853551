/**
 * One alarm at a time for a rule whose cause lasts: it begins when the cause is told, says what is
 * new, at most every ten seconds, ends when the cause has been away for the clear time, and is then
 * silent for the cool-down.
 */
import type { EpochMs } from "../../../protocol/index.ts";
import type { AlarmSignal, AlarmSubject, Measures } from "../rule.ts";

/** An operator reads no faster; the brain stores every update. */
const UPDATE_MS = 10_000;

export interface Cause {
  /** First frame of it; only the one that begins the alarm counts. */
  readonly onset: EpochMs;
  readonly object?: AlarmSubject;
  readonly measures?: Measures;
  /** More than the alarm has said so far, such as another person. */
  readonly isNews?: boolean;
}

interface Open {
  readonly key: number;
  lastSeen: EpochMs;
  /** Since when the cause may be away. */
  clearFrom: EpochMs;
  /** Last update; what is new after the beginning need not wait. */
  saidAt: EpochMs;
  hasNews: boolean;
}

export class SingleAlarm {
  readonly #clearMs: number;
  readonly #cooldownMs: number;
  #open: Open | undefined;
  #silentUntil: EpochMs = -Infinity;
  #nextKey = 1;

  constructor(options: { readonly clearS: number; readonly cooldownS: number }) {
    this.#clearMs = options.clearS * 1000;
    this.#cooldownMs = options.cooldownS * 1000;
  }

  get isOpen(): boolean {
    return this.#open !== undefined;
  }

  /** The cause is there in this frame; news waits for the next update if one has just been given. */
  see(at: EpochMs, { onset, object, measures, isNews = false }: Cause): readonly AlarmSignal[] {
    const facts = {
      ...(object === undefined ? {} : { object }),
      ...(measures === undefined ? {} : { measures }),
    };
    const open = this.#open;
    if (open === undefined) {
      if (at < this.#silentUntil) {
        return [];
      }
      const key = this.#nextKey++;
      this.#open = { key, lastSeen: at, clearFrom: at, saidAt: -Infinity, hasNews: false };
      return [{ kind: "begin", key, onset, ...facts }];
    }
    open.lastSeen = at;
    open.clearFrom = at;
    open.hasNews ||= isNews;
    if (!open.hasNews || at - open.saidAt < UPDATE_MS) {
      return [];
    }
    open.saidAt = at;
    open.hasNews = false;
    return [{ kind: "update", key: open.key, ...facts }];
  }

  /** Whether the cause is there cannot be told now: the clear time begins anew. */
  hold(at: EpochMs): void {
    if (this.#open !== undefined) {
      this.#open.clearFrom = at;
    }
  }

  /** Time has come to `at`; gives the end when the cause has been away long enough. */
  tick(at: EpochMs): readonly AlarmSignal[] {
    const open = this.#open;
    return open !== undefined && at - open.clearFrom >= this.#clearMs ? this.end(at) : [];
  }

  /** Ends the alarm now. */
  end(at: EpochMs): readonly AlarmSignal[] {
    const open = this.#open;
    if (open === undefined) {
      return [];
    }
    this.#open = undefined;
    this.#silentUntil = at + this.#cooldownMs;
    return [{ kind: "end", key: open.key, endedAt: open.lastSeen }];
  }
}
