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

export interface SiteCodes {
  issue(whistleId: string): { readonly code: string; readonly expiresAt: number };
  isValid(whistleId: string, code: string): boolean;
}
