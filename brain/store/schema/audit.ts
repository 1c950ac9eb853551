/** Tables of `migrations/0005-audit.sql`. */
import type { ColumnType } from "kysely";
import type { Json, Position, Time } from "./column.ts";

export type AuditFacts = Readonly<Record<string, string | number | boolean | null>>;

export interface AuditTable {
  id: string;
  at: Time;
  actor: string;
  action: string;
  subject: string;
  outcome: "done" | "refused";
  purpose: ColumnType<string | null, string | null | undefined, never>;
  address: ColumnType<string | null, string | null | undefined, never>;
  facts: Json<AuditFacts>;
}

export interface AuditSealTable {
  /** From 1, without gaps. */
  number: number;
  audit_id: string;
  hash: string;
}

export interface AuditUnsealedTable {
  position: Position;
  audit_id: string;
}

export interface AuditSchema {
  audit: AuditTable;
  audit_seal: AuditSealTable;
  audit_unsealed: AuditUnsealedTable;
}
