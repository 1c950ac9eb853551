/** The events that T2 works on: read from the inbox with the clock error of their node. */
import { type Transaction } from "kysely";
import { type Sighting, sightingOf } from "../correlate/index.ts";
import {
  type EventType,
  findEventType,
  type IncidentEvent,
  PermanentError,
  type Phase,
} from "../../protocol/index.ts";
import type { Schema } from "../store/index.ts";

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
  /** Node clock minus brain clock at the last heartbeat, ms; null before the first. */
  readonly skewMs: number | null;
  /** How its grid is known; absent where nobody asked the town. */
  readonly grid?: GridFinding;
}

/** How the grid of an event was found: the one it names, or by its point where that is unknown. */
export interface GridFinding {
  readonly how: string;
  /** The code that the event named, where no grid has it. */
  readonly claimed?: string | undefined;
  /** From the nearest grid, where the point lies in none. */
  readonly distanceM?: number | undefined;
}

export type LocateEvent = (event: IncidentEvent) => {
  readonly event: IncidentEvent;
  readonly grid: GridFinding;
};

const COLUMNS = [
  "event.id",
  "event.node_id",
  "event.camera_id",
  "event.alarm_id",
  "event.event_type",
  "event.phase",
  "event.sequence",
  "event.accepted_at",
  "event.body",
  "node.skew_ms",
] as const;

/** Up to `limit` events, oldest first; `only` picks a single position. */
export async function readInbox(
  tx: Transaction<Schema>,
  limit: number,
  only: number | undefined,
): Promise<InboxEvent[]> {
  let query = tx
    .selectFrom("inbox")
    .innerJoin("event", "event.id", "inbox.event_id")
    .leftJoin("node", "node.id", "event.node_id")
    .select(["inbox.position", ...COLUMNS])
    .orderBy("inbox.position")
    .limit(limit);
  if (only !== undefined) {
    query = query.where("inbox.position", "=", only);
  }
  return (await query.execute()).map(toEvent);
}

/** Events of some alarms that were worked off before, oldest first. */
export async function readEventsOf(
  tx: Transaction<Schema>,
  incidentId: string,
): Promise<InboxEvent[]> {
  const rows = await tx
    .selectFrom("incident_event")
    .innerJoin("event", "event.id", "incident_event.event_id")
    .leftJoin("node", "node.id", "event.node_id")
    .select(COLUMNS)
    .where("incident_event.incident_id", "=", incidentId)
    .orderBy("event.accepted_at")
    .orderBy("event.sequence")
    .execute();
  return rows.map((row) => toEvent({ ...row, position: 0 }));
}

interface Row {
  readonly position: number;
  readonly id: string;
  readonly node_id: string;
  readonly camera_id: string;
  readonly alarm_id: string;
  readonly event_type: string;
  readonly phase: Phase;
  readonly sequence: string;
  readonly accepted_at: Date;
  readonly body: IncidentEvent;
  readonly skew_ms: number | null;
}

function toEvent(row: Row): InboxEvent {
  return {
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
    skewMs: row.skew_ms,
  };
}

/** Who told, as the timeline names it. */
export function tellerOf({ nodeId, body }: InboxEvent): string {
  const { report } = body.data;
  return report === undefined ? `node:${nodeId}` : `reporter:${report.channel}`;
}

export function sightingOfEvent(event: InboxEvent): Sighting {
  return sightingOf(
    {
      id: event.id,
      nodeId: event.nodeId,
      cameraId: event.cameraId,
      alarmId: event.alarmId,
      phase: event.phase,
      sequence: event.sequence,
      code: event.type.code,
      acceptedAt: event.acceptedAt.getTime(),
      data: event.body.data,
    },
    event.skewMs,
  );
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
