import type { Selectable } from "kysely";
import type { AuditTable } from "../store/index.ts";
import type { ChainedRow } from "./chain.ts";

export function chained(number: number, row: Selectable<AuditTable>): ChainedRow {
  const { id, at, actor, action, subject, outcome, purpose, address, facts } = row;
  return { number, id, at, actor, action, subject, outcome, purpose, address, facts };
}
