/** Refused events are kept for a person to see; each text once, and a bounded number per node. */
import { sql, type Transaction } from "kysely";
import { type AppError, type EpochMs, toProblem } from "../../protocol/index.ts";
import type { Schema } from "../store/index.ts";
import { sha256Hex } from "./canonical.ts";

/** Entries kept per node; the oldest make room. Enough to see a pattern, small enough to read. */
export const QUARANTINE_PER_NODE = 1_000;

export interface QuarantineEntry {
  readonly eventId: string | null;
  readonly error: AppError;
  readonly body: string;
}

export async function quarantine(
  tx: Transaction<Schema>,
  nodeId: string,
  entries: readonly QuarantineEntry[],
  now: EpochMs,
): Promise<void> {
  if (entries.length === 0) {
    return;
  }
  await tx
    .insertInto("quarantine")
    .values(
      entries.map(({ eventId, error, body }) => ({
        node_id: nodeId,
        event_id: eventId === null ? null : withoutControls(eventId),
        code: error.code,
        problem: storableProblem(error),
        body,
        body_hash: sha256Hex(body),
        at: new Date(now),
      })),
    )
    .onConflict((conflict) => conflict.columns(["node_id", "body_hash", "code"]).doNothing())
    .execute();
  await sql`
    delete from quarantine where node_id = ${nodeId} and id <= (
      select id from quarantine where node_id = ${nodeId}
      order by id desc offset ${sql.lit(QUARANTINE_PER_NODE)} limit 1
    )`.execute(tx);
}

function storableProblem(error: AppError): string {
  const fields = Object.entries(toProblem(error));
  return JSON.stringify(
    Object.fromEntries(
      fields.map(([key, value]) => [
        key,
        typeof value === "string" ? withoutControls(value) : value,
      ]),
    ),
  );
}

function withoutControls(text: string): string {
  return text.replace(/[\p{Cc}\p{Surrogate}]/gu, "?");
}
