/** Tables of `migrations/*-evidence.sql`. */
import type { Generated } from "kysely";
import type { NullableJson, NullableTime, Time } from "./column.ts";

/** `damaged`: its bytes are missing or wrong. `deleted`: by retention; the row stays. */
export type EvidenceState = "announced" | "stored" | "damaged" | "deleted";

/** Columns that the migration adds to `evidence`. */
export interface EvidenceKeeping {
  gone_at: NullableTime;
  checked_at: NullableTime;
  look_at: NullableTime;
  erased: Generated<boolean>;
}

export interface CaseEvidenceTable {
  case_id: string;
  sha256: string;
  kind: "after";
  sent_sha256: string;
  round: number;
  task_id: string | null;
  department: string | null;
  actor: string;
  taken_at: Time;
  place: NullableJson<{ readonly lat: number; readonly lon: number; readonly accuracyM?: number }>;
  added_at: Time;
  width: number;
  height: number;
}

export interface CaseHoldTable {
  case_id: string;
  reason: string;
  placed_by: string;
  placed_at: Time;
  until: Time;
}

export interface StreamFloorTable {
  only_one: Generated<boolean>;
  position: number;
}

export interface EvidenceSchema {
  case_evidence: CaseEvidenceTable;
  case_hold: CaseHoldTable;
  stream_floor: StreamFloorTable;
}
