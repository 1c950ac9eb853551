/** The statements of T1: each is for all events of a group of batches at once. */
import { type Kysely, type RawBuilder, sql } from "kysely";
import { type EpochMs, parseTime, TransientError } from "../../protocol/index.ts";
import type { Schema } from "../store/index.ts";
import { intArray, jsonArray, textArray, timeArray, uuidArray } from "./binary-array.ts";
import type { CheckedEvent } from "./event-check.ts";

/**
 * Writes the events that are not known yet, puts them into the inbox in the given order, and
 * announces the pictures that they name, so that their bytes may follow: one statement, because
 * between two of them a busy brain does other work.
 *
 * @returns the ids that were new.
 */
export async function writeEvents(
  db: Kysely<Schema>,
  events: readonly CheckedEvent[],
  now: EpochMs,
): Promise<Set<string>> {
  if (events.length === 0) {
    return new Set();
  }
  // By id: two writers with the same events wait for each other instead of deadlocking.
  const rows = events
    .map((event, place) => ({ event, place }))
    .sort((a, b) => (a.event.id < b.event.id ? -1 : 1));
  const column = <T>(read: (event: CheckedEvent) => T): T[] => rows.map(({ event }) => read(event));
  const { rows: written } = await sql<{ id: string }>`
    with sent as (
      select * from unnest(
        ${uuidArray(column(({ id }) => id))}::uuid[],
        ${jsonArray(column(({ body }) => body))}::json[],
        ${textArray(column(({ bodyHash }) => bodyHash))}::text[],
        ${textArray(column(({ nodeId }) => nodeId))}::text[],
        ${textArray(column(({ cameraId }) => cameraId))}::text[],
        ${uuidArray(column(({ alarmId }) => alarmId))}::uuid[],
        ${textArray(column(({ eventType }) => eventType))}::text[],
        ${textArray(column(({ phase }) => phase))}::text[],
        ${textArray(column(({ sequence }) => sequence))}::text[],
        ${timeArray(column(({ onset }) => onset))}::timestamptz[],
        ${timeArray(column(({ capturedAt }) => capturedAt))}::timestamptz[],
        ${intArray(rows.map(({ place }) => place))}::int[]
      ) as sent (id, body, body_hash, node_id, camera_id, alarm_id, event_type, phase, sequence,
        onset, captured_at, place)
    ), written as (
      insert into event (id, body, body_hash, node_id, camera_id, alarm_id, event_type, phase,
        sequence, onset, captured_at, accepted_at)
      select id, body, body_hash, node_id, camera_id, alarm_id, event_type, phase,
        sequence, onset, captured_at, ${new Date(now)}::timestamptz
      from sent
      on conflict (id) do nothing
      returning id
    ), queued as (
      insert into inbox (event_id)
      select id from written join sent using (id) order by place
    ), refs as (
      select refs.* from ${picturesOf(events)}
      join written on written.id = refs.event_id
    ), announced as (
      insert into evidence (sha256, state, mime, bytes, announced_at)
      select sha256, 'announced', mime, bytes::bigint, ${new Date(now)}::timestamptz from refs
      order by sha256
      on conflict (sha256) do nothing
    ), referred as (
      insert into evidence_ref (event_id, sha256, node_id, role, width, height, captured_at)
      select event_id, sha256, node_id, role, width::bigint, height::bigint, captured_at from refs
      on conflict (event_id, sha256) do nothing
    )
    select id from written`.execute(db);
  return new Set(written.map(({ id }) => id));
}

/** Rows `refs`: the pictures that events name. */
function picturesOf(events: readonly CheckedEvent[]): RawBuilder<unknown> {
  const refs = events.flatMap(({ id, evidence, nodeId }) =>
    evidence.map((ref) => ({ ref, nodeId, eventId: id })),
  );
  const texts = (read: (item: (typeof refs)[number]) => string): Buffer =>
    textArray(refs.map(read));
  return sql`unnest(
      ${uuidArray(refs.map(({ eventId }) => eventId))}::uuid[],
      ${texts(({ nodeId }) => nodeId)}::text[],
      ${texts(({ ref }) => ref.sha256)}::text[],
      ${texts(({ ref }) => ref.role)}::text[],
      ${texts(({ ref }) => ref.mime)}::text[],
      ${texts(({ ref }) => String(ref.bytes))}::text[],
      ${texts(({ ref }) => String(ref.width))}::text[],
      ${texts(({ ref }) => String(ref.height))}::text[],
      ${timeArray(refs.map(({ ref }) => parseTime(ref.capturedAt)))}::timestamptz[]
    ) as refs (event_id, node_id, sha256, role, mime, bytes, width, height, captured_at)`;
}

export interface KnownBody {
  readonly bodyHash: string;
  readonly body: Buffer | string;
}

/** What is stored under ids that were known; bodies are read only where their hash is another. */
export async function readKnown(
  db: Kysely<Schema>,
  events: readonly CheckedEvent[],
): Promise<Map<string, KnownBody>> {
  if (events.length === 0) {
    return new Map();
  }
  const { rows } = await sql<{ id: string; body_hash: string; body: string | null }>`
    select e.id, e.body_hash, case when e.body_hash <> s.body_hash then e.body::text end as body
    from unnest(
      ${uuidArray(events.map(({ id }) => id))}::uuid[],
      ${textArray(events.map(({ bodyHash }) => bodyHash))}::text[]
    ) as s (id, body_hash) join event e using (id)`.execute(db);
  const stored = new Map(rows.map((row) => [row.id, row]));
  const known = events.map(({ id, body }): [string, KnownBody] => {
    const row = stored.get(id);
    if (row === undefined) {
      throw new TransientError("UNAVAILABLE", "A known event went away while it was compared", {
        where: id,
        expected: "the same request again",
      });
    }
    return [id, { bodyHash: row.body_hash, body: row.body ?? body }];
  });
  return new Map(known);
}
