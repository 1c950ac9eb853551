/** What the parts of casework share. */
import type { Kysely, Transaction } from "kysely";
import type { Clock, EpochMs } from "../../protocol/index.ts";
import type { CaseworkDeps, LoadedCase, Log, Schema } from "../store/index.ts";

export interface CaseworkInput extends CaseworkDeps {
  readonly db: Kysely<Schema>;
  readonly clock: Clock;
  readonly log: Log;
  /** Departments that the town's routing, or else the catalogue, puts beside the lead. */
  readonly coDepartmentsOf: (eventType: string, gridCode: string | undefined) => readonly string[];
  /** Endpoints that have something new to receive. */
  readonly onDeliveries: (endpointIds: readonly string[]) => void;
  /** Signs and checks the codes that a site shows. */
  readonly codes: SiteCodes;
}

export function coDepartmentsOf(
  input: CaseworkInput,
  { row, record }: Pick<LoadedCase, "row" | "record">,
): readonly string[] {
  const codes = input.coDepartmentsOf(row.event_type, row.location.gridCode);
  return codes.filter((code) => code !== record.lead);
}

export interface RegroupingInput extends CaseworkInput {
  readonly regrouping: Regrouping;
}

/** A picture as it is kept: JPEG, and nothing but the picture. */
export interface CleanPicture {
  readonly sha256: string;
  readonly bytes: Buffer;
  readonly width: number;
  readonly height: number;
}

export interface PictureStore {
  /** @throws PermanentError BODY_TOO_LARGE or EVIDENCE_MISMATCH */
  clean(bytes: Buffer, where: string): Promise<CleanPicture>;
  /** Durable when it resolves. */
  write(sha256: string, bytes: Buffer): Promise<void>;
  has(sha256: string): Promise<boolean>;
}

export interface PictureInput extends CaseworkInput {
  readonly pictures: PictureStore;
}

/** What an operator's word makes of incidents; each call within a transaction that holds the lock. */
export interface Regrouping {
  merge(
    tx: Transaction<Schema>,
    order: Word & { readonly winnerId: string; readonly loserId: string },
    now: EpochMs,
  ): Promise<Regrouped>;
  split(
    tx: Transaction<Schema>,
    order: Word & { readonly incidentId: string; readonly alarmKeys: readonly string[] },
    now: EpochMs,
  ): Promise<Regrouped>;
}

interface Word {
  /** As the timeline names who says it. */
  readonly actor: string;
  readonly reason: string;
}

export interface Regrouped {
  readonly endpointIds: readonly string[];
  readonly incidentId: string;
  readonly caseId: string | null;
}

export interface SiteCodes {
  issue(whistleId: string): { readonly code: string; readonly expiresAt: number };
  isValid(whistleId: string, code: string): boolean;
}
