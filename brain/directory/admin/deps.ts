/** What the parts of the administration share. */
import type { FastifyRequest } from "fastify";
import { type Kysely, sql, type Transaction } from "kysely";
import { auditName, type Clock, PermanentError } from "../../../protocol/index.ts";
import type { Schema } from "../../store/index.ts";
import type { SecretBox } from "../secret-box.ts";
import type { Town } from "../town/index.ts";
import { DIRECTORY_CHANNEL } from "../town/index.ts";

export interface PingRequest {
  readonly url: string;
  readonly id: string;
  readonly body: Buffer;
  readonly sign: (timestampS: number) => string;
}

export interface PingResult {
  readonly at: number;
  readonly durationMs: number;
  readonly status: number | null;
  readonly error: string | null;
}

export interface AdminInput {
  readonly db: Kysely<Schema>;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly newSecret: () => string;
  readonly box: SecretBox;
  readonly town: () => Town;
  readonly reloadTown: () => Promise<void>;
  /** Reads endpoints and nodes again in this process; others are notified. */
  readonly reloadBook: () => Promise<void>;
  /** Posts as messages are posted. */
  readonly post: (request: PingRequest) => Promise<PingResult>;
  /** Why the brain may not post to an address; undefined where it may. */
  readonly complaintAbout: (url: string) => Promise<string | undefined>;
  /** These endpoints have something new to receive. */
  readonly wake: (endpointIds: readonly string[]) => void;
  readonly endpointOf: (department: string) => string | undefined;
}

export type Tx = Transaction<Schema>;

/** Who changes something, for the audit. */
export interface By {
  readonly actor: string;
  readonly address: string;
}

export const byOf = ({ viewer, ip }: FastifyRequest): By => ({
  actor: auditName(viewer),
  address: ip,
});

/** Payload that tells other brains to read endpoints and nodes again. */
export const ENDPOINTS_CHANGED = "endpoints";

export async function notifyBooks(tx: Tx): Promise<void> {
  await sql`select pg_notify(${DIRECTORY_CHANNEL}, ${ENDPOINTS_CHANGED})`.execute(tx);
}

/** @throws PermanentError VERSION_STALE when somebody was first. */
export function requireVersion(version: number, expected: number): void {
  if (version !== expected) {
    throw new PermanentError("VERSION_STALE", "This has changed since it was looked at", {
      where: "expectedVersion",
      expected: String(version),
      got: String(expected),
    });
  }
}
