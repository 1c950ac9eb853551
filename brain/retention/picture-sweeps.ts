/**
 * Pictures: the row says first that one is deleted, so that nobody is shown it; then its file goes.
 * Whatever a crash leaves in between is found by the next run.
 */
import { sql } from "kysely";
import type { EpochMs } from "../../protocol/index.ts";
import { transaction } from "../store/index.ts";
import type { Clock } from "../../protocol/index.ts";
import { pageOf, type Step, type Sweep, type SweepContext } from "./sweep.ts";

export interface PictureFiles {
  /** Whether the bytes are there and have the hash that names them. */
  isWhole(sha256: string): Promise<boolean>;
  remove(sha256: string): Promise<void>;
  list(): AsyncIterable<{ readonly sha256: string; readonly writtenAt: EpochMs }>;
}

const DAY_MS = 86_400_000;
/** A camera's term may be changed: every picture is looked at again after so long at most. */
const LOOK_AGAIN_MS = 7 * DAY_MS;

/** Deletes what is past its camera's term and belongs to no case that needs it. */
const pictures: Sweep = {
  name: "pictures",
  step: async ({ db, periods, now, limit }): Promise<Step> => {
    const at = sql`${new Date(now)}::timestamptz`;
    const rating = sql`make_interval(secs => ${periods.ratingMs / 1000})`;
    const { rows } = await sql<{ is_over: boolean }>`
      with candidate as (
        select sha256, stored_at from evidence
        where state in ('stored', 'damaged') and (look_at is null or look_at <= ${at})
        order by look_at nulls first, sha256 limit ${limit} for update skip locked
      ), term as (
        select c.sha256, c.stored_at + make_interval(days => coalesce((
          select max(coalesce(
            greatest(camera.retention_days, (known.record ->> 'retentionDays')::int),
            ${periods.evidenceDays}::int))
          from (
            select e.node_id, e.camera_id from evidence_ref r join event e on e.id = r.event_id
              where r.sha256 = c.sha256
            union all
            select f.node_id, f.camera_id from case_evidence t join case_file f on f.id = t.case_id
              where t.sha256 = c.sha256
          ) seen
          left join camera on camera.node_id = seen.node_id and camera.id = seen.camera_id
          left join camera_registration known
            on known.node_id = seen.node_id and known.camera_id = seen.camera_id
        ), ${periods.evidenceDays}::int)) as ends_at
        from candidate c
      ), judged as (
        select t.sha256, t.ends_at, t.ends_at <= ${at} and not exists (
          select from evidence_ref r join inbox on inbox.event_id = r.event_id
          where r.sha256 = t.sha256
        ) and not exists (
          select from evidence_ref r join incident_event ie on ie.event_id = r.event_id
          where r.sha256 = t.sha256 and incident_needed(ie.incident_id, ${at}, ${rating})
        ) and not exists (
          select from case_evidence ce
          where ce.sha256 = t.sha256 and case_needed(ce.case_id, ${at}, ${rating})
        ) as is_over
        from term t
      )
      update evidence set
        state = case when is_over then 'deleted' else state end,
        gone_at = case when is_over then ${at} else gone_at end,
        look_at = case when is_over then null
          when ends_at > ${at} then
            least(ends_at, ${new Date(now + LOOK_AGAIN_MS)}::timestamptz)
          else ${new Date(now + DAY_MS)}::timestamptz end
      from judged where evidence.sha256 = judged.sha256
      returning judged.is_over`.execute(db);
    const removed = rows.filter((row) => row.is_over).length;
    return { ...pageOf(rows.length, limit), removed };
  },
};

/** Ordered in order to draw rules by, and evidence of nothing else. */
const cameraSnapshots: Sweep = {
  name: "camera-snapshots",
  step: async ({ db, periods, now, limit }): Promise<Step> => {
    const { rows } = await sql<{ count: number }>`
      with old as (
        delete from camera_snapshot where (node_id, camera_id, sha256) in (
          select node_id, camera_id, sha256 from camera_snapshot
          where at < ${new Date(now - periods.snapshotMs)}::timestamptz
          order by at limit ${limit} for update skip locked
        ) returning node_id, camera_id, sha256
      ), ended as (
        update evidence set state = 'deleted', gone_at = ${new Date(now)}::timestamptz
        where sha256 in (select sha256 from old) and state <> 'deleted'
          and not exists (select from evidence_ref r where r.sha256 = evidence.sha256)
          and not exists (select from case_evidence c where c.sha256 = evidence.sha256)
          and not exists (
            select from camera_snapshot s where s.sha256 = evidence.sha256
              and (s.node_id, s.camera_id, s.sha256) not in (select * from old)
          )
      ) select count(*)::int as count from old`.execute(db);
    return pageOf(rows[0]?.count ?? 0, limit);
  },
};

/** Under the row's lock: who delivers the same picture again waits, and finds it gone. */
function pictureFiles(files: PictureFiles, clock: Clock): Sweep {
  return {
    name: "picture-files",
    step: ({ db, limit }) =>
      transaction(
        db,
        async (tx) => {
          const rows = await tx
            .selectFrom("evidence")
            .select("sha256")
            .where("state", "=", "deleted")
            .where("erased", "=", false)
            .orderBy("sha256")
            .limit(limit)
            .forUpdate()
            .skipLocked()
            .execute();
          const hashes = rows.map(({ sha256 }) => sha256);
          for (const sha256 of hashes) {
            await files.remove(sha256);
          }
          if (hashes.length > 0) {
            await tx
              .updateTable("evidence")
              .set({ erased: true })
              .where("sha256", "in", hashes)
              .execute();
          }
          return pageOf(hashes.length, limit);
        },
        { clock },
      ),
  };
}

/** Files that a crash left without a row, a day old: whoever wrote one has long gone on or failed. */
function strayFiles(files: PictureFiles): Sweep {
  return {
    name: "stray-files",
    step: async (context): Promise<Step> => {
      const oldest = context.now - context.periods.orphanMs;
      let page: string[] = [];
      let removed = 0;
      for await (const { sha256, writtenAt } of files.list()) {
        if (writtenAt < oldest) {
          page.push(sha256);
        }
        if (page.length === context.limit) {
          removed += await removeStrays(context, files, page);
          page = [];
        }
      }
      removed += await removeStrays(context, files, page);
      return { removed, next: undefined };
    },
  };
}

async function removeStrays(
  { db }: SweepContext,
  files: PictureFiles,
  page: readonly string[],
): Promise<number> {
  if (page.length === 0) {
    return 0;
  }
  const rows = await db
    .selectFrom("evidence")
    .select("sha256")
    .where("sha256", "in", [...page])
    .where((eb) => eb.or([eb("state", "!=", "deleted"), eb("erased", "=", false)]))
    .execute();
  const known = new Set(rows.map(({ sha256 }) => sha256));
  const strays = page.filter((sha256) => !known.has(sha256));
  for (const sha256 of strays) {
    await files.remove(sha256);
  }
  return strays.length;
}

export function pictureSweeps(files: PictureFiles, clock: Clock): readonly Sweep[] {
  return [cameraSnapshots, pictures, pictureFiles(files, clock), strayFiles(files)];
}
