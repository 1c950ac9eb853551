/** Between the rows of cases and whistles and the records that their machines decide on. */
import { sql, type Transaction } from "kysely";
import { type CaseRecord, openRecord, standingOf, type WhistleRecord } from "../../cases/index.ts";
import { type EpochMs, PermanentError } from "../../../protocol/index.ts";
import type { CaseRow, Schema } from "../schema.ts";
import type { CaseWork } from "../schema/casework.ts";

export interface LoadedWhistle {
  readonly id: string;
  readonly version: number;
  readonly record: WhistleRecord;
}

export interface LoadedCase {
  readonly row: CaseRow;
  readonly record: CaseRecord;
  /** Oldest first. */
  readonly whistles: readonly LoadedWhistle[];
}

/** Reads cases under the lock of `lockCases`; ids that no case has are absent. */
export async function loadCases(
  tx: Transaction<Schema>,
  ids: readonly string[],
): Promise<Map<string, LoadedCase>> {
  if (ids.length === 0) {
    return new Map();
  }
  const rows = await tx
    .selectFrom("case_file")
    .selectAll()
    .select(
      sql<LoadedWhistle[] | null>`(
        select jsonb_agg(
          jsonb_build_object('id', whistle.id, 'version', whistle.version, 'record', record)
          order by blown_at
        ) from whistle where whistle.case_id = case_file.id
      )`.as("whistles"),
    )
    .where("id", "=", sql<string>`any(${[...ids]}::uuid[])`)
    .execute();
  return new Map(
    rows.map(({ whistles, ...row }) => [
      row.id,
      { row, whistles: whistles ?? [], record: recordOf(row, whistles ?? []) },
    ]),
  );
}

/** @throws PermanentError NOT_FOUND */
export async function loadCase(tx: Transaction<Schema>, id: string): Promise<LoadedCase> {
  const found = (await loadCases(tx, [id])).get(id);
  if (found === undefined) {
    throw new PermanentError("NOT_FOUND", "There is no such case", { where: id });
  }
  return found;
}

function recordOf(row: CaseRow, whistles: readonly LoadedWhistle[]): CaseRecord {
  const facts = {
    state: row.state,
    serviceLevel: row.service_level,
    lead: row.lead,
    onset: row.onset.getTime(),
    reportedAt: row.reported_at.getTime(),
    filedAt: time(row.filed_at),
  };
  const standing = whistles.map(({ id, record }) => standingOf(id, record));
  if (row.work === null) {
    const opened = openRecord({
      ...facts,
      dispatchedAt: time(row.dispatched_at),
      acceptedAt: time(row.accepted_at),
      containedAt: time(row.contained_at),
    });
    return { ...opened, level: row.level, whistles: standing };
  }
  return { ...row.work, ...facts, level: row.level, light: row.light, whistles: standing };
}

/** What has a column or a table of its own. */
const ELSEWHERE: ReadonlySet<string> = new Set([
  "state",
  "serviceLevel",
  "lead",
  "onset",
  "reportedAt",
  "filedAt",
  "whistles",
]);

/** The part of a record that goes into the column `work`. */
export function workOf(record: CaseRecord): CaseWork {
  const kept = Object.entries(record).filter(([key]) => !ELSEWHERE.has(key));
  return Object.fromEntries(kept) as unknown as CaseWork;
}

function time(at: Date | null): EpochMs | null {
  return at?.getTime() ?? null;
}
