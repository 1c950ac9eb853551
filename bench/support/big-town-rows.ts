/** The rows that one case of the big town has in the product's tables. */
import { createHash } from "node:crypto";
import { uuidv7 } from "uuidv7";
import { GIVE_UP_MS, workOf } from "../../brain/store/index.ts";
import {
  explain,
  type Explanation,
  hullOf,
  regionOf,
  sightingOf,
  viewOf,
} from "../../brain/correlate/index.ts";
import {
  CLOCK_POLICIES,
  type EpochMs,
  EVENT_SCHEMA_URI,
  eventSourceOf,
  eventTypeOf,
  type IncidentEvent,
} from "../../protocol/index.ts";
import type { Life } from "./big-town-lives.ts";

export interface SeedCase {
  readonly index: number;
  readonly number: string;
  readonly life: Life;
  readonly nodeId: string;
  readonly cameraId: string;
  readonly lat: number;
  readonly lon: number;
  readonly gridCode: string;
  readonly hasPicture: boolean;
}

type Row = Readonly<Record<string, unknown>>;
type TableName = (typeof TABLES)[number]["table"];

const columns = (text: string): (readonly [string, string])[] =>
  text
    .split(",")
    .map((part) => part.trim().split(/\s+/))
    .map(([name = "", type = ""]) => [name, type] as const);

/** In an order in which each refers to those before. */
export const TABLES = [
  {
    table: "incident",
    columns: columns(`id uuid, opened_at timestamptz, kind text, attention text,
      first_at timestamptz, last_at timestamptz, min_x float8, max_x float8, min_y float8,
      max_y float8, scale float8, cap_diameter_m float8, cap_duration_ms float8, alarm_count int,
      active_count int`),
  },
  {
    table: "incident_alarm",
    columns: columns(`key text, incident_id uuid, node_id text, camera_id text, camera text,
      alarm_id uuid, event_type text, exercise text, first_at timestamptz, last_at timestamptz,
      slack_ms float8, region bigint, places jsonb, grid_code text, phase text, sequence text`),
  },
  {
    table: "event",
    columns: columns(`id uuid, body json, body_hash text, node_id text, camera_id text,
      alarm_id uuid, event_type text, phase text, sequence text, onset timestamptz,
      captured_at timestamptz, accepted_at timestamptz`),
  },
  {
    table: "incident_event",
    columns: columns("event_id uuid, incident_id uuid, link text, explanation jsonb"),
  },
  {
    table: "evidence",
    columns: columns(`sha256 text, state text, mime text, bytes bigint, announced_at timestamptz,
      stored_at timestamptz`),
  },
  {
    table: "case_file",
    columns: columns(`id uuid, incident_id uuid, number text, event_type text, title jsonb,
      line text, severity int, service_level text, level int, light text, state text, version int,
      lead text, node_id text, camera_id text, camera_name text, location jsonb, privacy jsonb,
      snapshot jsonb, snapshot_sha256 text, phase text, sequence text, event_count int,
      onset timestamptz, captured_at timestamptz, reported_at timestamptz, filed_at timestamptz,
      dispatched_at timestamptz, accepted_at timestamptz, contained_at timestamptz,
      updated_at timestamptz, report_limit_ms int, dispatch_limit_ms int, contain_limit_ms int,
      work jsonb`),
  },
  {
    table: "task",
    columns: columns(`id uuid, case_id uuid, department text, role text, state text,
      created_at timestamptz, delivered_at timestamptz, answered_at timestamptz,
      accepted_at timestamptz`),
  },
  {
    table: "delivery",
    columns: columns(`id uuid, task_id uuid, case_id uuid, endpoint_id uuid, department text,
      payload jsonb, state text, attempts int, slow_attempts int, fast_until timestamptz,
      give_up_at timestamptz, created_at timestamptz, first_sent_at timestamptz,
      delivered_at timestamptz, replays int, last_error text`),
  },
  {
    table: "attempt",
    columns: columns(`delivery_id uuid, number int, at timestamptz, duration_ms float8, status int,
      error text`),
  },
  {
    table: "timeline",
    columns: columns("case_id uuid, at timestamptz, kind text, actor text, facts jsonb"),
  },
  {
    table: "timer",
    columns: columns("subject uuid, kind text, case_id uuid, due_at timestamptz"),
  },
  { table: "stream", columns: columns("case_id uuid, at timestamptz") },
] as const;

export type Rows = Record<TableName, Row[]>;

export function rowsOf(
  cases: readonly SeedCase[],
  endpoints: ReadonlyMap<string, string>,
  now: EpochMs,
): Rows {
  const rows = Object.fromEntries(TABLES.map(({ table }) => [table, []])) as unknown as Rows;
  for (const one of cases) {
    addCase(rows, one, endpoints, now);
  }
  return rows;
}

const iso = (at: EpochMs | null): string | null =>
  at === null ? null : new Date(at).toISOString();
