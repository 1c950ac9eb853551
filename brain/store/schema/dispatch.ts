/** Tables of `migrations/0006-dispatch.sql`. */
import type { Generated } from "kysely";
import type { Json, NullableTime, Time } from "./column.ts";

/** What the migration adds to `endpoint`. */
export interface EndpointCircuit {
  failures: Generated<number>;
  probe_at: NullableTime;
  failing_since: NullableTime;
  parked_at: NullableTime;
}

export interface SubscriptionTable {
  id: string;
  name: string;
  url: string;
  secret: string;
  event_types: Json<readonly string[]>;
  enabled: Generated<boolean>;
  cursor: number;
  failures: Generated<number>;
  next_attempt_at: Time;
  lease_until: NullableTime;
  lease_token: string | null;
  transport: Generated<"webhook" | "mqtt">;
  last_success_at: NullableTime;
  last_error: string | null;
}

export interface DispatchSchema {
  subscription: SubscriptionTable;
}
