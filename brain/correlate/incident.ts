/** What correlation keeps of an incident. */
import type { EpochMs } from "../../protocol/index.ts";
import { type AlarmView, isActive } from "./alarm-view.ts";
import type { IncidentHull } from "./incident-hull.ts";

/**
 * What an incident asks of people: `none` while everything in it is silenced or a mistake;
 * `review` while all of it came late; `full` where somebody may have to go now.
 */
export type Attention = "none" | "review" | "full";

const ATTENTION_RANK: Readonly<Record<Attention, number>> = { none: 0, review: 1, full: 2 };

export function greaterAttention(a: Attention, b: Attention): Attention {
  return ATTENTION_RANK[a] >= ATTENTION_RANK[b] ? a : b;
}

/**
 * How far its case is: `waiting` for an operator or without a case, `sent` to departments, `taken`
 * into people's hands. What is further along outlives what it turns out to be one with.
 */
export type Standing = "waiting" | "sent" | "taken";

const STANDING_RANK: Readonly<Record<Standing, number>> = { waiting: 0, sent: 1, taken: 2 };

export interface Incident {
  readonly id: string;
  /** The brain's clock at its first event. */
  openedAt: EpochMs;
  kind: "plain" | "storm";
  attention: Attention;
  standing: Standing;
  /** Its case is over since then: what comes later is something new. */
  closedAt: EpochMs | null;
  hull: IncidentHull;
  alarmCount: number;
  activeCount: number;
  cancelledCount: number;
  /** Incidents that an operator separated it from. */
  readonly apart: Set<string>;
  /** Its alarms as far as they are in memory. */
  readonly alarms: Set<KnownAlarm>;
  touchedAt: EpochMs;
}

/** An alarm with its place in the state. */
export interface KnownAlarm {
  view: AlarmView;
  incident: Incident;
  /** Cells of the index that hold it. */
  readonly cells: number[];
  /** Number of the last search that met it. */
  mark: number;
}

/** Negative where `a` outlives `b`: work done, then a case at all, then age. */
export function compareIncidents(a: Incident, b: Incident): number {
  return (
    STANDING_RANK[b.standing] - STANDING_RANK[a.standing] ||
    Number(a.attention === "none") - Number(b.attention === "none") ||
    a.openedAt - b.openedAt ||
    (a.id < b.id ? -1 : 1)
  );
}

/** Adds (`by` 1) or takes away (−1) an alarm in the counts. */
export function countAlarm(incident: Incident, view: AlarmView, by: 1 | -1): void {
  incident.alarmCount += by;
  if (isActive(view)) {
    incident.activeCount += by;
  } else if (view.phase === "cancel") {
    incident.cancelledCount += by;
  }
}
