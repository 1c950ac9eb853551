/** Timers as rows: what a case waits for follows from its record, and replaces what stood before. */
import { sql, type Transaction } from "kysely";
import {
  caseTimers,
  type CaseRecord,
  type WhistleRecord,
  whistleTimers,
  type WorkTime,
} from "../../cases/index.ts";
import type { EpochMs } from "../../../protocol/index.ts";
import type { Schema } from "../schema.ts";

export interface TimerRow {
  readonly subject: string;
  readonly kind: string;
  readonly caseId: string;
  readonly dueAt: EpochMs;
}

export function timersOfCase(id: string, record: CaseRecord, work: WorkTime): TimerRow[] {
  return caseTimers(record, work).map(({ kind, dueAt }) => ({
    subject: id,
    kind,
    caseId: id,
    dueAt,
  }));
}

export function timersOfWhistle(
  id: string,
  caseId: string,
  record: WhistleRecord,
  work: WorkTime,
): TimerRow[] {
  return whistleTimers(record, work).map(({ kind, dueAt }) => ({
    subject: id,
    kind,
    caseId,
    dueAt,
  }));
}

/**
 * Makes the timers of these subjects exactly `wanted`. A row that changes loses its lease, so that
 * whoever held it fires nothing any more; `firedBy` also frees the rows of the own lease.
 */
export async function replaceTimers(
  tx: Transaction<Schema>,
  subjects: readonly string[],
  wanted: readonly TimerRow[],
  firedBy: string | null = null,
): Promise<void> {
  if (subjects.length === 0) {
    return;
  }
  const columns = {
    subjects: wanted.map(({ subject }) => subject),
    kinds: wanted.map(({ kind }) => kind),
    cases: wanted.map(({ caseId }) => caseId),
    dues: wanted.map(({ dueAt }) => new Date(dueAt).toISOString()),
  };
  await sql`
    with wanted as (
      select * from unnest(
        ${columns.subjects}::uuid[], ${columns.kinds}::text[], ${columns.cases}::uuid[],
        ${columns.dues}::timestamptz[]
      ) as wanted (subject, kind, case_id, due_at)
    ), gone as (
      delete from timer where subject = any(${[...subjects]}::uuid[])
      and not exists (
        select from wanted where wanted.subject = timer.subject and wanted.kind = timer.kind
      )
    )
    insert into timer (subject, kind, case_id, due_at)
    select subject, kind, case_id, due_at from wanted
    on conflict (subject, kind) do update
    set due_at = excluded.due_at, lease_token = null, lease_until = null
    where timer.due_at <> excluded.due_at or timer.lease_token = ${firedBy}::uuid`.execute(tx);
}
