/**
 * What every change of a case writes beside the change itself: its timeline, a new version and a
 * position in the stream that the control room reads.
 */
import { sql, type Transaction } from "kysely";
import type { EpochMs, TimelineItem, TimelineKind } from "../../protocol/index.ts";
import type { Schema } from "./schema.ts";

/** Channel that PostgreSQL notifies when the stream grows. */
export const STREAM_CHANNEL = "sesb_stream";

/** Any fixed number; every writer of cases takes this lock. */
const CASE_LOCK = 7_351_001;

/**
 * Makes this transaction the only one that changes cases until it commits. It must be its first
 * statement: what is read after it is then the newest state, stream positions become visible in
 * their order, and no two writers can deadlock.
 */
export async function lockCases(tx: Transaction<Schema>): Promise<void> {
  await sql`select pg_advisory_xact_lock(${sql.lit(CASE_LOCK)})`.execute(tx);
}

export interface TimelineEntry {
  readonly caseId: string;
  readonly at: EpochMs;
  readonly kind: TimelineKind;
  /** `node:<id>`, `department:<code>` or `system`. */
  readonly actor: string;
  readonly facts: TimelineItem["facts"];
}

export async function appendTimeline(
  tx: Transaction<Schema>,
  entries: readonly TimelineEntry[],
): Promise<void> {
  if (entries.length === 0) {
    return;
  }
  const rows = entries.map(({ at, ...entry }) => ({ ...entry, at: new Date(at).toISOString() }));
  // One parameter, whatever the number of rows; they are numbered in their order.
  await sql`
    insert into timeline (case_id, at, kind, actor, facts)
    select v."caseId", v.at, v.kind, v.actor, v.facts
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as v (
      "caseId" uuid, at timestamptz, kind text, actor text, facts jsonb)`.execute(tx);
}

/** Tells the control room that these cases changed. Needs the lock of `lockCases`. */
export async function publishCases(
  tx: Transaction<Schema>,
  caseIds: Iterable<string>,
  at: EpochMs,
): Promise<void> {
  const ids = [...new Set(caseIds)];
  if (ids.length === 0) {
    return;
  }
  await sql`
    with added as (
      insert into stream (case_id, at)
      select id, ${new Date(at)}::timestamptz from unnest(${ids}::uuid[]) as id
      returning position
    )
    select pg_notify(${STREAM_CHANNEL}, max(position)::text) from added`.execute(tx);
}
