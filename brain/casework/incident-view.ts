/** What an incident is made of, and which open cases it may be one with. */
import { type Kysely, sql } from "kysely";
import { distanceM, placeOf, regionsAround } from "../correlate/index.ts";
import type { EpochMs, IncidentView, NearCases, Viewer } from "../../protocol/index.ts";
import { inScope, type Schema } from "../store/index.ts";

/** More alarms than a person splits by hand are a storm's. */
const SHOWN_ALARMS = 500;
const SHOWN_CASES = 20;
/** As far, and as long before and after, as people look for the same thing. */
const NEAR_M = 500;
const WINDOW_MS = 2 * 3_600_000;
const MAX_PLACES = 50;
const OVER = ["REJECTED", "MERGED", "CLOSED", "EVALUATED", "CANCELLED", "ARCHIVED"] as const;

export async function viewIncident(
  db: Kysely<Schema>,
  incidentId: string,
  caseId: string,
): Promise<IncidentView> {
  const rows = await db
    .selectFrom("incident_alarm")
    .leftJoin("camera", (join) =>
      join
        .onRef("camera.node_id", "=", "incident_alarm.node_id")
        .onRef("camera.id", "=", "incident_alarm.camera_id"),
    )
    .selectAll("incident_alarm")
    .select("camera.name as camera_name")
    .where("incident_id", "=", incidentId)
    .orderBy("first_at")
    .limit(SHOWN_ALARMS)
    .execute();
  const events = await readEvents(db, incidentId);
  return {
    id: incidentId,
    caseId,
    alarms: rows.map((row) => {
      const told = events.get(`${row.node_id} ${row.alarm_id}`);
      return {
        key: row.key,
        camera: {
          nodeId: row.node_id,
          id: row.camera_id,
          name: row.camera_name ?? row.camera_id,
        },
        eventType: row.event_type,
        phase: row.phase,
        firstAt: row.first_at.toISOString(),
        lastAt: row.last_at.toISOString(),
        events: told?.count ?? 0,
        link: told?.link ?? null,
      };
    }),
  } satisfies Unbranded as IncidentView;
}

type Unbranded = { readonly id: string; readonly caseId: string; readonly alarms: unknown };

interface Told {
  readonly count: number;
  /** Of the alarm's first event. */
  readonly link: string;
}

async function readEvents(db: Kysely<Schema>, incidentId: string): Promise<Map<string, Told>> {
  const { rows } = await sql<Told & { node_id: string; alarm_id: string }>`
    select event.node_id, event.alarm_id, count(*)::int as count,
      (array_agg(incident_event.link order by event.sequence))[1] as link
    from incident_event join event on event.id = incident_event.event_id
    where incident_event.incident_id = ${incidentId}
    group by event.node_id, event.alarm_id`.execute(db);
  return new Map(rows.map((row) => [`${row.node_id} ${row.alarm_id}`, row]));
}

/** By place and time, or by a part of their number wherever they are; the nearest first. */
export async function nearCases(
  db: Kysely<Schema>,
  incidentId: string,
  viewer: Viewer,
  number: string | undefined,
): Promise<NearCases> {
  const own = await db
    .selectFrom("case_file")
    .select("location")
    .where("incident_id", "=", incidentId)
    .executeTakeFirstOrThrow();
  let query = db
    .selectFrom("case_file")
    .innerJoin("incident", "incident.id", "case_file.incident_id")
    .selectAll("case_file")
    .where("case_file.incident_id", "!=", incidentId)
    .where("case_file.state", "not in", OVER)
    .where("incident.merged_into", "is", null)
    .where((eb) => inScope(eb, viewer))
    .orderBy("case_file.reported_at", "desc")
    .limit(number === undefined ? 200 : SHOWN_CASES);
  if (number === undefined) {
    const reach = await readReach(db, incidentId);
    query = query.where("case_file.incident_id", "in", (eb) =>
      eb
        .selectFrom("incident_alarm")
        .select("incident_id")
        .where(sql<boolean>`region = any(${reach.regions}::bigint[])`)
        .where("last_at", ">=", new Date(reach.from))
        .where("first_at", "<=", new Date(reach.to)),
    );
  } else {
    // Digits and dashes only, so that nothing in it is a wildcard.
    query = query.where("case_file.number", "like", `%${number}%`);
  }
  const here = placeOf(own.location);
  const items = (await query.execute())
    .map((row) => ({
      ...{ id: row.id, incidentId: row.incident_id, number: row.number, state: row.state },
      ...{ version: row.version, title: row.title, eventType: row.event_type },
      camera: { id: row.camera_id, name: row.camera_name },
      reportedAt: row.reported_at.toISOString(),
      distanceM: Math.round(distanceM(here, placeOf(row.location))),
    }))
    .sort((a, b) => a.distanceM - b.distanceM)
    .slice(0, SHOWN_CASES);
  return { items } as unknown as NearCases;
}

interface Reach {
  readonly regions: readonly number[];
  readonly from: EpochMs;
  readonly to: EpochMs;
}

async function readReach(db: Kysely<Schema>, incidentId: string): Promise<Reach> {
  const alarms = await db
    .selectFrom("incident_alarm")
    .select(["places", "first_at", "last_at"])
    .where("incident_id", "=", incidentId)
    .orderBy("last_at", "desc")
    .limit(MAX_PLACES)
    .execute();
  const regions = alarms.flatMap(({ places }) =>
    places.slice(0, 1).flatMap((place) => regionsAround(place, NEAR_M)),
  );
  const starts = alarms.map((alarm) => alarm.first_at.getTime());
  const ends = alarms.map((alarm) => alarm.last_at.getTime());
  return {
    regions: [...new Set(regions)],
    from: Math.min(...starts) - WINDOW_MS,
    to: Math.max(...ends) + WINDOW_MS,
  };
}
