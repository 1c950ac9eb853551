/** Tables of `migrations/*-reports.sql`. */
import type { Mechanism, ReportChannel } from "../../../protocol/index.ts";
import type { NullableTime, Time } from "./column.ts";

export interface ReportTable {
  id: string;
  channel: ReportChannel;
  event_id: string;
  idempotency_key: string;
  body_hash: string;
  code_hash: string;
  responder: string | null;
  contact: string | null;
  received_at: Time;
  stars: number | null;
  comment: string | null;
  rated_at: NullableTime;
}

export interface ResponderKeyTable {
  responder: string;
  key_hash: string;
  issued_at: Time;
}

export interface PlaybookTable {
  event_type: string;
  mechanism: Mechanism;
}

export interface ReportsSchema {
  report: ReportTable;
  responder_key: ResponderKeyTable;
  playbook: PlaybookTable;
}
