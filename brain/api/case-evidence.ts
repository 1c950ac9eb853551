/** The pictures and clips that the events of a case announced, and what became of each. */
import type { Kysely } from "kysely";
import type { CaseEvidence } from "../../protocol/index.ts";
import type { Schema } from "../store/index.ts";
import { iso } from "./case-view.ts";

/** More are a storm's; the newest are shown. */
const SHOWN = 100;

export async function readEvidence(
  db: Kysely<Schema>,
  { caseId, incidentId }: { readonly caseId: string; readonly incidentId: string },
): Promise<CaseEvidence[]> {
  const rows = await db
    .selectFrom("incident_event")
    .innerJoin("evidence_ref", "evidence_ref.event_id", "incident_event.event_id")
    .innerJoin("evidence", "evidence.sha256", "evidence_ref.sha256")
    .select([
      "evidence.sha256",
      "evidence.mime",
      "evidence.bytes",
      "evidence.state",
      "evidence.stored_at",
      "evidence.gone_at",
      "evidence_ref.role",
      "evidence_ref.node_id",
      "evidence_ref.captured_at",
    ])
    .where("incident_event.incident_id", "=", incidentId)
    .orderBy("evidence_ref.captured_at", "desc")
    .limit(SHOWN)
    .execute();
  // An alarm's later events may announce its picture again.
  const once = new Map(rows.map((row) => [row.sha256, row]));
  // What the database holds was checked when it came in; the brands are given back here.
  return [...once.values()].reverse().map((row) => ({
    sha256: row.sha256,
    role: row.role,
    mime: row.mime,
    bytes: row.bytes,
    state: row.state,
    capturedAt: row.captured_at.toISOString(),
    storedAt: iso(row.stored_at),
    goneAt: iso(row.gone_at),
    nodeId: row.node_id,
    url: `/v1/evidence/${row.sha256}?case=${caseId}`,
  })) as CaseEvidence[];
}
