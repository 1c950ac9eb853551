/**
 * T2: accepted events become incidents, cases, tasks and deliveries in one transaction. Nothing
 * outside the database happens here, so that a crash at any point leaves all of it or nothing.
 */
import { sql, type Transaction } from "kysely";
import {
  caseNumber,
  type FilingPolicy,
  type FindEndpoint,
  localDay,
  newerEvent,
  type NewestEvent,
  openCase,
  type OpenedCase,
  timelineKindOf,
} from "../cases/index.ts";
import { alarmKey, correlate, type CorrelationCommand } from "./by-alarm.ts";
import {
  CLOCK_POLICIES,
  type EpochMs,
  type EventType,
  findEventType,
  type IncidentEvent,
  PermanentError,
  type Phase,
} from "../../protocol/index.ts";
import {
  appendTimeline,
  lockCases,
  publishCases,
  type Schema,
  type TimelineEntry,
} from "../store/index.ts";
import { draftDeliveries } from "./delivery-draft.ts";

export interface WorkOffInput {
  readonly now: EpochMs;
  readonly newId: () => string;
  readonly filing: FilingPolicy;
  readonly findEndpoint: FindEndpoint;
  readonly cameraName: (nodeId: string, cameraId: string) => string | undefined;
}

export interface WorkedOff {
  /** Events taken from the inbox. */
  readonly events: number;
  /** Endpoints that have something new to receive. */
  readonly endpointIds: readonly string[];
}

export interface InboxEvent {
  readonly position: number;
  readonly id: string;
  readonly nodeId: string;
  readonly cameraId: string;
  readonly alarmId: string;
  readonly phase: Phase;
  readonly sequence: string;
  readonly acceptedAt: Date;
  readonly body: IncidentEvent;
  readonly type: EventType;
}

type Opening = Extract<CorrelationCommand<InboxEvent>, { kind: "open" }>;

/** Works off up to `limit` events, oldest first; `only` picks a single position. */
export async function workOff(
  tx: Transaction<Schema>,
  input: WorkOffInput,
  limit: number,
  only?: number,
): Promise<WorkedOff> {
  await lockCases(tx);
  const events = await readInbox(tx, limit, only);
  if (events.length === 0) {
    return { events: 0, endpointIds: [] };
  }
  const commands = correlate(await knownIncidents(tx, events), events, input.newId);
  const openings = commands.filter((command): command is Opening => command.kind === "open");
  const opened = await openCases(tx, openings, input);
  await linkEvents(tx, commands, input.now);
  const joined = await joinCases(tx, commands, input.now);
  await publishCases(tx, [...opened.caseIds, ...joined], input.now);
  return { events: events.length, endpointIds: opened.endpointIds };
}

async function readInbox(
  tx: Transaction<Schema>,
  limit: number,
  only: number | undefined,
): Promise<InboxEvent[]> {
  let query = tx
    .selectFrom("inbox")
    .innerJoin("event", "event.id", "inbox.event_id")
    .select([
      "inbox.position",
      "event.id",
      "event.node_id",
      "event.camera_id",
      "event.alarm_id",
      "event.event_type",
      "event.phase",
      "event.sequence",
      "event.accepted_at",
      "event.body",
    ])
    .orderBy("inbox.position")
    .limit(limit);
  if (only !== undefined) {
    query = query.where("inbox.position", "=", only);
  }
  const rows = await query.execute();
  return rows.map((row) => ({
    position: row.position,
    id: row.id,
    nodeId: row.node_id,
    cameraId: row.camera_id,
    alarmId: row.alarm_id,
    phase: row.phase,
    sequence: row.sequence,
    acceptedAt: row.accepted_at,
    body: row.body,
    type: typeOf(row.event_type),
  }));
}

