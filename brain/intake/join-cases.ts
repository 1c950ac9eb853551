/** What further events change of cases that exist: one statement for all of them, and timelines. */
import { sql, type Transaction } from "kysely";
import { timelineKindOf } from "../cases/index.ts";
import type { EpochMs, EvidenceRef, Phase } from "../../protocol/index.ts";
import { appendTimeline, type Schema } from "../store/index.ts";
import { type InboxEvent, tellerOf } from "./inbox-event.ts";

export interface JoinedEvent {
  readonly event: InboxEvent;
  /** Why it belongs here, where it is another alarm's first event; null for a known alarm's. */
  readonly link: string | null;
}

export interface CaseJoin {
  readonly caseId: string;
  /** Of the incident as a whole, with these events. */
  readonly phase: Phase;
  readonly events: readonly JoinedEvent[];
  /** Events counted in the case so far that are not to be counted again. */
  readonly alreadyCounted: boolean;
}

export async function joinCases(
  tx: Transaction<Schema>,
  joins: readonly CaseJoin[],
  now: EpochMs,
): Promise<void> {
  if (joins.length === 0) {
    return;
  }
  const rows = joins.map(({ caseId, phase, events, alreadyCounted }) => {
    const snapshot = snapshotOf(events);
    return {
      id: caseId,
      phase,
      sequence: events.reduce((last, { event }) => later(last, event.sequence), ""),
      added: alreadyCounted ? 0 : events.length,
      snapshot,
      sha256: snapshot?.sha256 ?? null,
    };
  });
  await sql`
    update case_file set
      phase = v.phase, sequence = greatest(case_file.sequence, v.sequence),
      event_count = case_file.event_count + v.added, version = case_file.version + 1,
      updated_at = ${new Date(now)}::timestamptz,
      snapshot = coalesce(case_file.snapshot, nullif(v.snapshot, 'null'::jsonb)),
      snapshot_sha256 = coalesce(case_file.snapshot_sha256, v.sha256)
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as v (
      id uuid, phase text, sequence text, added int, snapshot jsonb, sha256 text)
    where case_file.id = v.id`.execute(tx);
  await appendTimeline(
    tx,
    joins.flatMap(({ caseId, events }) =>
      events.map(({ event, link }) => ({
        caseId,
        at: event.acceptedAt.getTime(),
        kind: timelineKindOf(event.phase),
        actor: tellerOf(event),
        facts: {
          phase: event.phase,
          sequence: event.sequence,
          ...(link === null ? {} : { camera: event.cameraId, eventType: event.type.code, link }),
        },
      })),
    ),
  );
}

function later(a: string, b: string): string {
  return a > b ? a : b;
}

function snapshotOf(events: readonly JoinedEvent[]): EvidenceRef | null {
  const refs = events.flatMap(({ event }) => event.body.data.evidence);
  return refs.find(({ role }) => role === "snapshot") ?? null;
}
