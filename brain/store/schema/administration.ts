/** Tables and columns of `migrations/0013-administration.sql`. */
import type { ColumnType, Generated } from "kysely";
import type { NullableJson, NullableTime } from "./column.ts";

/** A secret of before, and until when it still counts. */
export interface OldSecret {
  readonly sealed: string;
  /** ISO 8601, UTC. */
  readonly until: string;
}

/** What the directory file says of an endpoint or a node; the secret as SHA-256 in hex. */
export interface FileEntry {
  readonly url?: string;
  readonly secret: string;
}

/** Whoever holds a secret that can be rotated. */
export interface SecretHolderColumns {
  version: Generated<number>;
  managed_by: Generated<"file" | "room">;
  old_secrets: ColumnType<readonly OldSecret[], string | undefined, string>;
  rotated_at: NullableTime;
  changed_at: NullableTime;
  changed_by: string | null;
  file_seed: NullableJson<FileEntry>;
  /** `{}` where the file does not name it any more. */
  file_differs: NullableJson<Partial<FileEntry>>;
  file_seen_at: NullableTime;
}

export interface EndpointAdministration extends SecretHolderColumns {
  disabled_reason: string | null;
}

export interface DepartmentAdministration {
  contact: string;
  phone: string;
  disabled: string;
}

export interface RoutingRuleTable {
  event_type: string;
  area: string;
  lead: string;
  unit: string | null;
  co: NullableJson<readonly string[]>;
}

export interface AdministrationSchema {
  routing_rule: RoutingRuleTable;
}