/** The type was in the catalogue when the event was accepted; a newer catalogue may lack it. */
function typeOf(code: string): EventType {
  const type = findEventType(code);
  if (type === undefined) {
    throw new PermanentError("EVENT_INVALID", "An accepted event's type left the catalogue", {
      expected: "an event type of the catalogue",
      got: code,
    });
  }
  return type;
}

async function knownIncidents(
  tx: Transaction<Schema>,
  events: readonly InboxEvent[],
): Promise<Map<string, string>> {
  const rows = await tx
    .selectFrom("incident_key")
    .selectAll()
    .where("key", "in", [...new Set(events.map(alarmKey))])
    .execute();
  return new Map(rows.map((row) => [row.key, row.incident_id]));
}

interface OpenedCases {
  readonly caseIds: readonly string[];
  readonly endpointIds: readonly string[];
}

async function openCases(
  tx: Transaction<Schema>,
  openings: readonly Opening[],
  input: WorkOffInput,
): Promise<OpenedCases> {
  if (openings.length === 0) {
    return { caseIds: [], endpointIds: [] };
  }
  const numbers = await takeNumbers(tx, openings);
  const drafts = openings.map((opening, index) => {
    const { event } = opening;
    const opened = openCase({
      type: event.type,
      phase: event.phase,
      reportedAt: event.acceptedAt.getTime(),
      now: input.now,
      filing: input.filing,
      findEndpoint: input.findEndpoint,
    });
    return { opening, opened, caseId: input.newId(), number: numbers[index] as string };
  });
  const at = new Date(input.now);
  await tx
    .insertInto("incident")
    .values(openings.map(({ incidentId }) => ({ id: incidentId, opened_at: at })))
    .execute();
  await tx
    .insertInto("incident_key")
    .values(openings.map(({ key, incidentId }) => ({ key, incident_id: incidentId })))
    .execute();
  await tx
    .insertInto("case_file")
    .values(drafts.map((draft) => caseRow(draft, input)))
    .execute();
  const shared = drafts.map((draft) => ({
    ...draft,
    tasks: draft.opened.shares.map((share) => ({ id: input.newId(), share })),
  }));
  const endpointIds = await draftDeliveries(tx, shared, input);
  await appendTimeline(
    tx,
    drafts.flatMap((draft) => openingEntries(draft, input.now)),
  );
  return { caseIds: drafts.map(({ caseId }) => caseId), endpointIds };
}

export interface CaseDraft {
  readonly opening: Opening;
  readonly opened: OpenedCase;
  readonly caseId: string;
  readonly number: string;
}

function openingEntries({ opening, opened, caseId }: CaseDraft, now: EpochMs): TimelineEntry[] {
  const { event } = opening;
  const entry = (
    kind: TimelineEntry["kind"],
    at: EpochMs,
    actor: string,
    facts: TimelineEntry["facts"],
  ): TimelineEntry => ({ caseId, kind, at, actor, facts });
  const node = `node:${event.nodeId}`;
  const entries = [
    entry("reported", event.acceptedAt.getTime(), node, {
      camera: event.cameraId,
      phase: event.phase,
    }),
  ];
  if (event.phase === "end" || event.phase === "cancel") {
    entries.push(entry(timelineKindOf(event.phase), now, node, { phase: event.phase }));
  }
  if (opened.progress.filedAt !== null) {
    entries.push(
      entry("filed", opened.progress.filedAt, "system", {
        automatic: true,
        lead: event.type.lead,
        serviceLevel: event.type.sla,
      }),
    );
  }
  return entries;
}

