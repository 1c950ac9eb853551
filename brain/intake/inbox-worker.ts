/** Keeps working off the inbox: woken by every commit of intake, by a job and by the reconciler. */
import type { Kysely, Transaction } from "kysely";
import { AppError, type Clock, PermanentError, TransientError } from "../../protocol/index.ts";
import {
  createPace,
  isConnectionLoss,
  type Log,
  type Schema,
  transaction,
} from "../store/index.ts";
import type { InboxDepth } from "./inbox-depth.ts";
import { quarantine } from "./quarantine.ts";
import { type WorkedOff, type WorkOffInput, workOff } from "./work-off.ts";

/** Events per transaction: large enough to share the commit, short enough to hold the lock. */
const BATCH = 300;
/** The first batch starts at once; what comes soon after gathers: most of its cost is fixed. */
const GAP_MS = 25;
/** Pause after a failure of the database. */
const PAUSE_MS = 500;
/** An event that fails alone this often is set aside, so that it cannot stop the others. */
const MAX_FAILURES = 3;

export interface InboxWorkerInput extends Omit<WorkOffInput, "now"> {
  readonly db: Kysely<Schema>;
  readonly clock: Clock;
  readonly log: Log;
  readonly depth: InboxDepth;
  /** Called after the commit with the endpoints that have something new to receive. */
  readonly onDeliveries: (endpointIds: readonly string[]) => void;
}

export interface InboxWorker {
  /** Work off what is there, now. */
  wake(): void;
  /** Corrects the depth by a count, and wakes the worker where something waits. */
  reconcile(): Promise<void>;
  /** Runs until the signal is aborted. */
  run(signal: AbortSignal): Promise<void>;
}

export function createInboxWorker(input: InboxWorkerInput): InboxWorker {
  let wakeUp: (() => void) | undefined;
  let pending = true;
  const wake = (): void => {
    pending = true;
    wakeUp?.();
  };
  const untilWoken = (signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      const done = (): void => {
        wakeUp = undefined;
        signal.removeEventListener("abort", done);
        resolve();
      };
      wakeUp = done;
      signal.addEventListener("abort", done, { once: true });
    });
  return {
    wake,
    reconcile: async () => {
      const waiting = await countInbox(input.db);
      input.depth.set(waiting);
      if (waiting > 0) {
        wake();
      }
    },
    run: async (signal) => {
      const pace = createPace(input.clock, GAP_MS);
      while (!signal.aborted) {
        if (!pending) {
          await untilWoken(signal);
          continue;
        }
        await pace(signal);
        pending = false;
        await drain(input, signal);
      }
    },
  };
}

async function countInbox(db: Kysely<Schema>): Promise<number> {
  const { count } = await db
    .selectFrom("inbox")
    .select((eb) => eb.fn.countAll<number>().as("count"))
    .executeTakeFirstOrThrow();
  return count;
}

async function drain(input: InboxWorkerInput, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      const done = await workBatch(input, BATCH);
      if (done.events < BATCH) {
        return;
      }
    } catch (error) {
      if (isTransient(error)) {
        input.log.warn({ reason: reasonOf(error) }, "correlation waits for the database");
        await input.clock.wait(PAUSE_MS, signal).catch(() => undefined);
      } else {
        input.log.error({ err: error }, "a batch of events cannot be correlated; one by one now");
        await isolate(input, signal).catch((reason: unknown) => {
          input.log.warn({ reason: reasonOf(reason) }, "events cannot be set aside yet");
          return input.clock.wait(PAUSE_MS, signal).catch(() => undefined);
        });
      }
    }
  }
}

async function workBatch(
  input: InboxWorkerInput,
  limit: number,
  only?: number,
): Promise<WorkedOff> {
  const now = input.clock.now();
  const done = await transaction(input.db, (tx) => workOff(tx, { ...input, now }, limit, only), {
    clock: input.clock,
  });
  input.depth.add(-done.events);
  if (done.endpointIds.length > 0) {
    input.onDeliveries(done.endpointIds);
  }
  return done;
}

/** Finds the event that breaks its batch, and sets it aside where a person can see it. */
async function isolate(input: InboxWorkerInput, signal: AbortSignal): Promise<void> {
  const rows = await input.db
    .selectFrom("inbox")
    .select(["position", "failures"])
    .orderBy("position")
    .limit(BATCH)
    .execute();
  for (const { position, failures } of rows) {
    if (signal.aborted) {
      return;
    }
    try {
      await workBatch(input, 1, position);
    } catch (error) {
      if (isTransient(error)) {
        return;
      }
      if (failures + 1 < MAX_FAILURES) {
        await input.db
          .updateTable("inbox")
          .set({ failures: failures + 1 })
          .where("position", "=", position)
          .execute();
      } else {
        await setAside(input, position, error);
      }
    }
  }
}

async function setAside(input: InboxWorkerInput, position: number, cause: unknown): Promise<void> {
  const now = input.clock.now();
  const work = async (tx: Transaction<Schema>): Promise<void> => {
    const row = await tx
      .selectFrom("inbox")
      .innerJoin("event", "event.id", "inbox.event_id")
      .select(["event.id", "event.node_id", "event.body"])
      .where("inbox.position", "=", position)
      .executeTakeFirst();
    if (row !== undefined) {
      await quarantine(tx, row.node_id, [asideEntry(row.id, row.body, cause)], now);
      await tx.deleteFrom("inbox").where("position", "=", position).execute();
    }
  };
  await transaction(input.db, work, { clock: input.clock });
  input.depth.add(-1);
  input.log.error({ position, err: cause }, "an event cannot be correlated and was set aside");
}

function asideEntry(eventId: string, body: unknown, cause: unknown) {
  const error =
    cause instanceof AppError
      ? cause
      : new PermanentError("INTERNAL", "The event cannot be correlated", { where: eventId }, cause);
  return { eventId, error, body: JSON.stringify(body) };
}

function isTransient(error: unknown): boolean {
  return error instanceof TransientError || isConnectionLoss(error);
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
