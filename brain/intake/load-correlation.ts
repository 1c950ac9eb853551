/** Loads what a batch of sightings has to be weighed against: alarms near them, and their incidents. */
import { type RawBuilder, type Selectable, sql, type Transaction } from "kysely";
import {
  type AlarmView,
  type CameraGraph,
  CorrelationState,
  doesMove,
  type Incident,
  regionsAround,
  searchRadiusM,
  searchWindowMs,
  type Sighting,
  type Silence,
  type Standing,
  STORM_SLOT_MS,
  stormMinute,
  cameraKey,
  viewOf,
} from "../correlate/index.ts";
import type { CaseState, EpochMs } from "../../protocol/index.ts";
import type { Schema } from "../store/index.ts";

/** What T2 knows of an incident beside its correlation. */
export interface StoredIncident {
  readonly caseId: string | null;
  readonly caseState: CaseState | null;
  readonly severity: number | null;
  /** The incident that it has become part of. */
  readonly mergedInto: string | null;
}

export interface LoadedCorrelation {
  readonly state: CorrelationState;
  readonly silences: readonly Silence[];
  readonly stored: ReadonlyMap<string, StoredIncident>;
}

/** An alarm is found by its first place; its others lie within this, m. */
const ALARM_EXTENT_M = 100;
/** Ranges of time that lie closer than this are read as one, ms. */
const RANGE_GAP_MS = 2 * 3_600_000;

export async function loadCorrelation(
  tx: Transaction<Schema>,
  sightings: readonly Sighting[],
  graph: CameraGraph,
): Promise<LoadedCorrelation> {
  const alarms = await readAlarms(tx, sightings, graph);
  const state = new CorrelationState();
  const slots = await readStormSlots(tx, state, sightings);
  const ids = new Set([...alarms.map((alarm) => alarm.incident_id), ...slots]);
  const stored = await loadIncidents(tx, state, [...ids]);
  for (const row of alarms) {
    const incident = state.incident(row.incident_id);
    if (incident !== undefined) {
      state.loadAlarm(toView(row), incident);
    }
  }
  return { state, stored, silences: await readSilences(tx, sightings) };
}

export type AlarmRow = Selectable<Schema["incident_alarm"]>;

async function readAlarms(
  tx: Transaction<Schema>,
  sightings: readonly Sighting[],
  graph: CameraGraph,
): Promise<AlarmRow[]> {
  const keys = [...new Set(sightings.map(({ key }) => key))];
  const near = rangesOf(sightings, (view) => {
    const radiusM = searchRadiusM(view) + ALARM_EXTENT_M;
    return view.places.flatMap((place) => regionsAround(place, radiusM));
  });
  const ways = rangesOf(sightings, (view) =>
    doesMove(view) ? graph.neighboursOf(view.camera).map(({ camera }) => camera) : [],
  );
  const entities = [...new Set(sightings.flatMap(({ entityKeys }) => entityKeys))];
  const parts = [
    sql`select a.* from incident_alarm a where a.key = any(${keys}::text[])`,
    sql`select a.* from ${spansIn(near, sql`bigint[]`)}
      join incident_alarm a
        on a.region = q.place and a.last_at >= q.starts and a.first_at <= q.ends`,
  ];
  if (ways.where.length > 0) {
    parts.push(sql`select a.* from ${spansIn(ways, sql`text[]`)}
      join incident_alarm a
        on a.camera = q.place and a.last_at >= q.starts and a.first_at <= q.ends`);
  }
  if (entities.length > 0) {
    parts.push(sql`select a.* from incident_alarm a
      where a.entity_keys <> '{}' and a.entity_keys && ${entities}::text[]`);
  }
  const { rows } = await sql<AlarmRow>`${sql.join(parts, sql` union all `)}`.execute(tx);
  return [...new Map(rows.map((row) => [row.key, row])).values()];
}

function spansIn({ where, from, to }: Ranges, type: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`unnest(${where}::${type}, ${from}::timestamptz[], ${to}::timestamptz[])
    as q(place, starts, ends)`;
}

interface Ranges {
  readonly where: (string | number)[];
  readonly from: Date[];
  readonly to: Date[];
}

/** For every place or camera, the spans of time that are of interest there. */
function rangesOf(
  sightings: readonly Sighting[],
  placesOf: (view: AlarmView) => readonly (string | number)[],
): Ranges {
  const spans = new Map<string | number, { from: EpochMs; to: EpochMs }[]>();
  for (const sighting of sightings) {
    const view = viewOf(sighting);
    const windowMs = searchWindowMs(view);
    const from = view.start - windowMs;
    const to = view.end + windowMs;
    for (const place of placesOf(view)) {
      const known = spans.get(place) ?? [];
      spans.set(place, known);
      const span = known.find(
        (one) => from <= one.to + RANGE_GAP_MS && to >= one.from - RANGE_GAP_MS,
      );
      if (span === undefined) {
        known.push({ from, to });
      } else {
        span.from = Math.min(span.from, from);
        span.to = Math.max(span.to, to);
      }
    }
  }
  const ranges: Ranges = { where: [], from: [], to: [] };
  for (const [place, list] of spans) {
    for (const { from, to } of list) {
      ranges.where.push(place);
      ranges.from.push(new Date(from));
      ranges.to.push(new Date(to));
    }
  }
  return ranges;
}

