/**
 * Writes what correlation decided on a batch: a fixed number of statements, however many events.
 * Everything happens under the lock of `lockCases`.
 */
import { sql, type Transaction } from "kysely";
import {
  type CorrelationCommand,
  type CorrelationState,
  explain,
  type Explanation,
  cameraKey,
  type Incident,
  type KnownAlarm,
  regionOf,
  type Sighting,
} from "../correlate/index.ts";
import type { EpochMs } from "../../protocol/index.ts";
import type { Schema } from "../store/index.ts";

type Merge = Extract<CorrelationCommand, { kind: "merge" }>;
type Placed = Extract<CorrelationCommand, { kind: "open" | "join" }>;
type Suppression = Extract<CorrelationCommand, { kind: "suppress" }>;

/** Which incident an incident of this batch ended up in. */
export type Survivors = (incidentId: string) => string;

export function survivorsOf(commands: readonly CorrelationCommand[]): Survivors {
  const into = new Map(
    commands.flatMap((command) =>
      command.kind === "merge" ? [[command.loserId, command.winnerId] as const] : [],
    ),
  );
  return (incidentId) => {
    let at = incidentId;
    for (let next = into.get(at); next !== undefined; next = into.get(at)) {
      at = next;
    }
    return at;
  };
}

export async function writeIncidents(
  tx: Transaction<Schema>,
  incidents: readonly Incident[],
  now: EpochMs,
): Promise<void> {
  const rows = incidents.map((incident) => ({
    id: incident.id,
    opened_at: iso(incident.openedAt),
    kind: incident.kind,
    attention: incident.attention,
    first_at: iso(incident.hull.start),
    last_at: iso(incident.hull.end),
    min_x: incident.hull.minX,
    max_x: incident.hull.maxX,
    min_y: incident.hull.minY,
    max_y: incident.hull.maxY,
    scale: incident.hull.scale,
    cap_diameter_m: incident.hull.capDiameterM,
    cap_duration_ms: incident.hull.capDurationMs,
    alarm_count: incident.alarmCount,
    active_count: incident.activeCount,
    cancelled_count: incident.cancelledCount,
    cleared_at: incident.activeCount === 0 ? iso(now) : null,
    apart: [...incident.apart],
  }));
  await sql`
    insert into incident as i (id, opened_at, kind, attention, first_at, last_at, min_x, max_x,
      min_y, max_y, scale, cap_diameter_m, cap_duration_ms, alarm_count, active_count,
      cancelled_count, cleared_at, apart)
    select v.* from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as v (
      id uuid, opened_at timestamptz, kind text, attention text, first_at timestamptz,
      last_at timestamptz, min_x float8, max_x float8, min_y float8, max_y float8, scale float8,
      cap_diameter_m float8, cap_duration_ms float8, alarm_count int, active_count int,
      cancelled_count int, cleared_at timestamptz, apart uuid[])
    on conflict (id) do update set
      attention = excluded.attention, first_at = excluded.first_at, last_at = excluded.last_at,
      min_x = excluded.min_x, max_x = excluded.max_x, min_y = excluded.min_y,
      max_y = excluded.max_y, scale = excluded.scale, cap_diameter_m = excluded.cap_diameter_m,
      cap_duration_ms = excluded.cap_duration_ms, alarm_count = excluded.alarm_count,
      active_count = excluded.active_count, cancelled_count = excluded.cancelled_count,
      cleared_at =
        case when excluded.cleared_at is null then null
             else coalesce(i.cleared_at, excluded.cleared_at) end,
      apart = excluded.apart`.execute(tx);
}

