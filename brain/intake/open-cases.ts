/** Opens the cases of incidents that ask for one: case, tasks, deliveries and timeline. */
import { sql, type Transaction } from "kysely";
import {
  caseNumber,
  type CaseRecord,
  type FilingPolicy,
  type FindEndpoint,
  localDay,
  openCase,
  type OpenedCase,
  openRecord,
  type RoutedType,
  type RouteType,
  startLevelOf,
  timelineKindOf,
  type WorkTime,
} from "../cases/index.ts";
import type { Attention, Incident } from "../correlate/index.ts";
import {
  CLOCK_POLICIES,
  type EpochMs,
  type EventType,
  findEventType,
  parseTime,
} from "../../protocol/index.ts";
import type { Phase, TimelineItem } from "../../protocol/index.ts";
import {
  appendTimeline,
  type Schema,
  setFirstTimers,
  type TimelineEntry,
  workOf,
} from "../store/index.ts";
import { draftDeliveries } from "./delivery-draft.ts";
import { type GridFinding, type InboxEvent, tellerOf } from "./inbox-event.ts";

export interface OpenCasesInput {
  readonly now: EpochMs;
  readonly newId: () => string;
  readonly filing: FilingPolicy;
  readonly findEndpoint: FindEndpoint;
  /** Who leads at a place; the catalogue alone where absent. */
  readonly route?: RouteType;
  readonly cameraName: (nodeId: string, cameraId: string) => string | undefined;
  /** The town's calendar. */
  readonly work: WorkTime;
}

/** An incident that gets a case in this batch. */
export interface CaseOpening {
  readonly incidentId: string;
  /** The event that the case is named after. */
  readonly event: InboxEvent;
  readonly type: RoutedType;
  readonly attention: Attention;
  readonly phase: Phase;
  readonly eventCount: number;
  /** Why it is no ordinary opening, for the timeline; null where it is. */
  readonly link: string | null;
}

export interface CaseDraft {
  readonly opening: CaseOpening;
  readonly opened: OpenedCase;
  /** With the policy in force now, which stays the case's own. */
  readonly record: CaseRecord;
  readonly caseId: string;
  readonly number: string;
}

export interface OpenedCases {
  readonly drafts: readonly CaseDraft[];
  readonly endpointIds: readonly string[];
}

/** What a camera has too much of is a matter of the camera. */
const STORM_TYPE = "DEV.QUALITY";

export function typeOfCase(incident: Pick<Incident, "kind">, event: InboxEvent): EventType {
  return incident.kind === "storm" ? (findEventType(STORM_TYPE) ?? event.type) : event.type;
}

export async function openCases(
  tx: Transaction<Schema>,
  wishes: readonly CaseOpening[],
  input: OpenCasesInput,
): Promise<OpenedCases> {
  if (wishes.length === 0) {
    return { drafts: [], endpointIds: [] };
  }
  const openings = wishes.map((wish) => routed(wish, input));
  const numbers = await takeNumbers(tx, openings);
  const drafts = openings.map((opening, index): CaseDraft => {
    const opened = openCase({
      type: opening.type,
      phase: opening.attention === "none" ? "cancel" : opening.phase,
      reportedAt: opening.event.acceptedAt.getTime(),
      now: input.now,
      // What came late is filed by an operator or not at all.
      filing: opening.attention === "full" ? input.filing : { automatic: [] },
      findEndpoint: input.findEndpoint,
    });
    const caseId = input.newId();
    const number = numbers[index] as string;
    return { opening, opened, caseId, number, record: recordOf(opening, opened) };
  });
  await insertCases(tx, drafts, input);
  await setFirstTimers(
    tx,
    drafts.map(({ caseId, record }) => ({ id: caseId, record })),
    input.work,
  );
  const shared = drafts.map((draft) => ({
    ...draft,
    tasks: draft.opened.shares.map((share) => ({ id: input.newId(), share })),
  }));
  const endpointIds = await draftDeliveries(tx, shared, input);
  await appendTimeline(
    tx,
    drafts.flatMap((draft) => openingEntries(draft, input.now)),
  );
  return { drafts, endpointIds };
}

function routed(wish: CaseOpening, { route }: OpenCasesInput): CaseOpening {
  const { gridCode } = wish.event.body.data.location;
  return route === undefined ? wish : { ...wish, type: route(wish.type, gridCode) };
}

function recordOf({ event, type }: CaseOpening, { progress }: OpenedCase): CaseRecord {
  const { onset, report } = event.body.data;
  return {
    ...openRecord({
      ...progress,
      serviceLevel: type.sla,
      lead: type.lead,
      onset: parseTime(onset),
      reportedAt: event.acceptedAt.getTime(),
      containedAt: null,
    }),
    level: startLevelOf(type.sla, report !== undefined),
  };
}

