/** T3, first half: takes due timers under a lease, so that replicas share them. */
import { type Kysely, sql } from "kysely";
import type { EpochMs } from "../../protocol/index.ts";
import type { Schema } from "../store/index.ts";

export interface TimerKey {
  readonly subject: string;
  readonly kind: string;
}

/** Timers that were taken, and the token that proves it while nobody else has taken them. */
export interface TimerClaim {
  readonly token: string;
  readonly timers: readonly TimerKey[];
}

export interface ClaimTimersInput {
  readonly now: EpochMs;
  readonly limit: number;
  /** A holder that has not fired by then is taken for dead. */
  readonly leaseMs: number;
  readonly token: string;
}

export async function claimTimers(
  db: Kysely<Schema>,
  { now, limit, leaseMs, token }: ClaimTimersInput,
): Promise<TimerClaim> {
  const at = new Date(now);
  const { rows } = await sql<TimerKey>`
    with due as (
      select subject, kind from timer
      where due_at <= ${at}::timestamptz
      and (lease_until is null or lease_until < ${at}::timestamptz)
      order by due_at
      limit ${limit}
      for update skip locked
    )
    update timer set
      lease_token = ${token}::uuid, lease_until = ${new Date(now + leaseMs)}::timestamptz
    from due where timer.subject = due.subject and timer.kind = due.kind
    returning timer.subject, timer.kind`.execute(db);
  return { token, timers: rows };
}

/** The earliest moment that anybody waits for and nobody holds; undefined without one. */
export async function nextDue(db: Kysely<Schema>, now: EpochMs): Promise<EpochMs | undefined> {
  const row = await db
    .selectFrom("timer")
    .select("due_at")
    .where((eb) => eb.or([eb("lease_until", "is", null), eb("lease_until", "<", new Date(now))]))
    .orderBy("due_at")
    .limit(1)
    .executeTakeFirst();
  return row?.due_at.getTime();
}
