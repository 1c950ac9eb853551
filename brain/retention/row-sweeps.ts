/** Rows that go by their age alone, and rows that go with their case. */
import { type RawBuilder, sql } from "kysely";
import {
  type Cursor,
  pageOf,
  type Step,
  type Sweep,
  type SweepContext,
  type SweepName,
} from "./sweep.ts";

type Period = "alarmMs" | "attemptMs" | "contactMs";

const ago = ({ now }: SweepContext, ageMs: number): Date => new Date(now - ageMs);
const rating = ({ periods }: SweepContext): RawBuilder<unknown> =>
  sql`make_interval(secs => ${periods.ratingMs / 1000})`;

async function count(query: RawBuilder<{ count: number }>, context: SweepContext): Promise<Step> {
  const { rows } = await query.execute(context.db);
  return pageOf(rows[0]?.count ?? 0, context.limit);
}

/** `delete … where <key> in (<oldest that are over>)`. */
function byAge(
  name: SweepName,
  table: string,
  key: string,
  at: string,
  before: (context: SweepContext) => Date,
): Sweep {
  return {
    name,
    step: (context) =>
      count(
        sql`
        with gone as (
          delete from ${sql.table(table)} where ${sql.ref(key)} in (
            select ${sql.ref(key)} from ${sql.table(table)}
            where ${sql.ref(at)} < ${before(context)}::timestamptz
            order by ${sql.ref(at)} limit ${context.limit} for update skip locked
          ) returning 1
        ) select count(*)::int as count from gone`,
        context,
      ),
  };
}

/**
 * The last position stays, so that the stream goes on where it was; what a subscriber has not
 * taken yet stays too. Who asks for less than the floor is told to read anew.
 */
const stream: Sweep = {
  name: "stream",
  step: (context) =>
    count(
      sql`
      with gone as (
        delete from stream where position in (
          select position from stream
          where at < ${ago(context, context.periods.streamMs)}::timestamptz
            and position < (select max(position) from stream)
            and position <= coalesce(
              (select min("cursor") from subscription where enabled), 9223372036854775807)
          order by position limit ${context.limit}
        ) returning position
      ), raised as (
        update stream_floor set position =
          greatest(position, coalesce((select max(position) from gone), 0))
      ) select count(*)::int as count from gone`,
      context,
    ),
};

const stormSlots: Sweep = {
  name: "storm-slots",
  step: (context) =>
    count(
      sql`
      with gone as (
        delete from storm_slot where (camera, minute) in (
          select camera, minute from storm_slot
          where minute < ${ago(context, context.periods.stormMs)}::timestamptz
          order by minute limit ${context.limit} for update skip locked
        ) returning 1
      ) select count(*)::int as count from gone`,
      context,
    ),
};

const commandKeys: Sweep = {
  name: "command-keys",
  step: (context) =>
    count(
      sql`
      with gone as (
        delete from command where (principal, key) in (
          select principal, key from command
          where at < ${ago(context, context.periods.commandMs)}::timestamptz
          order by at limit ${context.limit} for update skip locked
        ) returning 1
      ) select count(*)::int as count from gone`,
      context,
    ),
};

/** With its counts; one that kept something back from a case that is needed stays with the case. */
const silences: Sweep = {
  name: "silences",
  step: (context) =>
    count(
      sql`
      with page as materialized (
        select id from silence
        where ends_at < ${ago(context, context.periods.silenceMs)}::timestamptz
          and not exists (
            select from suppression p where p.silence_id = silence.id and incident_needed(
              p.incident_id, ${new Date(context.now)}::timestamptz, ${rating(context)})
          )
        order by ends_at limit ${context.limit} for update skip locked
      ), counts as (
        delete from suppression using page where suppression.silence_id = page.id
      ), gone as (
        delete from silence using page where silence.id = page.id returning 1
      ) select count(*)::int as count from gone`,
      context,
    ),
};

interface Paged {
  readonly name: SweepName;
  readonly period: Period;
  /** Rows of a page as (at, key); `since` and `limit` narrow it. */
  readonly page: (before: Date, since: RawBuilder<boolean>, limit: number) => RawBuilder<unknown>;
  /** Removes those keys of the page that nobody needs. */
  readonly remove: (context: SweepContext) => RawBuilder<unknown>;
}

interface PageRow {
  readonly removed: number;
  readonly seen: number;
  readonly at: Date | null;
  readonly key: string | null;
}