export async function writeAlarms(
  tx: Transaction<Schema>,
  alarms: readonly KnownAlarm[],
): Promise<void> {
  const rows = alarms.map(({ view, incident }) => ({
    key: view.key,
    incident_id: incident.id,
    node_id: view.nodeId,
    camera_id: view.cameraId,
    camera: view.camera,
    alarm_id: view.alarmId,
    event_type: view.code,
    exercise: view.exercise,
    first_at: iso(view.start),
    last_at: iso(view.end),
    slack_ms: view.slackMs,
    region: view.places[0] === undefined ? 0 : regionOf(view.places[0]),
    places: view.places,
    grid_code: view.gridCode,
    entity_keys: view.entityKeys,
    phase: view.phase,
    sequence: view.sequence,
  }));
  await sql`
    insert into incident_alarm (key, incident_id, node_id, camera_id, camera, alarm_id, event_type,
      exercise, first_at, last_at, slack_ms, region, places, grid_code, entity_keys, phase, sequence)
    select v.* from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as v (
      key text, incident_id uuid, node_id text, camera_id text, camera text, alarm_id uuid,
      event_type text, exercise text, first_at timestamptz, last_at timestamptz, slack_ms float8,
      region bigint, places jsonb, grid_code text, entity_keys text[], phase text, sequence text)
    on conflict (key) do update set
      incident_id = excluded.incident_id, first_at = excluded.first_at, last_at = excluded.last_at,
      slack_ms = excluded.slack_ms, places = excluded.places, phase = excluded.phase,
      sequence = excluded.sequence, entity_keys = excluded.entity_keys`.execute(tx);
}

/** Links the events, and takes them from the inbox. */
export async function writeLinks(
  tx: Transaction<Schema>,
  placed: readonly Placed[],
  positions: readonly number[],
  survivors: Survivors,
): Promise<void> {
  const rows = placed.map(({ sighting, incidentId, explanation }) => ({
    event_id: sighting.eventId,
    incident_id: survivors(incidentId),
    link: explain(explanation),
    explanation,
  }));
  await sql`
    insert into incident_event (event_id, incident_id, link, explanation)
    select v.* from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as v (
      event_id uuid, incident_id uuid, link text, explanation jsonb)`.execute(tx);
  await sql`delete from inbox where position = any(${[...positions]}::bigint[])`.execute(tx);
}

export interface StoredMerge {
  readonly loserId: string;
  /** The incident that is left in the end. */
  readonly winnerId: string;
  readonly explanation: Explanation;
  readonly actor: string;
}

/** Merges of incidents that are stored; those that began in this batch have left no trace. */
export function storedMerges(
  commands: readonly CorrelationCommand[],
  isStored: (incidentId: string) => boolean,
  survivors: Survivors,
): StoredMerge[] {
  return commands
    .filter((command): command is Merge => command.kind === "merge" && isStored(command.loserId))
    .map(({ loserId, explanation }) => ({
      loserId,
      winnerId: survivors(loserId),
      explanation,
      actor: "system",
    }));
}

/** Moves all that belongs to the losers. */
export async function writeMerges(
  tx: Transaction<Schema>,
  merges: readonly StoredMerge[],
  now: EpochMs,
): Promise<void> {
  if (merges.length === 0) {
    return;
  }
  const losers = merges.map(({ loserId }) => loserId);
  const winners = merges.map(({ winnerId }) => winnerId);
  const pairs = sql`unnest(${losers}::uuid[], ${winners}::uuid[]) as v(loser, winner)`;
  await sql`
    update incident set merged_into = v.winner, active_count = 0, apart = '{}'
    from ${pairs} where incident.id = v.loser`.execute(tx);
  await sql`
    update incident set apart = array_replace(incident.apart, v.loser, v.winner)
    from ${pairs} where v.loser = any(incident.apart)`.execute(tx);
  await sql`
    update incident_alarm set incident_id = v.winner
    from ${pairs} where incident_alarm.incident_id = v.loser`.execute(tx);
  await sql`
    update incident_event set incident_id = v.winner
    from ${pairs} where incident_event.incident_id = v.loser`.execute(tx);
  await tx
    .insertInto("incident_merge")
    .values(
      merges.map(({ loserId, winnerId, explanation, actor }) => ({
        loser_id: loserId,
        winner_id: winnerId,
        at: new Date(now),
        actor,
        link: explain(explanation),
        explanation: JSON.stringify(explanation),
      })),
    )
    .execute();
}