const FIRST: Explanation = {
  reason: { kind: "first" },
  lateMs: null,
  silencedBy: null,
  refused: [],
};

function addCase(
  rows: Rows,
  one: SeedCase,
  endpoints: ReadonlyMap<string, string>,
  now: EpochMs,
): void {
  const { life } = one;
  const { record } = life;
  const [caseId, incidentId, eventId, alarmId] = [uuidv7(), uuidv7(), uuidv7(), uuidv7()];
  const event = eventOf(one, eventId, alarmId);
  addEvent(rows, one, { event, incidentId, alarmId });
  const notes = [
    {
      at: record.reportedAt,
      kind: "reported",
      actor: `node:${one.nodeId}`,
      facts: { camera: one.cameraId, phase: "new" },
    },
    ...life.notes,
  ].map((note) => ({ ...note, case_id: caseId, at: iso(Math.min(note.at, now)) }));
  rows.timeline.push(...notes);
  rows.stream.push(...notes.map(({ case_id, at }) => ({ case_id, at })));
  rows.case_file.push({
    ...caseRow(one, event),
    ...{ id: caseId, incident_id: incidentId, version: notes.length },
    updated_at: notes.at(-1)?.at,
  });
  rows.timer.push(
    ...life.timers.map(({ kind, dueAt }) => ({
      ...{ subject: caseId, kind, case_id: caseId, due_at: iso(dueAt) },
    })),
  );
  for (const task of life.tasks) {
    addTask(rows, one, { task, caseId, event, endpointId: endpoints.get(task.department) });
  }
}

function addEvent(
  rows: Rows,
  { life, index, ...one }: SeedCase,
  ids: { readonly event: IncidentEvent; readonly incidentId: string; readonly alarmId: string },
): void {
  const { event, incidentId, alarmId } = ids;
  const { data } = event;
  const facts = { nodeId: one.nodeId, cameraId: one.cameraId, phase: "new" as const };
  const acceptedAt = life.record.reportedAt;
  const sighting = sightingOf(
    {
      ...facts,
      id: event.id,
      alarmId,
      sequence: event.sequence,
      code: life.type.code,
      acceptedAt,
      data,
    },
    0,
  );
  const view = viewOf(sighting);
  const hull = hullOf(view);
  rows.incident.push({
    ...{ id: incidentId, opened_at: iso(acceptedAt), kind: "plain", attention: "full" },
    ...{ first_at: iso(hull.start), last_at: iso(hull.end), min_x: hull.minX, max_x: hull.maxX },
    ...{ min_y: hull.minY, max_y: hull.maxY, scale: hull.scale, cap_diameter_m: hull.capDiameterM },
    ...{ cap_duration_ms: hull.capDurationMs, alarm_count: 1, active_count: 1 },
  });
  rows.incident_alarm.push({
    ...{ key: view.key, incident_id: incidentId, node_id: one.nodeId, camera_id: one.cameraId },
    ...{ camera: view.camera, alarm_id: alarmId, event_type: view.code, exercise: view.exercise },
    ...{ first_at: iso(view.start), last_at: iso(view.end), slack_ms: view.slackMs },
    ...{ region: regionOf(sighting.place), places: view.places, grid_code: view.gridCode },
    ...{ phase: "new", sequence: event.sequence },
  });
  rows.event.push({
    ...{ id: event.id, body: event, body_hash: String(index), node_id: one.nodeId },
    ...{ camera_id: one.cameraId, alarm_id: alarmId, event_type: life.type.code, phase: "new" },
    ...{ sequence: event.sequence, onset: data.onset, captured_at: data.capture.at },
    accepted_at: iso(acceptedAt),
  });
  rows.incident_event.push({
    ...{ event_id: event.id, incident_id: incidentId, link: explain(FIRST), explanation: FIRST },
  });
  for (const { sha256, mime, bytes } of data.evidence) {
    rows.evidence.push({
      // Announced, never brought: the files are not there, and the brain looks after what it has.
      ...{ sha256, mime, bytes, state: "announced", announced_at: iso(acceptedAt) },
    });
  }
}

function caseRow({ life, ...one }: SeedCase, { sequence, data }: IncidentEvent): Row {
  const { type, record } = life;
  const limits = CLOCK_POLICIES[type.sla];
  const snapshot = data.evidence[0] ?? null;
  return {
    ...{ number: one.number, event_type: type.code, title: data.title, line: type.line },
    ...{ severity: type.severity, service_level: type.sla, level: record.level },
    ...{ light: record.light, state: record.state, lead: type.lead, node_id: one.nodeId },
    ...{ camera_id: one.cameraId, camera_name: data.device.name, location: data.location },
    ...{ privacy: data.privacy, snapshot, snapshot_sha256: snapshot?.sha256 ?? null },
    ...{ phase: "new", sequence, event_count: 1, onset: data.onset, captured_at: data.capture.at },
    ...{ reported_at: iso(record.reportedAt), filed_at: iso(record.filedAt) },
    ...{ dispatched_at: iso(life.dispatchedAt), accepted_at: iso(life.acceptedAt) },
    ...{ contained_at: iso(life.containedAt), report_limit_ms: limits.report },
    ...{ dispatch_limit_ms: limits.dispatch, contain_limit_ms: limits.contain },
    work: workOf(record),
  };
}

