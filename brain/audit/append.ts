import type { Kysely, Transaction } from "kysely";
import { uuidv7 } from "uuidv7";
import type { EpochMs } from "../../protocol/index.ts";
import type { AuditFacts, Schema } from "../store/index.ts";

export interface AuditEntry {
  readonly at: EpochMs;
  /** `operator:<id>`, `department:<code>`, `node:<id>` or `system`. */
  readonly actor: string;
  /** Such as `case.view`, `case.command`, `evidence.view`. */
  readonly action: string;
  /** Such as `case:<id>`. */
  readonly subject: string;
  readonly outcome?: "done" | "refused";
  /** Why it was allowed, where a reason is asked for. */
  readonly purpose?: string;
  readonly address?: string;
  readonly facts?: AuditFacts;
}

/** In the transaction of what it tells of: both are kept, or neither. */
export async function appendAudit(
  db: Kysely<Schema> | Transaction<Schema>,
  entries: readonly AuditEntry[],
): Promise<void> {
  if (entries.length === 0) {
    return;
  }
  const rows = entries.map((entry) => ({
    id: uuidv7(),
    at: new Date(entry.at),
    actor: entry.actor,
    action: entry.action,
    subject: entry.subject,
    outcome: entry.outcome ?? "done",
    purpose: entry.purpose ?? null,
    address: entry.address ?? null,
    facts: JSON.stringify(entry.facts ?? {}),
  }));
  await db
    .with("written", (query) => query.insertInto("audit").values(rows).returning("id"))
    .insertInto("audit_unsealed")
    .columns(["audit_id"])
    .expression((query) => query.selectFrom("written").select("id").orderBy("id"))
    .execute();
}
