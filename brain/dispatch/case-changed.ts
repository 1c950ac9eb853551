/** The state of a case as subscribers are told it. Pure. */
import { CASE_CHANGED_TYPE, formatTime } from "../../protocol/index.ts";
import type { CaseRow } from "../store/index.ts";

/** Shape of `caseChangedSchema`. */
export function caseChanged(row: CaseRow): object {
  return {
    specversion: "1.0",
    id: `${row.id}.${row.version}`,
    source: "urn:sesb:brain",
    type: CASE_CHANGED_TYPE,
    subject: `case/${row.id}`,
    time: formatTime(row.updated_at.getTime()),
    datacontenttype: "application/json",
    dataclassification: "internal",
    data: {
      caseId: row.id,
      incidentId: row.incident_id,
      number: row.number,
      version: row.version,
      state: row.state,
      eventType: row.event_type,
      title: row.title,
      line: row.line,
      severity: row.severity,
      serviceLevel: row.service_level,
      lead: row.lead,
      location: row.location,
      onset: formatTime(row.onset.getTime()),
      reportedAt: formatTime(row.reported_at.getTime()),
      dispatchedAt: row.dispatched_at === null ? null : formatTime(row.dispatched_at.getTime()),
    },
  };
}
