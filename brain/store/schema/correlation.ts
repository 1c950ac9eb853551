/** Tables of `migrations/*-correlation.sql`. */
import type { Generated } from "kysely";
import type { IncidentEvent, Phase } from "../../../protocol/index.ts";
import type { Attention, Explanation, Incident, Place } from "../../correlate/index.ts";
import type { Json, NullableJson, NullableTime, Position, Time } from "./column.ts";

/** Columns that the migration adds to `incident`. */
export interface IncidentReach {
  kind: Generated<Incident["kind"]>;
  attention: Generated<Attention>;
  first_at: NullableTime;
  last_at: NullableTime;
  min_x: number | null;
  max_x: number | null;
  min_y: number | null;
  max_y: number | null;
  scale: number | null;
  cap_diameter_m: number | null;
  cap_duration_ms: number | null;
  alarm_count: Generated<number>;
  active_count: Generated<number>;
  cancelled_count: Generated<number>;
  cleared_at: NullableTime;
  merged_into: string | null;
  apart: Generated<string[]>;
}

/** The column that the migration adds to `incident_event`. */
export interface IncidentEventReason {
  explanation: NullableJson<Explanation>;
}

export interface IncidentAlarmTable {
  key: string;
  incident_id: string;
  node_id: string;
  camera_id: string;
  camera: string;
  alarm_id: string;
  event_type: string;
  exercise: IncidentEvent["data"]["exercise"];
  first_at: Time;
  last_at: Time;
  slack_ms: number;
  region: number;
  places: Json<readonly Place[]>;
  grid_code: string | null;
  entity_keys: string[];
  phase: Phase;
  sequence: string;
}

export interface IncidentMergeTable {
  loser_id: string;
  winner_id: string;
  at: Time;
  actor: string;
  link: string;
  explanation: Json<Explanation>;
}

export interface IncidentSplitTable {
  id: Position;
  incident_id: string;
  new_incident_id: string;
  alarm_keys: string[];
  at: Time;
  actor: string;
  reason: string;
}

export interface SilenceTable {
  id: string;
  kind: "silence" | "maintenance";
  node_id: string | null;
  camera_id: string | null;
  event_type: string | null;
  grid_prefix: string | null;
  starts_at: Time;
  ends_at: Time;
  reason: string;
  created_by: string;
  created_at: Time;
  life_safety: Generated<boolean>;
  ended_at: NullableTime;
  ended_by: string | null;
}

export interface SuppressionTable {
  incident_id: string;
  kind: "storm" | "silence" | "maintenance";
  camera: string;
  event_type: string;
  silence_id: string | null;
  alarms: number;
  events: number;
  first_at: Time;
  last_at: Time;
}

export interface StormSlotTable {
  camera: string;
  minute: Time;
  opened: number;
  suppressed: number;
  incident_id: string | null;
}

export interface CorrelationSchema {
  incident_alarm: IncidentAlarmTable;
  incident_merge: IncidentMergeTable;
  incident_split: IncidentSplitTable;
  silence: SilenceTable;
  suppression: SuppressionTable;
  storm_slot: StormSlotTable;
}
