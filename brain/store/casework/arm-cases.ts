/** Gives new cases the policy in force and their first timers; nothing that anybody sees changes. */
import { sql, type Transaction } from "kysely";
import type { CaseRecord, WorkTime } from "../../cases/index.ts";
import type { Schema } from "../schema.ts";
import { loadCases, workOf } from "./case-rows.ts";
import { replaceTimers, timersOfCase } from "./timer-rows.ts";

/** In the transaction that opened them, or later; cases that are armed already stay as they are. */
export async function armCases(
  tx: Transaction<Schema>,
  ids: readonly string[],
  work: WorkTime,
): Promise<void> {
  const loaded = await loadCases(tx, ids);
  const cases = [...loaded.values()].filter(({ row }) => row.work === null);
  if (cases.length === 0) {
    return;
  }
  const rows = cases.map(({ row, record }) => ({
    id: row.id,
    level: record.level,
    light: record.light,
    work: workOf(record),
  }));
  await sql`
    update case_file set work = v.work, level = v.level, light = v.light
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as v (
      id uuid, level smallint, light text, work jsonb
    )
    where case_file.id = v.id`.execute(tx);
  await setFirstTimers(
    tx,
    cases.map(({ row, record }) => ({ id: row.id, record })),
    work,
  );
}

/** For cases that were inserted with their record. */
export async function setFirstTimers(
  tx: Transaction<Schema>,
  cases: readonly { readonly id: string; readonly record: CaseRecord }[],
  work: WorkTime,
): Promise<void> {
  await replaceTimers(
    tx,
    cases.map(({ id }) => id),
    cases.flatMap(({ id, record }) => timersOfCase(id, record, work)),
  );
}
