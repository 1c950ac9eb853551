/**
 * Fires timers when they are due. PostgreSQL holds them; this process only knows when to look
 * again. Any number of replicas may run it; one that dies leaves leases that soon run out.
 */
import { type EpochMs, TransientError } from "../../protocol/index.ts";
import { isConnectionLoss } from "../store/index.ts";
import { claimTimers, nextDue } from "./claim-timers.ts";
import type { CaseworkInput } from "./deps.ts";
import { fireTimers } from "./fire-timers.ts";
import { armForgotten } from "./sweep.ts";

export interface TimerWorkerInput extends CaseworkInput {
  readonly newToken: () => string;
  /** Called with how late timers took effect, their commit included, ms. */
  readonly observe?: (lagsMs: readonly number[]) => void;
}

export interface TimerWorker {
  /** Fires until the signal is aborted; what is in hand is finished. */
  run(signal: AbortSignal): Promise<void>;
}

/** Enough for the fixed cost of a transaction to vanish, few enough to hold the lock shortly. */
const BATCH = 250;
/**
 * A dead replica's timers must fire within 3 s: they are free after the lease, and found at the
 * next look. Much shorter, and replicas that wait for the lock of cases would take each other's.
 */
const LEASE_MS = 1_500;
const LOOK_MS = 250;
const PAUSE_MS = 200;
const ARM_MS = 1_000;

export function createTimerWorker(input: TimerWorkerInput): TimerWorker {
  const { clock, log } = input;
  const guarded = async (work: () => Promise<void>, signal: AbortSignal): Promise<void> => {
    try {
      await work();
    } catch (error) {
      if (error instanceof TransientError || isConnectionLoss(error)) {
        log.warn({ reason: String(error) }, "timers wait for the database");
      } else {
        log.error({ err: error }, "timers could not be fired");
      }
      await clock.wait(PAUSE_MS, signal).catch(() => undefined);
    }
  };
  return {
    run: async (signal) => {
      const arming = armForEver(input, signal, guarded);
      while (!signal.aborted) {
        await guarded(async () => {
          if (!(await fireBatch(input))) {
            await clock.wait(await untilNext(input), signal).catch(() => undefined);
          }
        }, signal);
      }
      await arming;
    },
  };
}

async function armForEver(
  input: CaseworkInput,
  signal: AbortSignal,
  guarded: (work: () => Promise<void>, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  while (!signal.aborted) {
    await guarded(async () => {
      while (!signal.aborted && (await armForgotten(input)) > 0) {
        // More may wait.
      }
    }, signal);
    await input.clock.wait(ARM_MS, signal).catch(() => undefined);
  }
}

/** @returns whether there may be more at once. */
async function fireBatch(input: TimerWorkerInput): Promise<boolean> {
  const token = input.newToken();
  const now = input.clock.now();
  const claim = await claimTimers(input.db, { now, limit: BATCH, leaseMs: LEASE_MS, token });
  if (claim.timers.length === 0) {
    return false;
  }
  const fired = await fireTimers(input, claim);
  const done = input.clock.now();
  input.observe?.(fired.dueAt.map((dueAt) => done - dueAt));
  if (fired.endpointIds.length > 0) {
    input.onDeliveries(fired.endpointIds);
  }
  return true;
}

async function untilNext({ db, clock }: CaseworkInput): Promise<EpochMs> {
  const now = clock.now();
  const next = await nextDue(db, now);
  return Math.min(LOOK_MS, Math.max(1, (next ?? Infinity) - now));
}
