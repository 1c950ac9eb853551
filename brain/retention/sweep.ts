/** One kind of thing that is forgotten, in steps that are small and each complete by itself. */
import type { Kysely } from "kysely";
import type { EpochMs } from "../../protocol/index.ts";
import type { Schema } from "../store/index.ts";
import type { Periods } from "./periods.ts";

export interface SweepContext {
  readonly db: Kysely<Schema>;
  readonly periods: Periods;
  /** Of the whole run, so that its steps agree. */
  readonly now: EpochMs;
  /** Most rows or files of one step. */
  readonly limit: number;
}

/** Where a step ended, for the next one; its meaning is the sweep's own. */
export type Cursor = readonly string[];

export interface Step {
  readonly removed: number;
  /** Undefined when nothing is left to look at in this run. */
  readonly next: Cursor | undefined;
}

export interface Sweep {
  /** As audit, metrics and log name it. */
  readonly name: SweepName;
  /** A step that is cut off leaves everything or nothing of its rows; the next run goes on. */
  step(context: SweepContext, after: Cursor): Promise<Step>;
}

export const SWEEP_NAMES = [
  "camera-snapshots",
  "pictures",
  "picture-files",
  "stray-files",
  "contacts",
  "stream",
  "alarms",
  "storm-slots",
  "attempts",
  "command-keys",
  "silences",
  "quarantine",
  "sessions",
  "invitations",
  "sign-in-attempts",
  "orders",
] as const;
export type SweepName = (typeof SWEEP_NAMES)[number];

/** Rows removed by each sweep. */
export type Removed = Readonly<Record<SweepName, number>>;

/** A full page may not be the last one. */
export function pageOf(removed: number, limit: number): Step {
  return { removed, next: removed < limit ? undefined : [] };
}
