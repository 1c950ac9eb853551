/** The arithmetic of the chain. Pure. */
import { createHash } from "node:crypto";
import type { AuditFacts } from "../store/index.ts";

/** The hash before the first row. */
export const CHAIN_START = "0".repeat(64);

export interface ChainedRow {
  readonly number: number;
  readonly id: string;
  readonly at: Date;
  readonly actor: string;
  readonly action: string;
  readonly subject: string;
  readonly outcome: string;
  readonly purpose: string | null;
  readonly address: string | null;
  readonly facts: AuditFacts;
}

/**
 * SHA-256, in hex, over the hash before and every column, each as JSON text in a fixed order, so
 * that no two different rows have the same text.
 */
export function chainHash(before: string, row: ChainedRow): string {
  const facts = Object.entries(row.facts).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  const text = JSON.stringify([
    before,
    row.number,
    row.id,
    row.at.toISOString(),
    row.actor,
    row.action,
    row.subject,
    row.outcome,
    row.purpose,
    row.address,
    facts,
  ]);
  return createHash("sha256").update(text).digest("hex");
}
