/** What correlation looks at of an accepted event, with its times on the brain's clock. */
import { type EpochMs, type IncidentEvent, PERSON_NODE, type Phase } from "../../protocol/index.ts";
import { type Place, placeOf } from "./place.ts";

export interface Sighting {
  /** Of its alarm, as `alarmKey` names it. */
  readonly key: string;
  readonly eventId: string;
  readonly nodeId: string;
  readonly cameraId: string;
  readonly alarmId: string;
  readonly phase: Phase;
  /** Zero-padded, rising per source: text order is number order. */
  readonly sequence: string;
  readonly code: string;
  readonly exercise: IncidentEvent["data"]["exercise"];
  /** When the cause began and was last seen, on the brain's clock. */
  readonly start: EpochMs;
  readonly end: EpochMs;
  /** How far these times may still be off, ms. */
  readonly slackMs: number;
  readonly place: Place;
  readonly gridCode: string | null;
  /** Names of one thing in the world, such as `ticket:12345-2026-118`: they link by themselves. */
  readonly entityKeys: readonly string[];
  readonly acceptedAt: EpochMs;
}

/** An accepted event as intake stores it. */
export interface SightedEvent {
  readonly id: string;
  readonly nodeId: string;
  readonly cameraId: string;
  readonly alarmId: string;
  readonly phase: Phase;
  readonly sequence: string;
  readonly code: string;
  readonly acceptedAt: EpochMs;
  readonly data: Pick<
    IncidentEvent["data"],
    "onset" | "endedAt" | "capture" | "location" | "exercise" | "report"
  >;
  readonly entityKeys?: readonly string[];
}

/** The clock error that stays after correction by a heartbeat, ms: its journey is not symmetric. */
const SLACK_MS = 1_000;
/** A clock that is off by more than this is not disciplined, so it drifts between heartbeats. */
const SUSPECT_SKEW_MS = 30_000;
const SUSPECT_SLACK_MS = 4_000;
/** No heartbeat has measured the node yet: its clock is as good as an unattended one. */
const UNKNOWN_SLACK_MS = 5_000;

/** People tell of what has been there for a while: so long before their word it may have begun. */
const TELLING_MS = 10 * 60_000;

/** `skewMs`: node clock minus brain clock at the last heartbeat; null before the first. */
export function sightingOf(event: SightedEvent, skewMs: number | null): Sighting {
  const { data } = event;
  const skew = skewMs ?? 0;
  const onset = Date.parse(data.onset);
  const seen = Date.parse(data.capture.at);
  const ended = data.endedAt === undefined ? seen : Date.parse(data.endedAt);
  const isPerson = event.nodeId === PERSON_NODE;
  const ticket = data.report?.ticket;
  return {
    key: alarmKey(event),
    eventId: event.id,
    nodeId: event.nodeId,
    cameraId: event.cameraId,
    alarmId: event.alarmId,
    phase: event.phase,
    sequence: event.sequence,
    code: event.code,
    exercise: data.exercise,
    start: Math.min(onset, seen) - skew - (isPerson ? TELLING_MS : 0),
    end: Math.max(onset, seen, ended) - skew,
    slackMs: slackOf(skewMs),
    place: placeOf(data.location),
    gridCode: data.location.gridCode ?? null,
    entityKeys: event.entityKeys ?? (ticket === undefined ? [] : [`ticket:${ticket}`]),
    acceptedAt: event.acceptedAt,
  };
}

function slackOf(skewMs: number | null): number {
  if (skewMs === null) {
    return UNKNOWN_SLACK_MS;
  }
  return Math.abs(skewMs) > SUSPECT_SKEW_MS ? SUSPECT_SLACK_MS : SLACK_MS;
}

/** Names an alarm in the whole system. */
export function alarmKey(alarm: { readonly nodeId: string; readonly alarmId: string }): string {
  return `alarm:${alarm.nodeId}:${alarm.alarmId}`;
}

export function cameraKey(of: { readonly nodeId: string; readonly cameraId: string }): string {
  return `${of.nodeId}/${of.cameraId}`;
}