export function toView(row: AlarmRow): AlarmView {
  return {
    key: row.key,
    nodeId: row.node_id,
    cameraId: row.camera_id,
    alarmId: row.alarm_id,
    camera: row.camera,
    code: row.event_type,
    exercise: row.exercise,
    start: row.first_at.getTime(),
    end: row.last_at.getTime(),
    slackMs: row.slack_ms,
    places: row.places,
    gridCode: row.grid_code,
    entityKeys: row.entity_keys,
    phase: row.phase,
    sequence: row.sequence,
  };
}

/** Loads incidents into the state; those without alarms are of before and stay as they are. */
export async function loadIncidents(
  tx: Transaction<Schema>,
  state: CorrelationState,
  ids: readonly string[],
): Promise<Map<string, StoredIncident>> {
  if (ids.length === 0) {
    return new Map();
  }
  const rows = await tx
    .selectFrom("incident")
    .leftJoin("case_file", "case_file.incident_id", "incident.id")
    .selectAll("incident")
    .select([
      "case_file.id as case_id",
      "case_file.state as case_state",
      "case_file.updated_at as case_updated_at",
      "case_file.severity as case_severity",
    ])
    .where(sql<boolean>`incident.id = any(${[...ids]}::uuid[])`)
    .execute();
  const stored = new Map<string, StoredIncident>();
  for (const row of rows) {
    const { case_id: caseId, case_state: caseState, case_severity: severity } = row;
    stored.set(row.id, { caseId, caseState, severity, mergedInto: row.merged_into });
    state.loadIncident({
      id: row.id,
      openedAt: row.opened_at.getTime(),
      kind: row.kind,
      attention: row.attention,
      standing: caseState === null ? "waiting" : standingOf(caseState),
      closedAt: closedAt(caseState, row.attention, row.case_updated_at),
      hull: {
        start: row.first_at?.getTime() ?? 0,
        end: row.last_at?.getTime() ?? 0,
        minX: row.min_x ?? 0,
        maxX: row.max_x ?? 0,
        minY: row.min_y ?? 0,
        maxY: row.max_y ?? 0,
        scale: row.scale ?? 1,
        capDiameterM: row.cap_diameter_m ?? 0,
        capDurationMs: row.cap_duration_ms ?? 0,
      },
      alarmCount: row.alarm_count,
      activeCount: row.active_count,
      cancelledCount: row.cancelled_count,
      apart: new Set(row.apart),
      alarms: new Set(),
      touchedAt: row.opened_at.getTime(),
    });
  }
  return stored;
}

const WAITING: ReadonlySet<CaseState> = new Set(["REPORTED", "VERIFYING", "REJECTED", "MERGED"]);
const SENT: ReadonlySet<CaseState> = new Set(["FILED", "DISPATCHED"]);
const OVER: ReadonlySet<CaseState> = new Set([
  "REJECTED",
  "CLOSED",
  "EVALUATED",
  "CANCELLED",
  "ARCHIVED",
]);

export function standingOf(state: CaseState): Standing {
  return WAITING.has(state) ? "waiting" : SENT.has(state) ? "sent" : "taken";
}

/** An alarm that was cancelled before it was known asks for nobody, and is still open to others. */
function closedAt(
  state: CaseState | null,
  attention: Incident["attention"],
  updatedAt: Date | null,
): EpochMs | null {
  const isOver = state !== null && OVER.has(state) && attention !== "none";
  return isOver ? (updatedAt?.getTime() ?? null) : null;
}

/** @returns the storm incidents that they lead to. */
async function readStormSlots(
  tx: Transaction<Schema>,
  state: CorrelationState,
  sightings: readonly Sighting[],
): Promise<string[]> {
  const wanted = new Map<string, { camera: string; minute: EpochMs }>();
  for (const sighting of sightings) {
    const camera = cameraKey(sighting);
    const minute = stormMinute(sighting);
    for (const at of [minute - STORM_SLOT_MS, minute, minute + STORM_SLOT_MS]) {
      wanted.set(`${camera}@${at}`, { camera, minute: at });
    }
  }
  const list = [...wanted.values()];
  const { rows } = await sql<Selectable<Schema["storm_slot"]>>`
    select s.* from unnest(${list.map(({ camera }) => camera)}::text[],
        ${list.map(({ minute }) => new Date(minute))}::timestamptz[]) as q(camera, minute)
      join storm_slot s on s.camera = q.camera and s.minute = q.minute`.execute(tx);
  for (const row of rows) {
    const { camera, opened, suppressed, incident_id: incidentId } = row;
    const minute = row.minute.getTime();
    state.storms.load({ camera, minute, opened, suppressed, incidentId, touchedAt: 0 });
  }
  return rows.flatMap(({ incident_id: id }) => (id === null ? [] : [id]));
}

async function readSilences(
  tx: Transaction<Schema>,
  sightings: readonly Sighting[],
): Promise<Silence[]> {
  const first = Math.min(...sightings.map(({ end }) => end));
  const rows = await tx
    .selectFrom("silence")
    .selectAll()
    .where("ends_at", ">", new Date(first))
    .where((eb) => eb.or([eb("ended_at", "is", null), eb("ended_at", ">", new Date(first))]))
    .orderBy("id")
    .execute();
  return rows.map((row) => ({
    id: row.id,
    kind: row.kind,
    nodeId: row.node_id,
    cameraId: row.camera_id,
    code: row.event_type,
    gridPrefix: row.grid_prefix,
    from: row.starts_at.getTime(),
    until: Math.min(row.ends_at.getTime(), row.ended_at?.getTime() ?? Infinity),
    lifeSafety: row.life_safety,
  }));
}