interface SeedTask {
  readonly task: Life["tasks"][number];
  readonly caseId: string;
  readonly event: IncidentEvent;
  readonly endpointId: string | undefined;
}

function addTask(rows: Rows, one: SeedCase, { task, caseId, event, endpointId }: SeedTask): void {
  const id = uuidv7();
  rows.task.push({
    ...{ id, case_id: caseId, department: task.department, role: task.role, state: task.state },
    ...{ created_at: iso(task.createdAt), delivered_at: iso(task.deliveredAt) },
    ...{ answered_at: iso(task.acceptedAt), accepted_at: iso(task.acceptedAt) },
  });
  if (endpointId === undefined || task.role === "informed") {
    return;
  }
  const deliveryId = uuidv7();
  const isDelivered = task.deliveredAt !== null;
  const sentAt = task.deliveredAt ?? task.createdAt;
  const error = isDelivered ? null : "answered 410";
  rows.delivery.push({
    ...{ id: deliveryId, task_id: id, case_id: caseId, endpoint_id: endpointId },
    ...{ department: task.department, payload: payloadOf(one, { task, caseId, event }, id) },
    ...{ state: isDelivered ? "DELIVERED" : "DEAD", attempts: 1, slow_attempts: 0, replays: 0 },
    ...{ fast_until: iso(task.createdAt + 300_000), give_up_at: iso(task.createdAt + GIVE_UP_MS) },
    ...{ created_at: iso(task.createdAt), first_sent_at: iso(sentAt) },
    ...{ delivered_at: iso(task.deliveredAt), last_error: error },
  });
  rows.attempt.push({
    ...{ delivery_id: deliveryId, number: 1, at: iso(sentAt), duration_ms: 21.4 },
    ...{ status: isDelivered ? 204 : 410, error },
  });
}

function payloadOf(
  { life, ...one }: SeedCase,
  { task, caseId, event }: Pick<SeedTask, "task" | "caseId" | "event">,
  taskId: string,
): object {
  const { type, record } = life;
  const { data } = event;
  return {
    ...{ type: "task.dispatched", version: 1, timestamp: iso(task.createdAt) },
    data: {
      ...{ taskId, caseId, caseNumber: one.number, department: task.department },
      ...{ role: task.role, eventType: type.code, title: data.title, line: type.line },
      ...{ severity: type.severity, serviceLevel: type.sla, onset: data.onset },
      ...{ captureTime: data.capture.at, reportedAt: iso(record.reportedAt) },
      containBy: iso(task.createdAt + CLOCK_POLICIES[type.sla].contain),
      ...{ location: data.location, camera: { id: one.cameraId, name: data.device.name } },
      evidence: data.evidence.map(({ sha256, mime }) => ({ sha256, mime })),
    },
  };
}

function eventOf(one: SeedCase, id: string, alarmId: string): IncidentEvent {
  const { nodeId, cameraId, life, index } = one;
  const { type, record } = life;
  const time = new Date(record.onset).toISOString();
  const picture = {
    ...{ role: "snapshot", mime: "image/jpeg", bytes: 183_204, width: 1920, height: 1080 },
    ...{ capturedAt: time, redaction: "masked" },
    sha256: createHash("sha256").update(id).digest("hex"),
  };
  return {
    ...{ specversion: "1.0", id, source: eventSourceOf(nodeId, cameraId) },
    ...{ type: eventTypeOf(type.code, "new"), subject: `camera/${cameraId}/alarm/${alarmId}` },
    ...{ time, datacontenttype: "application/json", dataschema: EVENT_SCHEMA_URI },
    ...{ recordedtime: time, sequence: String(index).padStart(12, "0"), correlationid: alarmId },
    ...{ partitionkey: one.gridCode, severitynumber: 5 - type.severity },
    ...{ severitytext: "moderate", dataclassification: "internal" },
    data: {
      ...{ alarmId, title: { zh: type.zh, en: type.en }, line: type.line },
      ...{ severity: type.severity, urgency: "immediate", certainty: "likely", exercise: "test" },
      ...{ onset: time, capture: { at: time, clock: "stream" } },
      location: { lat: one.lat, lon: one.lon, crs: "WGS84", gridCode: one.gridCode },
      device: { id: cameraId, nodeId, name: `Gate ${cameraId}`, kind: "fixed" },
      evidence: one.hasPicture ? [picture] : [],
      privacy: {
        ...{ purpose: "public-safety", masksApplied: true, identified: false },
        classification: "internal",
      },
    },
  } as unknown as IncidentEvent;
}