function openingEntries({ opening, opened, caseId }: CaseDraft, now: EpochMs): TimelineEntry[] {
  const { event, type } = opening;
  const entry = (
    kind: TimelineEntry["kind"],
    at: EpochMs,
    actor: string,
    facts: TimelineItem["facts"],
  ): TimelineEntry => ({ caseId, kind, at, actor, facts });
  const teller = tellerOf(event);
  const { report } = event.body.data;
  const entries = [
    entry("reported", event.acceptedAt.getTime(), teller, {
      ...(report === undefined ? { camera: event.cameraId } : { channel: report.channel }),
      phase: event.phase,
      ...(opening.link === null ? {} : { link: opening.link }),
      ...gridFacts(event.grid),
    }),
  ];
  if (event.phase === "end" || event.phase === "cancel") {
    entries.push(entry(timelineKindOf(event.phase), now, teller, { phase: event.phase }));
  }
  if (opened.progress.filedAt !== null) {
    entries.push(
      entry("filed", opened.progress.filedAt, "system", {
        automatic: true,
        lead: type.lead,
        ...(type.unit === undefined ? {} : { unit: type.unit }),
        serviceLevel: type.sla,
      }),
    );
  }
  return entries;
}

async function insertCases(
  tx: Transaction<Schema>,
  drafts: readonly CaseDraft[],
  input: OpenCasesInput,
): Promise<void> {
  await sql`
    insert into case_file (id, incident_id, number, event_type, title, line, severity,
      service_level, level, state, version, lead, node_id, camera_id, camera_name, location, detection,
      privacy, snapshot, snapshot_sha256, phase, sequence, event_count, onset, captured_at,
      reported_at, filed_at, dispatched_at, accepted_at, updated_at, report_limit_ms,
      dispatch_limit_ms, contain_limit_ms, work)
    select v.* from jsonb_to_recordset(
      ${JSON.stringify(drafts.map((draft) => caseRow(draft, input)))}::jsonb) as v (
      id uuid, incident_id uuid, number text, event_type text, title jsonb, line text,
      severity int, service_level text, level int, state text, version int, lead text,
      node_id text, camera_id text, camera_name text, location jsonb, detection jsonb, privacy jsonb,
      snapshot jsonb, snapshot_sha256 text, phase text, sequence text, event_count int,
      onset timestamptz, captured_at timestamptz, reported_at timestamptz, filed_at timestamptz,
      dispatched_at timestamptz, accepted_at timestamptz, updated_at timestamptz,
      report_limit_ms int, dispatch_limit_ms int, contain_limit_ms int, work jsonb)`.execute(tx);
}

function caseRow({ opening, opened, record, caseId, number }: CaseDraft, input: OpenCasesInput) {
  const { event, type } = opening;
  const { data } = event.body;
  const snapshot = data.evidence.find((ref) => ref.role === "snapshot");
  const iso = (at: EpochMs | null): string | null =>
    at === null ? null : new Date(at).toISOString();
  const isOwnType = type.code === event.type.code;
  const limits = CLOCK_POLICIES[type.sla];
  return {
    id: caseId,
    incident_id: opening.incidentId,
    number,
    event_type: type.code,
    title: isOwnType ? data.title : { zh: type.zh, en: type.en },
    line: type.line,
    severity: isOwnType ? data.severity : type.severity,
    service_level: type.sla,
    level: record.level,
    state: opened.progress.state,
    version: 1,
    lead: type.lead,
    node_id: event.nodeId,
    camera_id: event.cameraId,
    camera_name: input.cameraName(event.nodeId, event.cameraId) ?? data.device.name,
    location: data.location,
    detection: data.detection ?? null,
    privacy: data.privacy,
    snapshot: snapshot ?? null,
    snapshot_sha256: snapshot?.sha256 ?? null,
    phase: opening.phase,
    sequence: event.sequence,
    event_count: opening.eventCount,
    onset: data.onset,
    captured_at: data.capture.at,
    reported_at: event.acceptedAt.toISOString(),
    filed_at: iso(opened.progress.filedAt),
    dispatched_at: iso(opened.progress.dispatchedAt),
    accepted_at: iso(opened.progress.acceptedAt),
    updated_at: iso(input.now),
    report_limit_ms: limits.report,
    dispatch_limit_ms: limits.dispatch,
    contain_limit_ms: limits.contain,
    work: workOf(record),
  };
}

/** Case numbers count per local day without gaps: the lock makes this the only counter. */
async function takeNumbers(
  tx: Transaction<Schema>,
  openings: readonly CaseOpening[],
): Promise<string[]> {
  const days = openings.map(({ event }) => localDay(event.acceptedAt.getTime()));
  const last = new Map<string, number>();
  for (const day of new Set(days)) {
    const count = days.filter((other) => other === day).length;
    const { rows } = await sql<{ last: number }>`
      insert into case_day (day, last) values (${day}, ${count})
      on conflict (day) do update set last = case_day.last + ${count}
      returning last`.execute(tx);
    last.set(day, (rows[0]?.last ?? count) - count);
  }
  return days.map((day) => {
    const next = (last.get(day) ?? 0) + 1;
    last.set(day, next);
    return caseNumber(day, next);
  });
}

/** Said where the event did not name its grid rightly: an operator should see it. */
function gridFacts(grid: GridFinding | undefined): TimelineEntry["facts"] {
  if (grid === undefined || grid.how === "named") {
    return {};
  }
  const { how, claimed, distanceM } = grid;
  return {
    gridFound: how,
    ...(claimed === undefined ? {} : { gridClaimed: claimed }),
    ...(distanceM === undefined ? {} : { gridDistanceM: Math.round(distanceM) }),
  };
}