/** Cases of these incidents count all events that are theirs now. */
export async function recountEvents(
  tx: Transaction<Schema>,
  incidentIds: readonly string[],
): Promise<void> {
  if (incidentIds.length > 0) {
    await sql`
      update case_file set event_count = (
        select count(*) from incident_event
        where incident_event.incident_id = case_file.incident_id)
      where incident_id = any(${[...incidentIds]}::uuid[])`.execute(tx);
  }
}

/** How busy the cameras of this batch were in their minutes. */
export async function writeStormSlots(
  tx: Transaction<Schema>,
  state: CorrelationState,
  sightings: readonly Sighting[],
  survivors: Survivors,
): Promise<void> {
  const slots = new Set(sightings.flatMap((sighting) => state.storms.peek(sighting) ?? []));
  const rows = [...slots].map(({ camera, minute, opened, suppressed, incidentId }) => ({
    camera,
    minute: iso(minute),
    opened,
    suppressed,
    incident_id: incidentId === null ? null : survivors(incidentId),
  }));
  if (rows.length === 0) {
    return;
  }
  await sql`
    insert into storm_slot (camera, minute, opened, suppressed, incident_id)
    select v.* from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as v (
      camera text, minute timestamptz, opened int, suppressed int, incident_id uuid)
    on conflict (camera, minute) do update set
      opened = excluded.opened, suppressed = excluded.suppressed,
      incident_id = excluded.incident_id`.execute(tx);
}

/** Adds what was kept without a case to the counts. */
export async function writeSuppressions(
  tx: Transaction<Schema>,
  commands: readonly CorrelationCommand[],
  survivors: Survivors,
): Promise<void> {
  const found = commands.filter((command): command is Suppression => command.kind === "suppress");
  if (found.length === 0) {
    return;
  }
  const counts = new Map<string, ReturnType<typeof firstCount>>();
  for (const suppression of found) {
    const incidentId = survivors(suppression.incidentId);
    const { sighting, by, silenceId } = suppression;
    const key = [incidentId, by, cameraKey(sighting), sighting.code, silenceId].join("|");
    const count = counts.get(key) ?? firstCount(suppression, incidentId);
    count.events += 1;
    count.alarms += suppression.isNewAlarm ? 1 : 0;
    count.last_at = count.last_at > iso(sighting.end) ? count.last_at : iso(sighting.end);
    counts.set(key, count);
  }
  await sql`
    insert into suppression as s (incident_id, kind, camera, event_type, silence_id, alarms, events,
      first_at, last_at)
    select v.* from jsonb_to_recordset(${JSON.stringify([...counts.values()])}::jsonb) as v (
      incident_id uuid, kind text, camera text, event_type text, silence_id uuid, alarms int,
      events int, first_at timestamptz, last_at timestamptz)
    on conflict (incident_id, kind, camera, event_type,
      coalesce(silence_id, '00000000-0000-0000-0000-000000000000'::uuid)) do update set
      alarms = s.alarms + excluded.alarms, events = s.events + excluded.events,
      first_at = least(s.first_at, excluded.first_at),
      last_at = greatest(s.last_at, excluded.last_at)`.execute(tx);
}

function firstCount({ sighting, by, silenceId }: Suppression, incidentId: string) {
  return {
    incident_id: incidentId,
    kind: by,
    camera: cameraKey(sighting),
    event_type: sighting.code,
    silence_id: silenceId,
    alarms: 0,
    events: 0,
    first_at: iso(sighting.start),
    last_at: iso(sighting.end),
  };
}

function iso(at: EpochMs): string {
  return new Date(at).toISOString();
}
