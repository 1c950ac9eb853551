/**
 * Forgets once in a while, one replica at a time: small steps, each complete by itself, so that
 * intake is not held up and a run that is killed goes on with the next one.
 */
import { type Kysely, sql } from "kysely";
import type { Clock } from "../../protocol/index.ts";
import { appendAudit } from "../audit/index.ts";
import type { Log, Schema } from "../store/index.ts";
import { checkPictures, countDamaged } from "./check-pictures.ts";
import { periodsOf, type RetentionConfig } from "./periods.ts";
import { type PictureFiles, pictureSweeps } from "./picture-sweeps.ts";
import { ROW_SWEEPS } from "./row-sweeps.ts";
import {
  type Cursor,
  type Removed,
  type Sweep,
  SWEEP_NAMES,
  type SweepContext,
  type SweepName,
} from "./sweep.ts";

export interface RetentionInput {
  readonly db: Kysely<Schema>;
  readonly clock: Clock;
  readonly log: Log;
  readonly files: PictureFiles;
  readonly config: RetentionConfig;
  /** Events older than this are refused, h. */
  readonly maxEventAgeH: number;
  readonly observe: (run: RetentionRun) => void;
}

export interface RetentionRun {
  readonly removed: Removed;
  /** Pictures whose bytes are missing or wrong, in all. */
  readonly damaged: number;
  /** Pictures that this run found so. */
  readonly found: number;
  /** False where the run was cut off or a sweep failed; the next one goes on. */
  readonly complete: boolean;
}

export interface Retention {
  /** Runs every `everyMin` until the signal is aborted; a step in hand is finished. */
  run(signal: AbortSignal): Promise<void>;
  /** One run; undefined where another replica is at it. */
  once(signal: AbortSignal): Promise<RetentionRun | undefined>;
}

/** Any fixed number; who forgets holds this lock for the whole run. */
const LOCK = 7_351_003;
/** Between steps, so that others get their turn at the disk, ms. */
const PAUSE_MS = 20;
/** A brain that has just started has better things to do, ms. */
const FIRST_AFTER_MS = 60_000;

export function createRetention(input: RetentionInput): Retention {
  const { db, clock, log, config, files } = input;
  const sweeps = [...pictureSweeps(files, clock), ...ROW_SWEEPS];
  const once: Retention["once"] = (signal) =>
    db.connection().execute(async (holder) => {
      const { rows } = await sql<{ held: boolean }>`
        select pg_try_advisory_lock(${sql.lit(LOCK)}) as held`.execute(holder);
      if (rows[0]?.held !== true) {
        return undefined;
      }
      try {
        return await runAll(input, sweeps, signal);
      } finally {
        await sql`select pg_advisory_unlock(${sql.lit(LOCK)})`.execute(holder);
      }
    });
  return {
    once,
    run: async (signal) => {
      await clock.wait(FIRST_AFTER_MS, signal).catch(() => undefined);
      while (!signal.aborted) {
        await once(signal).catch((error: unknown) => {
          log.warn({ reason: (error as Error).message }, "retention goes on later");
        });
        await clock.wait(config.everyMin * 60_000, signal).catch(() => undefined);
      }
    },
  };
}

async function runAll(
  input: RetentionInput,
  sweeps: readonly Sweep[],
  signal: AbortSignal,
): Promise<RetentionRun> {
  const { db, clock, log, config } = input;
  const context: SweepContext = {
    db,
    periods: periodsOf(config, input.maxEventAgeH),
    now: clock.now(),
    limit: config.batch,
  };
  const removed = Object.fromEntries(SWEEP_NAMES.map((name) => [name, 0])) as Record<
    SweepName,
    number
  >;
  let complete = true;
  for (const sweep of sweeps) {
    try {
      removed[sweep.name] = await runSweep(sweep, context, clock, signal);
    } catch (error) {
      // One kind that cannot be forgotten must not keep the others.
      complete = false;
      log.warn({ sweep: sweep.name, reason: (error as Error).message }, "a sweep failed");
    }
  }
  const found = signal.aborted ? 0 : await checkPictures(input, config.checkPerRun, signal);
  complete &&= !signal.aborted;
  const run = { removed, found, complete, damaged: await countDamaged(db) };
  await record(input, run);
  input.observe(run);
  return run;
}

async function runSweep(
  sweep: Sweep,
  context: SweepContext,
  clock: Clock,
  signal: AbortSignal,
): Promise<number> {
  let removed = 0;
  let next: Cursor | undefined = [];
  while (next !== undefined && !signal.aborted) {
    const step = await sweep.step(context, next);
    removed += step.removed;
    next = step.next;
    if (next !== undefined) {
      await clock.wait(PAUSE_MS, signal).catch(() => undefined);
    }
  }
  return removed;
}

async function record({ db, clock, log }: RetentionInput, run: RetentionRun): Promise<void> {
  const { removed, damaged, found, complete } = run;
  const facts = { ...removed, damaged, found, complete };
  const at = clock.now();
  await appendAudit(db, [
    { at, actor: "system", action: "retention.run", subject: "retention", facts },
  ]);
  if (found > 0) {
    log.error({ found, damaged }, "evidence is damaged: bytes are missing or wrong");
  }
  if (Object.values(removed).some((count) => count > 0)) {
    log.info(removed, "retention has removed what was past its time");
  }
}
