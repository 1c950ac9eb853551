/** What the parts of casework share. */
import type { Kysely } from "kysely";
import type { Clock } from "../../protocol/index.ts";
import type { CaseworkDeps, Log, Schema } from "../store/index.ts";

export interface CaseworkInput extends CaseworkDeps {
  readonly db: Kysely<Schema>;
  readonly clock: Clock;
  readonly log: Log;
  /** Departments that the catalogue names beside the lead. */
  readonly coDepartmentsOf: (eventType: string) => readonly string[];
  /** Endpoints that have something new to receive. */
  readonly onDeliveries: (endpointIds: readonly string[]) => void;
  /** Signs and checks the codes that a site shows. */
  readonly codes: SiteCodes;
}

export interface SiteCodes {
  issue(whistleId: string): { readonly code: string; readonly expiresAt: number };
  isValid(whistleId: string, code: string): boolean;
}
