/** Cases and timers straight into the tables: as intake would have left them, without its work. */
import { type Kysely, sql } from "kysely";
import { uuidv7 } from "uuidv7";
import type { WorkTime } from "../../brain/cases/index.ts";
import { armCases, type Schema } from "../../brain/store/index.ts";
import type { EpochMs } from "../../protocol/index.ts";

const CHUNK = 2_000;
/** Of level S2: half of its dispatch limit, after which the first timer of a case is due. */
export const FIRST_WARNING_MS = 150_000;

let counter = 0;

/**
 * Reported cases of level S2 whose reporting lies at the given moments; they have neither policy
 * nor timers unless `work` is given. @returns their ids, in the same order.
 */
export async function seedCases(
  db: Kysely<Schema>,
  reportedAt: readonly EpochMs[],
  work?: WorkTime,
): Promise<string[]> {
  const ids: string[] = [];
  for (let from = 0; from < reportedAt.length; from += CHUNK) {
    const chunk = await seedChunk(db, reportedAt.slice(from, from + CHUNK));
    if (work !== undefined) {
      await db.transaction().execute((tx) => armCases(tx, chunk, work));
    }
    ids.push(...chunk);
  }
  return ids;
}

async function seedChunk(db: Kysely<Schema>, reportedAt: readonly EpochMs[]): Promise<string[]> {
  const rows = reportedAt.map((at) => ({
    id: uuidv7(),
    incident: uuidv7(),
    number: `seed-${(counter += 1)}`,
    at: new Date(at).toISOString(),
  }));
  const json = JSON.stringify(rows);
  await sql`
    insert into incident (id, opened_at)
    select incident, at from jsonb_to_recordset(${json}::jsonb)
      as v (incident uuid, at timestamptz)`.execute(db);
  await sql`
    insert into case_file (
      id, incident_id, number, event_type, title, line, severity, service_level, state, version,
      lead, node_id, camera_id, camera_name, location, privacy, phase, sequence, event_count,
      onset, captured_at, reported_at, updated_at,
      report_limit_ms, dispatch_limit_ms, contain_limit_ms
    )
    select id, incident, number, 'UM.GARBAGE', '{"zh": "x", "en": "x"}', 'X1', 4, 'S2',
      'REPORTED', 1, 'CG', 'node-1', 'cam-1', 'Camera 1',
      '{"lat": 39.8, "lon": 116.5, "crs": "WGS84"}', '{}', 'new', '1', 1,
      at, at, at, at, 1800000, 300000, 10800000
    from jsonb_to_recordset(${json}::jsonb)
      as v (id uuid, incident uuid, number text, at timestamptz)`.execute(db);
  return rows.map(({ id }) => id);
}
