/** T1: a batch becomes durable in one transaction, and every event gets its answer. */
import type { Kysely, Transaction } from "kysely";
import {
  type AppError,
  type Clock,
  type EpochMs,
  type EventResult,
  PermanentError,
  toProblem,
} from "../../protocol/index.ts";
import { type Schema, transaction } from "../store/index.ts";
import { type CheckedEvent, isRefused, type RefusedEvent } from "./event-check.ts";
import { quarantine, type QuarantineEntry } from "./quarantine.ts";

export interface AcceptedBatch {
  readonly results: EventResult[];
  readonly acceptedCount: number;
}

/**
 * Nothing of the batch is kept when this throws; sending it again is always safe. An event that
 * was accepted before with the same body is a duplicate; with another body it is a conflict.
 */
export async function acceptBatch(
  db: Kysely<Schema>,
  nodeId: string,
  checked: readonly (CheckedEvent | RefusedEvent)[],
  clock: Clock,
): Promise<AcceptedBatch> {
  const now = clock.now();
  const first = firstOfEachId(checked.filter((item): item is CheckedEvent => !isRefused(item)));
  const work = async (tx: Transaction<Schema>): Promise<AcceptedBatch> => {
    const inserted = await insertEvents(tx, [...first.values()], now);
    const known = await readHashes(tx, first, inserted);
    const seen = new Set<string>();
    const refused: QuarantineEntry[] = [];
    const fresh: CheckedEvent[] = [];
    const results = checked.map((item): EventResult => {
      if (isRefused(item)) {
        refused.push({ eventId: item.id, error: item.error, body: item.excerpt });
        return rejected(item.id, item.error);
      }
      const { id } = item;
      const answerId = item.event.id;
      if (item.bodyHash !== known.get(id)) {
        const error = conflictOf(item);
        refused.push({ eventId: id, error, body: item.body });
        return rejected(answerId, error);
      }
      if (!inserted.has(id) || seen.has(id)) {
        return { id: answerId, outcome: "duplicate" };
      }
      seen.add(id);
      fresh.push(item);
      return { id: answerId, outcome: "accepted" };
    });
    await enqueue(tx, fresh);
    await announceEvidence(tx, fresh, now);
    await quarantine(tx, nodeId, refused, now);
    return { results, acceptedCount: fresh.length };
  };
  return transaction(db, work, { clock });
}

function firstOfEachId(events: readonly CheckedEvent[]): Map<string, CheckedEvent> {
  const first = new Map<string, CheckedEvent>();
  for (const item of events) {
    if (!first.has(item.id)) {
      first.set(item.id, item);
    }
  }
  return first;
}

function rejected(id: string | null, error: AppError): EventResult {
  return { id, outcome: "rejected", problem: toProblem(error) };
}

function conflictOf(item: CheckedEvent): PermanentError {
  return new PermanentError("EVENT_CONFLICT", "An event with this id and another body is known", {
    where: item.event.id,
    expected: "the body that was accepted before, or a new id",
    got: `a body with SHA-256 ${item.bodyHash.slice(0, 16)}…`,
  });
}

/** Sorted by id: two batches with the same events wait for each other instead of deadlocking. */
async function insertEvents(
  tx: Transaction<Schema>,
  events: readonly CheckedEvent[],
  now: EpochMs,
): Promise<Set<string>> {
  if (events.length === 0) {
    return new Set();
  }
  const rows = [...events]
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .map(({ id, event, body, bodyHash, nodeId, cameraId, eventType, phase }) => ({
      id,
      body,
      body_hash: bodyHash,
      node_id: nodeId,
      camera_id: cameraId,
      alarm_id: event.data.alarmId,
      event_type: eventType,
      phase,
      sequence: event.sequence,
      onset: new Date(event.data.onset),
      captured_at: new Date(event.data.capture.at),
      accepted_at: new Date(now),
    }));
  const inserted = await tx
    .insertInto("event")
    .values(rows)
    .onConflict((conflict) => conflict.column("id").doNothing())
    .returning("id")
    .execute();
  return new Set(inserted.map((row) => row.id));
}

/** Body hash in force per id: of this batch where it was inserted, else of what is stored. */
async function readHashes(
  tx: Transaction<Schema>,
  first: ReadonlyMap<string, CheckedEvent>,
  inserted: ReadonlySet<string>,
): Promise<Map<string, string>> {
  const hashes = new Map<string, string>();
  const old: string[] = [];
  for (const [id, item] of first) {
    if (inserted.has(id)) {
      hashes.set(id, item.bodyHash);
    } else {
      old.push(id);
    }
  }
  if (old.length > 0) {
    const rows = await tx
      .selectFrom("event")
      .select(["id", "body_hash"])
      .where("id", "in", old)
      .execute();
    for (const row of rows) {
      hashes.set(row.id, row.body_hash);
    }
  }
  return hashes;
}

/** In the order of the batch, which is the order on the wire. */
async function enqueue(tx: Transaction<Schema>, events: readonly CheckedEvent[]): Promise<void> {
  if (events.length > 0) {
    await tx
      .insertInto("inbox")
      .values(events.map(({ id }) => ({ event_id: id })))
      .execute();
  }
}

async function announceEvidence(
  tx: Transaction<Schema>,
  events: readonly CheckedEvent[],
  now: EpochMs,
): Promise<void> {
  const refs = events.flatMap(({ id, event, nodeId }) =>
    event.data.evidence.map((ref) => ({ ref, nodeId, eventId: id })),
  );
  if (refs.length === 0) {
    return;
  }
  const files = new Map(refs.map(({ ref }) => [ref.sha256 as string, ref]));
  await tx
    .insertInto("evidence")
    .values(
      [...files.values()]
        .sort((a, b) => (a.sha256 < b.sha256 ? -1 : 1))
        .map((ref) => ({
          sha256: ref.sha256,
          state: "announced" as const,
          mime: ref.mime,
          bytes: ref.bytes,
          announced_at: new Date(now),
        })),
    )
    .onConflict((conflict) => conflict.column("sha256").doNothing())
    .execute();
  await tx
    .insertInto("evidence_ref")
    .values(
      refs.map(({ ref, nodeId, eventId }) => ({
        event_id: eventId,
        sha256: ref.sha256,
        node_id: nodeId,
        role: ref.role,
        width: ref.width,
        height: ref.height,
        captured_at: new Date(ref.capturedAt),
      })),
    )
    .onConflict((conflict) => conflict.columns(["event_id", "sha256"]).doNothing())
    .execute();
}
