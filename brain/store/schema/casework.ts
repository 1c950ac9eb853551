/** Tables of `migrations/*-casework.sql`. */
import type { ColumnType, Generated } from "kysely";
import type { EscalationLevel, SupervisionLight, WhistleState } from "../../../protocol/index.ts";
import type { CaseRecord, WhistleRecord } from "../../cases/index.ts";
import type { Json, NullableJson, NullableTime, Time } from "./column.ts";

/** The part of a record that `case_file` has no columns for. */
export type CaseWork = Omit<
  CaseRecord,
  "state" | "serviceLevel" | "lead" | "onset" | "reportedAt" | "filedAt" | "whistles"
>;

/** Columns that the migration adds to `case_file`. */
export interface CaseFileWork {
  work: NullableJson<CaseWork>;
  level: Generated<EscalationLevel>;
  light: Generated<SupervisionLight>;
  decided_version: Generated<number>;
}

export interface WhistleTable {
  id: string;
  case_id: string;
  state: WhistleState;
  version: number;
  record: Json<WhistleRecord>;
  blown_at: Time;
  due_at: Time;
  updated_at: Time;
}

export interface TimerTable {
  subject: string;
  kind: string;
  case_id: string;
  due_at: Time;
  lease_token: string | null;
  lease_until: NullableTime;
}

export interface CommandTable {
  principal: string;
  key: string;
  body_hash: string;
  answer: ColumnType<unknown, string, never>;
  at: Time;
}

export interface CaseworkSchema {
  whistle: WhistleTable;
  timer: TimerTable;
  command: CommandTable;
}
