/**
 * Group commit: batches that arrive while a commit is under way share the next one, because what
 * a transaction costs (its round trips, its flush to the disk) is the same for one and for many.
 */
import type { Kysely } from "kysely";
import { type Clock, PermanentError, TransientError } from "../../protocol/index.ts";
import { type Schema, sqlState } from "../store/index.ts";
import { type AcceptedBatch, acceptBatches, type SentBatch } from "./accept-batch.ts";
import { type CheckedEvent, isRefused, type RefusedEvent } from "./event-check.ts";

/** One builds its statement while the other's is in the database. */
const WRITERS = 2;
/** Events of one transaction, unless one batch alone holds more; a larger group gains nothing. */
const GROUP_EVENTS = 1_000;
/** Between two starts: the first goes at once, what follows closely gathers. */
const GAP_MS = 8;
/** So many do not wait for more. */
const ENOUGH_EVENTS = 200;

export interface BatchWriterInput {
  readonly db: Kysely<Schema>;
  readonly clock: Clock;
  /** Called after each commit that brought something new. */
  readonly onAccepted: (events: number) => void;
}

export interface BatchWriter {
  /** Events that wait for their commit or are in it. */
  waiting(): number;
  /**
   * Resolves when the batch is durable. Nothing bounds the queue here: ask `waiting` first.
   *
   * @throws TransientError DATABASE_UNAVAILABLE; the batch may be sent again then.
   */
  write(batch: SentBatch): Promise<AcceptedBatch>;
}

interface Waiting {
  readonly batch: SentBatch;
  readonly resolve: (answer: AcceptedBatch) => void;
  readonly reject: (reason: unknown) => void;
}

export function createBatchWriter(input: BatchWriterInput): BatchWriter {
  const queue: Waiting[] = [];
  let writing = 0;
  let waiting = 0;
  let startedAtMs = Number.NEGATIVE_INFINITY;
  let isGathering = false;
  const writeGroup = async (group: readonly Waiting[]): Promise<void> => {
    const settled = await writeApart(
      input,
      group.map(({ batch }) => batch),
    );
    settled.forEach((outcome, index) => {
      const { batch, resolve, reject } = group[index] as Waiting;
      waiting -= batch.items.length;
      if ("error" in outcome) {
        reject(outcome.error);
      } else {
        resolve(outcome);
      }
    });
  };
  const gathers = (): boolean => {
    const leftMs = startedAtMs + GAP_MS - performance.now();
    if (leftMs < 1 || waiting >= ENOUGH_EVENTS) {
      return false;
    }
    if (!isGathering) {
      isGathering = true;
      void input.clock.wait(leftMs).then(() => {
        isGathering = false;
        start();
      });
    }
    return true;
  };
  const start = (): void => {
    while (writing < WRITERS && queue.length > 0 && !gathers()) {
      writing += 1;
      startedAtMs = performance.now();
      void writeGroup(takeGroup(queue)).finally(() => {
        writing -= 1;
        start();
      });
    }
  };
  return {
    waiting: () => waiting,
    write: (batch) =>
      new Promise((resolve, reject) => {
        waiting += batch.items.length;
        queue.push({ batch, resolve, reject });
        start();
      }),
  };
}

function takeGroup(queue: Waiting[]): Waiting[] {
  let events = 0;
  let end = 0;
  for (const { batch } of queue) {
    events += batch.items.length;
    if (end > 0 && events > GROUP_EVENTS) {
      break;
    }
    end += 1;
  }
  return queue.splice(0, end);
}

type Outcome = AcceptedBatch | { readonly error: unknown };

/** Never rejects. What the database cannot keep is looked for, so that its neighbours are kept. */
async function writeApart(
  input: BatchWriterInput,
  batches: readonly SentBatch[],
): Promise<Outcome[]> {
  try {
    const answers = await acceptBatches(input.db, batches, input.clock);
    const events = answers.reduce((sum, { acceptedCount }) => sum + acceptedCount, 0);
    if (events > 0) {
      input.onAccepted(events);
    }
    return answers;
  } catch (error) {
    if (!isAboutData(error)) {
      return batches.map(() => ({ error: asTransient(error) }));
    }
    if (batches.length === 1) {
      return [await writeOneByOne(input, batches[0] as SentBatch, error)];
    }
    const outcomes: Outcome[] = [];
    for (const batch of batches) {
      outcomes.push(...(await writeApart(input, [batch])));
    }
    return outcomes;
  }
}

async function writeOneByOne(
  input: BatchWriterInput,
  { nodeId, items }: SentBatch,
  cause: unknown,
): Promise<Outcome> {
  const [only] = items;
  if (items.length === 1 && only !== undefined) {
    return isRefused(only) ? { error: cause } : writeRefused(input, nodeId, only, cause);
  }
  const answers: AcceptedBatch[] = [];
  for (const item of items) {
    const [outcome] = await writeApart(input, [{ nodeId, items: [item] }]);
    if (outcome === undefined || "error" in outcome) {
      return outcome ?? { error: cause };
    }
    answers.push(outcome);
  }
  return {
    results: answers.flatMap(({ results }) => results),
    acceptedCount: answers.reduce((sum, { acceptedCount }) => sum + acceptedCount, 0),
  };
}

/** No check foresaw it, but the database said no to this event alone. */
async function writeRefused(
  input: BatchWriterInput,
  nodeId: string,
  item: CheckedEvent,
  cause: unknown,
): Promise<Outcome> {
  const error = new PermanentError(
    "EVENT_INVALID",
    "The event cannot be kept",
    { where: item.answerId, got: (cause as Error).message.slice(0, 200) },
    cause,
  );
  const refused: RefusedEvent = { id: item.answerId, error, excerpt: item.body.toString() };
  const [outcome] = await writeApart(input, [{ nodeId, items: [refused] }]);
  return outcome ?? { error: cause };
}

/** Class 22: a value that does not fit; class 23: a constraint. */
function isAboutData(error: unknown): boolean {
  return /^2[23]/.test(sqlState(error));
}

/** Whatever else PostgreSQL says (disk full, read-only, cancelled) is no fault of the events. */
function asTransient(error: unknown): unknown {
  return sqlState(error).length === 5 && !(error instanceof TransientError)
    ? new TransientError(
        "DATABASE_UNAVAILABLE",
        "The database did not take the events",
        { got: (error as Error).message.slice(0, 200) },
        error,
      )
    : error;
}
