/** From rows to what the control room sees. Pure. */
import { readClocks, type ClockReading } from "../cases/index.ts";
import { type CaseSummary, type ClockView, formatTime, redactUrl } from "../../protocol/index.ts";
import type { CaseRow, EvidenceState } from "../store/index.ts";

/** A case with the state of its snapshot's file. */
export interface SummaryRow extends CaseRow {
  readonly snapshot_state: EvidenceState | null;
  readonly snapshot_gone_at: Date | null;
}

export function toSummary(row: SummaryRow): CaseSummary {
  const clocks = readClocks(
    { report: row.report_limit_ms, dispatch: row.dispatch_limit_ms, contain: row.contain_limit_ms },
    {
      onset: row.onset.getTime(),
      reportedAt: row.reported_at.getTime(),
      dispatchedAt: row.dispatched_at?.getTime() ?? null,
      containedAt: row.contained_at?.getTime() ?? null,
    },
  );
  // What the database holds was checked when it came in; the brands are given back here.
  return {
    id: row.id,
    incidentId: row.incident_id,
    number: row.number,
    eventType: row.event_type,
    title: row.title,
    line: row.line,
    severity: row.severity,
    serviceLevel: row.service_level,
    state: row.state,
    version: row.version,
    lead: row.lead,
    camera: { id: row.camera_id, name: row.camera_name, nodeId: row.node_id },
    location: row.location,
    onset: row.onset.toISOString(),
    reportedAt: row.reported_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
    phase: row.phase,
    eventCount: row.event_count,
    clocks: {
      report: toClockView(clocks.report),
      dispatch: toClockView(clocks.dispatch),
      contain: toClockView(clocks.contain),
    },
    snapshot:
      row.snapshot === null
        ? null
        : {
            sha256: row.snapshot.sha256,
            // The case is why it is looked at.
            url: `/v1/evidence/${row.snapshot.sha256}?case=${row.id}`,
            width: row.snapshot.width,
            height: row.snapshot.height,
            available: row.snapshot_state === "stored",
            ...goneOf(row),
          },
  } satisfies Unbranded as CaseSummary;
}

type Gone = Pick<NonNullable<CaseSummary["snapshot"]>, "gone">;

function goneOf({ snapshot_state: why, snapshot_gone_at: at }: SummaryRow): Gone {
  const isGone = why === "deleted" || why === "damaged";
  return isGone && at !== null ? { gone: { why, at: formatTime(at.getTime()) } } : {};
}

type Unbranded = {
  [Key in keyof CaseSummary]: CaseSummary[Key] extends string ? string : CaseSummary[Key];
};

function toClockView(clock: ClockReading): ClockView {
  const text = (at: number | null): string | null => (at === null ? null : formatTime(at));
  return {
    startedAt: text(clock.startedAt),
    dueAt: text(clock.dueAt),
    stoppedAt: text(clock.stoppedAt),
    limitMs: clock.limitMs,
  };
}

/** An endpoint's address as it may be shown: without credentials, query and fragment. */
export function showUrl(url: string): string {
  const plain = redactUrl(url);
  return plain.split(/[?#]/)[0] ?? plain;
}

export function iso(at: Date | null): string | null {
  return at?.toISOString() ?? null;
}