function caseRow({ opening, opened, caseId, number }: CaseDraft, input: WorkOffInput) {
  const { event, incidentId } = opening;
  const { data } = event.body;
  const snapshot = data.evidence.find((ref) => ref.role === "snapshot");
  const optionalDate = (at: EpochMs | null): Date | null => (at === null ? null : new Date(at));
  const limits = CLOCK_POLICIES[event.type.sla];
  return {
    id: caseId,
    incident_id: incidentId,
    number,
    event_type: event.type.code,
    title: JSON.stringify(data.title),
    line: event.type.line,
    severity: data.severity,
    service_level: event.type.sla,
    state: opened.progress.state,
    version: 1,
    lead: event.type.lead,
    node_id: event.nodeId,
    camera_id: event.cameraId,
    camera_name: input.cameraName(event.nodeId, event.cameraId) ?? data.device.name,
    location: JSON.stringify(data.location),
    detection: data.detection === undefined ? null : JSON.stringify(data.detection),
    privacy: JSON.stringify(data.privacy),
    snapshot: snapshot === undefined ? null : JSON.stringify(snapshot),
    snapshot_sha256: snapshot?.sha256 ?? null,
    phase: event.phase,
    sequence: event.sequence,
    event_count: 1,
    onset: new Date(data.onset),
    captured_at: new Date(data.capture.at),
    reported_at: event.acceptedAt,
    filed_at: optionalDate(opened.progress.filedAt),
    dispatched_at: optionalDate(opened.progress.dispatchedAt),
    accepted_at: optionalDate(opened.progress.acceptedAt),
    updated_at: new Date(input.now),
    report_limit_ms: limits.report,
    dispatch_limit_ms: limits.dispatch,
    contain_limit_ms: limits.contain,
  };
}

/** Case numbers count per local day without gaps: the lock makes this the only counter. */
async function takeNumbers(
  tx: Transaction<Schema>,
  openings: readonly Opening[],
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

async function linkEvents(
  tx: Transaction<Schema>,
  commands: readonly CorrelationCommand<InboxEvent>[],
  now: EpochMs,
): Promise<void> {
  const ids = commands.map(({ event }) => event.id);
  await tx
    .insertInto("incident_event")
    .values(
      commands.map(({ event, incidentId, link }) => ({
        event_id: event.id,
        incident_id: incidentId,
        link,
      })),
    )
    .execute();
  await tx
    .updateTable("event")
    .set({ correlated_at: new Date(now) })
    .where("id", "in", ids)
    .execute();
  await tx.deleteFrom("inbox").where("event_id", "in", ids).execute();
}

/** Later phases of known alarms: one update per case, however many events joined it. */
async function joinCases(
  tx: Transaction<Schema>,
  commands: readonly CorrelationCommand<InboxEvent>[],
  now: EpochMs,
): Promise<string[]> {
  const joining = commands.filter((command) => command.kind === "join");
  if (joining.length === 0) {
    return [];
  }
  const cases = await tx
    .selectFrom("case_file")
    .select(["id", "incident_id", "phase", "sequence", "snapshot_sha256"])
    .where("incident_id", "in", [...new Set(joining.map(({ incidentId }) => incidentId))])
    .execute();
  for (const row of cases) {
    const events = joining
      .filter(({ incidentId }) => incidentId === row.incident_id)
      .map(({ event }) => event);
    const newest = events.reduce<NewestEvent>(newerEvent, row);
    const snapshot = events
      .flatMap(({ body }) => body.data.evidence)
      .find((ref) => ref.role === "snapshot");
    await tx
      .updateTable("case_file")
      .set((eb) => ({
        phase: newest.phase,
        sequence: newest.sequence,
        event_count: eb("event_count", "+", events.length),
        version: eb("version", "+", 1),
        updated_at: new Date(now),
        ...(row.snapshot_sha256 === null && snapshot !== undefined
          ? { snapshot: JSON.stringify(snapshot), snapshot_sha256: snapshot.sha256 }
          : {}),
      }))
      .where("id", "=", row.id)
      .execute();
    await appendTimeline(
      tx,
      events.map((event) => ({
        caseId: row.id,
        at: event.acceptedAt.getTime(),
        kind: timelineKindOf(event.phase),
        actor: `node:${event.nodeId}`,
        facts: { phase: event.phase, sequence: event.sequence },
      })),
    );
  }
  return cases.map(({ id }) => id);
}
