/** Holds three ledgers against each other: what was acknowledged, the database, the department. */
import pg from "pg";
import type { LedgerDepartment } from "./department.ts";
import { pause } from "./load.ts";

export interface Verdict {
  readonly acknowledged: number;
  readonly stored: number;
  /** Acknowledged, and not in the database or in no incident. */
  readonly lost: number;
  /** Tasks at the department that the database does not know. */
  readonly orphaned: number;
  /** Tasks that the department would have done twice. */
  readonly doubled: number;
  /** Tasks with somewhere to go that the department never heard of. */
  readonly untold: number;
  readonly cases: number;
  readonly tasksTold: number;
  readonly posts: number;
}

/** Nothing has moved for this long, and something is still owed. */
const STUCK_MS = 180_000;

export async function checkLedger(
  connectionString: string,
  acknowledged: ReadonlySet<string>,
  department: LedgerDepartment,
): Promise<Verdict> {
  const pool = new pg.Pool({ connectionString, max: 2 });
  pool.on("error", () => undefined); // A connection that a blow cut; the next query makes another.
  try {
    await untilQuiet(pool);
    const kept = await column(
      pool,
      "select event.id from event join incident_event on incident_event.event_id = event.id",
    );
    const tasks = await column(pool, "select id from task");
    const owed = await column(
      pool,
      "select distinct task_id as id from delivery where department = 'GA'",
    );
    const cases = await column(pool, "select id from case_file");
    const told = [...department.effects];
    return {
      acknowledged: acknowledged.size,
      stored: kept.size,
      lost: [...acknowledged].filter((id) => !kept.has(id)).length,
      orphaned: told.filter(([taskId, { caseId }]) => !tasks.has(taskId) || !cases.has(caseId))
        .length,
      doubled: told.filter(([, { ids }]) => ids.size > 1).length,
      untold: [...owed].filter((id) => !department.effects.has(id)).length,
      cases: cases.size,
      tasksTold: told.length,
      posts: department.posts,
    };
  } finally {
    await pool.end();
  }
}

async function column(pool: pg.Pool, text: string): Promise<Set<string>> {
  const { rows } = await pool.query<{ id: string }>(text);
  return new Set(rows.map(({ id }) => id));
}

/** Nothing waits any more: no event to correlate, no delivery on its way. */
async function untilQuiet(pool: pg.Pool): Promise<void> {
  let least = Infinity;
  let movedAt = performance.now();
  for (;;) {
    const owed = await countOwed(pool);
    if (owed === 0) {
      return;
    }
    if (owed < least) {
      least = owed;
      movedAt = performance.now();
    }
    if (performance.now() - movedAt > STUCK_MS) {
      throw new Error(`nothing has moved for ${STUCK_MS / 1000} s, still owed: ${owed}`);
    }
    await pause(500);
  }
}

/** The last blow may have struck the database: what cannot be counted is not nothing. */
async function countOwed(pool: pg.Pool): Promise<number> {
  try {
    const { rows } = await pool.query<{ owed: number }>(
      `select ((select count(*) from inbox)
        + (select count(*) from delivery where state in ('PENDING', 'IN_FLIGHT')))::int as owed`,
    );
    return rows[0]?.owed ?? 0;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
