/** Ends the hold of a case, by a supervisor or because the case is closed. */
import type { Transaction } from "kysely";
import type { Schema } from "../store/index.ts";

/** True where there was one. */
export async function endHold(tx: Transaction<Schema>, caseId: string): Promise<boolean> {
  const { numDeletedRows } = await tx
    .deleteFrom("case_hold")
    .where("case_id", "=", caseId)
    .executeTakeFirst();
  return numDeletedRows > 0n;
}
