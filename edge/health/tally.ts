/**
 * Failures that may come with every frame: the first of a kind is logged at once, the rest is
 * counted and told once a minute, so that a bad camera cannot flood the log.
 */
import type { AppError, Clock, EpochMs } from "../../protocol/index.ts";

const QUIET_MS = 60_000;

interface Entry {
  toldAt: EpochMs;
  untold: number;
}

export interface TallyLog {
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
}

export class Tally {
  readonly #entries = new Map<string, Entry>();
  readonly #clock: Clock;
  readonly #log: TallyLog;

  constructor(clock: Clock, log: TallyLog) {
    this.#clock = clock;
    this.#log = log;
  }

  add(camera: string, error: AppError): void {
    const key = `${camera} ${error.code}`;
    const now = this.#clock.now();
    const entry = this.#entries.get(key);
    if (entry !== undefined && now - entry.toldAt < QUIET_MS) {
      entry.untold++;
      return;
    }
    const times = (entry?.untold ?? 0) + 1;
    this.#entries.set(key, { toldAt: now, untold: 0 });
    this.#log.warn({ camera, code: error.code, times }, error.message);
  }
}
