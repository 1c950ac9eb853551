/** Open cases by urgency: what the wallboard of a control room shows. */
import { type Kysely, type RawBuilder, sql } from "kysely";
import { type CaseSummary, type EpochMs, formatTime } from "../../protocol/index.ts";
import { type CaseScope, inScope, type Schema } from "../store/index.ts";
import { type SummaryRow, toSummary } from "./case-view.ts";

/** Ended, or waiting for nothing but a rating. */
export const OVER_STATES = [
  "REJECTED",
  "MERGED",
  "CANCELLED",
  "CLOSED",
  "EVALUATED",
  "ARCHIVED",
] as const;

export interface QueueView {
  readonly items: readonly CaseSummary[];
  readonly counts: {
    readonly open: number;
    /** Of level S0 and not contained yet. */
    readonly urgent: number;
    /** Past a limit. */
    readonly late: number;
    /** At 80 % of a limit or more, and not past it. */
    readonly tight: number;
  };
  readonly asOf: string;
}

export interface QueueQuery {
  readonly limit: number;
  readonly now: EpochMs;
  readonly scope: CaseScope;
}

/** Milliseconds since the running clock began. `extract` reckons in exact numbers, at twice the cost. */
function waited(now: EpochMs): RawBuilder<number> {
  return sql`(date_part('epoch', ${new Date(now)}::timestamptz - coalesce(dispatched_at, reported_at))
    * 1000)`;
}

/** Share of its limit that the running clock of a case has used; null where none runs. */
function used(now: EpochMs): RawBuilder<number | null> {
  return sql`case when contained_at is not null then null else
    ${waited(now)} / (case when dispatched_at is null then dispatch_limit_ms else contain_limit_ms end) end`;
}

/** Milliseconds left; the figure that the page sorts by too. */
function left(now: EpochMs): RawBuilder<number | null> {
  return sql`case when contained_at is not null then null else
    (case when dispatched_at is null then dispatch_limit_ms else contain_limit_ms end)
    - ${waited(now)} end`;
}

const IS_LIFE = sql<boolean>`(service_level = 'S0' and contained_at is null)`;

export async function readQueue(db: Kysely<Schema>, query: QueueQuery): Promise<QueueView> {
  const { now, scope, limit } = query;
  const share = used(now);
  const open = db
    .selectFrom("case_file")
    .where("case_file.state", "not in", OVER_STATES)
    .where((eb) => inScope(eb, scope));
  // First which, from the index alone, then these few whole: a case is a large row.
  const first = await open
    .select("case_file.id")
    .orderBy(IS_LIFE, "desc")
    .orderBy(
      sql`case when ${share} >= 1 then 3 when ${share} >= 0.8 then 2 when ${share} >= 0.5 then 1
        else 0 end`,
      "desc",
    )
    .orderBy("case_file.service_level")
    .orderBy(left(now), (order) => order.asc().nullsLast())
    .orderBy("case_file.reported_at", "desc")
    .orderBy("case_file.id", "desc")
    .limit(limit)
    .execute();
  const rows = await readInOrder(
    db,
    first.map(({ id }) => id),
  );
  const counts = await open
    .select((eb) => [
      eb.fn.countAll<number>().as("open"),
      sql<number>`(count(*) filter (where ${IS_LIFE}))::int`.as("urgent"),
      sql<number>`(count(*) filter (where ${share} >= 1))::int`.as("late"),
      sql<number>`(count(*) filter (where ${share} >= 0.8 and ${share} < 1))::int`.as("tight"),
    ])
    .executeTakeFirstOrThrow();
  return {
    items: rows.map((row) => toSummary(row satisfies SummaryRow)),
    counts,
    asOf: formatTime(now),
  };
}

async function readInOrder(
  db: Kysely<Schema>,
  ids: readonly string[],
): Promise<readonly SummaryRow[]> {
  const rows = await db
    .selectFrom("case_file")
    .leftJoin("evidence", "evidence.sha256", "case_file.snapshot_sha256")
    .selectAll("case_file")
    .select(["evidence.state as snapshot_state", "evidence.gone_at as snapshot_gone_at"])
    .where("case_file.id", "=", sql<string>`any(${[...ids]}::uuid[])`)
    .execute();
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ids.flatMap((id) => byId.get(id) ?? []);
}
