/** T1: batches become durable together, and every event gets its answer. */
import type { Kysely, Transaction } from "kysely";
import {
  type AppError,
  type Clock,
  type EpochMs,
  type EventResult,
  PermanentError,
  toProblem,
} from "../../protocol/index.ts";
import { atOnce, type Schema, transaction } from "../store/index.ts";
import { canonicalJson } from "./canonical.ts";
import { type CheckedEvent, isRefused, type RefusedEvent } from "./event-check.ts";
import { quarantine, type QuarantineEntry } from "./quarantine.ts";
import { type KnownBody, readKnown, writeEvents } from "./write-events.ts";

/** What one request brought. */
export interface SentBatch {
  readonly nodeId: string;
  readonly items: readonly (CheckedEvent | RefusedEvent)[];
}

export interface AcceptedBatch {
  readonly results: EventResult[];
  readonly acceptedCount: number;
}

/**
 * Sending again is always safe when this throws: an event that was accepted before with an equal
 * body is a duplicate, whatever the order of its keys; with another body it is a conflict. One
 * answer per batch, in their order.
 */
export async function acceptBatches(
  db: Kysely<Schema>,
  batches: readonly SentBatch[],
  clock: Clock,
): Promise<AcceptedBatch[]> {
  const now = clock.now();
  const first = firstOfEachId(batches);
  const events = [...first.values()];
  // Each its own commit: all that is new costs one round trip, and few batches bring anything else.
  const inserted = await atOnce(db, (own) => writeEvents(own, events, now), { clock });
  const rest = events.filter(({ id }) => !inserted.has(id));
  const known = await atOnce(db, (own) => readKnown(own, rest), { clock });
  const { answers, refused } = judgeAll(batches, first, known);
  if (refused.size > 0) {
    await transaction(db, (tx) => quarantineAll(tx, refused, now), { clock });
  }
  return answers;
}

/** The same in the caller's transaction. */
export async function acceptIn(
  tx: Transaction<Schema>,
  batches: readonly SentBatch[],
  now: EpochMs,
): Promise<AcceptedBatch[]> {
  const first = firstOfEachId(batches);
  const events = [...first.values()];
  const inserted = await writeEvents(tx, events, now);
  const known = await readKnown(
    tx,
    events.filter(({ id }) => !inserted.has(id)),
  );
  const { answers, refused } = judgeAll(batches, first, known);
  await quarantineAll(tx, refused, now);
  return answers;
}

type RefusedByNode = ReadonlyMap<string, readonly QuarantineEntry[]>;

function judgeAll(
  batches: readonly SentBatch[],
  first: ReadonlyMap<string, CheckedEvent>,
  known: ReadonlyMap<string, KnownBody>,
): { readonly answers: AcceptedBatch[]; readonly refused: RefusedByNode } {
  const answers: AcceptedBatch[] = [];
  const refused = new Map<string, QuarantineEntry[]>();
  for (const { nodeId, items } of batches) {
    const judged = items.map((item) => judge(item, first, known));
    answers.push({
      results: judged.map(({ result }) => result),
      acceptedCount: judged.filter(({ result }) => result.outcome === "accepted").length,
    });
    const entries = judged.flatMap(({ entry }) => entry ?? []);
    if (entries.length > 0) {
      refused.set(nodeId, [...(refused.get(nodeId) ?? []), ...entries]);
    }
  }
  return { answers, refused };
}

async function quarantineAll(
  tx: Transaction<Schema>,
  refused: RefusedByNode,
  now: EpochMs,
): Promise<void> {
  for (const [nodeId, entries] of refused) {
    await quarantine(tx, nodeId, entries, now);
  }
}

function firstOfEachId(batches: readonly SentBatch[]): Map<string, CheckedEvent> {
  const first = new Map<string, CheckedEvent>();
  for (const { items } of batches) {
    for (const item of items) {
      if (!isRefused(item) && !first.has(item.id)) {
        first.set(item.id, item);
      }
    }
  }
  return first;
}

interface Judged {
  readonly result: EventResult;
  /** For quarantine. */
  readonly entry?: QuarantineEntry;
}

function judge(
  item: CheckedEvent | RefusedEvent,
  first: ReadonlyMap<string, CheckedEvent>,
  known: ReadonlyMap<string, KnownBody>,
): Judged {
  if (isRefused(item)) {
    const entry = { eventId: item.id, error: item.error, body: item.excerpt };
    return { result: rejected(item.id, item.error), entry };
  }
  const { id } = item;
  const stored = known.get(id);
  if (stored === undefined && first.get(id) === item) {
    return { result: { id: item.answerId, outcome: "accepted" } };
  }
  if (isSameBody(item, stored ?? (first.get(id) as CheckedEvent))) {
    return { result: { id: item.answerId, outcome: "duplicate" } };
  }
  const error = conflictOf(item);
  const entry = { eventId: id, error, body: item.body.toString() };
  return { result: rejected(item.answerId, error), entry };
}

/** Keys written in another order make another hash; only then is it worth to sort them. */
function isSameBody(item: CheckedEvent, stored: KnownBody): boolean {
  return item.bodyHash === stored.bodyHash || canonicalOf(stored.body) === canonicalOf(item.body);
}

function canonicalOf(body: Buffer | string): string {
  return canonicalJson(JSON.parse(body.toString()));
}

function rejected(id: string | null, error: AppError): EventResult {
  return { id, outcome: "rejected", problem: toProblem(error) };
}

function conflictOf(item: CheckedEvent): PermanentError {
  return new PermanentError("EVENT_CONFLICT", "An event with this id and another body is known", {
    where: item.answerId,
    expected: "the body that was accepted before, or a new id",
    got: `a body with SHA-256 ${item.bodyHash.slice(0, 16)}…`,
  });
}
