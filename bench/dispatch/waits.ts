/** What the brain's sessions wait for, looked at ten times a second. */
import type pg from "pg";

/** Sessions seen at work or waiting, by what for; `running` waits for nothing. */
export type WaitCounts = Readonly<Record<string, number>>;

const LOOK_MS = 100;

export function watchWaits(pool: pg.Pool): { stop(): WaitCounts } {
  const counts: Record<string, number> = {};
  const timer = setInterval(() => {
    void pool
      .query<{ what: string; n: number }>(
        `select case when state = 'idle in transaction' then 'idle in transaction'
           when wait_event is null then 'running'
           else wait_event_type || ':' || wait_event end as what, count(*)::int as n
         from pg_stat_activity
         where application_name = 'sharp-eyes brain' and state <> 'idle' group by 1`,
      )
      .then(({ rows }) => {
        for (const { what, n } of rows) {
          counts[what] = (counts[what] ?? 0) + n;
        }
      })
      .catch(() => undefined);
  }, LOOK_MS);
  return {
    stop: () => {
      clearInterval(timer);
      return counts;
    },
  };
}
