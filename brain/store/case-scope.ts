/** Which cases somebody sees: those of a department's tasks, within a jurisdiction. */
import { type ExpressionBuilder, type ExpressionWrapper, type Kysely, sql } from "kysely";
import type { SqlBool, Transaction } from "kysely";
import { PermanentError } from "../../protocol/index.ts";
import type { Schema } from "./schema.ts";

export interface CaseScope {
  /** Only cases in which this department has a task that it did not return. */
  readonly department: string | null;
  /** Only cases in grids whose code begins so; a case without a grid lies in none. */
  readonly jurisdiction: string | null;
}

/** Everything: the brain itself, and the control room. */
export const ALL_CASES: CaseScope = { department: null, jurisdiction: null };

export function isEverything({ department, jurisdiction }: CaseScope): boolean {
  return department === null && jurisdiction === null;
}

/** Use as `.where((eb) => inScope(eb, scope))` on a query over `case_file`. */
export function inScope(
  eb: ExpressionBuilder<Schema, "case_file">,
  { department, jurisdiction }: CaseScope,
): ExpressionWrapper<Schema, "case_file", SqlBool> {
  const conditions = [];
  if (department !== null) {
    conditions.push(
      eb.exists(
        eb
          .selectFrom("task as own_task")
          .select("own_task.id")
          .whereRef("own_task.case_id", "=", "case_file.id")
          .where("own_task.department", "=", department)
          .where("own_task.state", "not in", ["RETURNED", "WITHDRAWN"]),
      ),
    );
  }
  if (jurisdiction !== null) {
    // Digits only, so that nothing in it is a wildcard.
    conditions.push(sql<boolean>`case_file.location ->> 'gridCode' like ${`${jurisdiction}%`}`);
  }
  return eb.and(conditions);
}

/** @throws PermanentError NOT_FOUND for a case that is outside, as for one that does not exist. */
export async function requireCaseInScope(
  db: Kysely<Schema> | Transaction<Schema>,
  caseId: string,
  scope: CaseScope,
): Promise<void> {
  const found = await db
    .selectFrom("case_file")
    .select("id")
    .where("id", "=", caseId)
    .where((eb) => inScope(eb, scope))
    .executeTakeFirst();
  if (found === undefined) {
    throw new PermanentError("NOT_FOUND", "There is no such case", { where: caseId });
  }
}
