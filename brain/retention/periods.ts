/** Periods of retention in milliseconds, made from the configuration. */
import type { BrainConfig } from "../../config/index.ts";
import { RATING_MS } from "../../protocol/index.ts";

export type RetentionConfig = BrainConfig["retention"];

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

export interface Periods {
  /** Pictures of no camera of the directory, days: the database counts them. */
  readonly evidenceDays: number;
  readonly orphanMs: number;
  readonly snapshotMs: number;
  readonly streamMs: number;
  readonly alarmMs: number;
  readonly stormMs: number;
  readonly attemptMs: number;
  readonly commandMs: number;
  readonly silenceMs: number;
  readonly quarantineMs: number;
  readonly sessionMs: number;
  readonly contactMs: number;
  /** A closed case may be rated and reopened so long. */
  readonly ratingMs: number;
}

/**
 * An alarm and a storm are known for longer than an event may be late: otherwise a late event would
 * open its incident anew.
 */
export function periodsOf(config: RetentionConfig, maxEventAgeH: number): Periods {
  const whileLate = (days: number): number =>
    Math.max(days * DAY_MS, maxEventAgeH * HOUR_MS + DAY_MS);
  return {
    evidenceDays: config.evidenceDays,
    orphanMs: config.orphanH * HOUR_MS,
    snapshotMs: config.snapshotH * HOUR_MS,
    streamMs: config.streamDays * DAY_MS,
    alarmMs: whileLate(config.alarmDays),
    stormMs: whileLate(config.stormDays),
    attemptMs: config.attemptDays * DAY_MS,
    commandMs: config.commandDays * DAY_MS,
    silenceMs: config.silenceDays * DAY_MS,
    quarantineMs: config.quarantineDays * DAY_MS,
    sessionMs: config.sessionDays * DAY_MS,
    contactMs: config.contactDays * DAY_MS,
    ratingMs: RATING_MS,
  };
}