/** Pages by time and key, so that what must stay is looked at once in a run. */
function paged({ name, period, page, remove }: Paged): Sweep {
  return {
    name,
    step: async (context, after): Promise<Step> => {
      const before = ago(context, context.periods[period]);
      const { rows } = await sql<PageRow>`
        with page as materialized (${page(before, since(after), context.limit)}),
        gone as (${remove(context)})
        select (select count(*)::int from gone) as removed, count(*)::int as seen,
          max(at) as at, (array_agg(key order by at desc, key desc))[1] as key from page`.execute(
        context.db,
      );
      const [row] = rows;
      const isLast = row === undefined || row.seen < context.limit || row.at === null;
      return {
        removed: row?.removed ?? 0,
        next: isLast ? undefined : [row.at.toISOString(), row.key ?? ""],
      };
    },
  };
}

/** Milliseconds are cut from a time on its way here: the page may begin with rows seen before. */
function since([at, key]: Cursor): RawBuilder<boolean> {
  return at === undefined || key === undefined
    ? sql`true`
    : sql`(date_trunc('milliseconds', at), key) > (${at}::timestamptz, ${key}::text)`;
}

/** What is known of alarms serves correlation; of an incident that is over nothing joins any more. */
const alarms = paged({
  name: "alarms",
  period: "alarmMs",
  page: (before, after, limit) => sql`
    select at, key, incident_id from (
      select a.last_at as at, a.key, a.incident_id from incident_alarm a
      join incident i on i.id = a.incident_id
      where a.last_at < ${before}::timestamptz and i.cleared_at < ${before}::timestamptz
    ) old where ${after} order by date_trunc('milliseconds', at), key limit ${limit}`,
  remove: (context) => sql`
    delete from incident_alarm using page
    where incident_alarm.key = page.key
      and not incident_needed(page.incident_id, ${new Date(context.now)}::timestamptz, ${rating(context)})
    returning 1`,
});

const attempts = paged({
  name: "attempts",
  period: "attemptMs",
  page: (before, after, limit) => sql`
    select at, key, delivery_id, number, case_id from (
      select t.at, t.delivery_id || '/' || lpad(t.number::text, 6, '0') as key,
        t.delivery_id, t.number, d.case_id
      from attempt t join delivery d on d.id = t.delivery_id
      where t.at < ${before}::timestamptz and d.state in ('DELIVERED', 'DEAD')
    ) old where ${after} order by date_trunc('milliseconds', at), key limit ${limit}`,
  remove: (context) => sql`
    delete from attempt using page
    where attempt.delivery_id = page.delivery_id and attempt.number = page.number
      and not case_needed(page.case_id, ${new Date(context.now)}::timestamptz, ${rating(context)})
    returning 1`,
});

/** How to reach who reported, once nothing more can be asked of them: so long after the rating. */
const contacts = paged({
  name: "contacts",
  period: "contactMs",
  page: (before, after, limit) => sql`
    select at, key, event_id from (
      select received_at as at, id::text as key, event_id from report
      where contact is not null and received_at < ${before}::timestamptz
    ) old where ${after} order by date_trunc('milliseconds', at), key limit ${limit}`,
  remove: (context) => sql`
    update report set contact = null from page
    where report.id = page.key::uuid
      and not exists (select from inbox where inbox.event_id = page.event_id)
      and not exists (
        select from incident_event ie where ie.event_id = page.event_id and incident_needed(
          ie.incident_id, ${ago(context, context.periods.contactMs)}::timestamptz, ${rating(context)})
      )
    returning 1`,
});

export const ROW_SWEEPS: readonly Sweep[] = [
  contacts,
  stream,
  alarms,
  stormSlots,
  attempts,
  commandKeys,
  silences,
  byAge("quarantine", "quarantine", "id", "at", (context) =>
    ago(context, context.periods.quarantineMs),
  ),
  byAge("sessions", "account_session", "token_hash", "expires_at", (context) =>
    ago(context, context.periods.sessionMs),
  ),
  byAge("invitations", "account_invitation", "account_id", "expires_at", (context) =>
    ago(context, context.periods.sessionMs),
  ),
  byAge("sign-in-attempts", "sign_in_attempt", "id", "at", (context) =>
    ago(context, context.periods.sessionMs),
  ),
  byAge("orders", "node_order", "id", "until", (context) =>
    ago(context, context.periods.snapshotMs),
  ),
];
