/** T5: takes due deliveries under a lease. Whoever holds the token may record what became of it. */
import { type Kysely, sql } from "kysely";
import type { EpochMs } from "../../protocol/index.ts";
import type { DeliveryPayload, Schema } from "../store/index.ts";

export interface ClaimedDelivery {
  readonly id: string;
  readonly endpointId: string;
  /** Number of the attempt that this claim allows. */
  readonly attempt: number;
  readonly slowAttempts: number;
  readonly payload: DeliveryPayload;
  readonly fastUntil: EpochMs;
  readonly giveUpAt: EpochMs;
  readonly token: string;
}

interface ClaimedRow {
  readonly id: string;
  readonly attempts: number;
  readonly slow_attempts: number;
  readonly payload: DeliveryPayload;
  readonly fast_until: Date;
  readonly give_up_at: Date;
}

export interface ClaimInput {
  readonly endpointId: string;
  readonly limit: number;
  readonly now: EpochMs;
  /** A holder that has not recorded by then is taken for dead, and the POST is repeated. */
  readonly leaseMs: number;
  readonly token: string;
}

export async function claimDeliveries(
  db: Kysely<Schema>,
  { endpointId, limit, now, leaseMs, token }: ClaimInput,
): Promise<ClaimedDelivery[]> {
  const at = new Date(now);
  const leaseUntil = new Date(now + leaseMs);
  // While the circuit is open, one delivery probes, whatever its own time; taking the probe moves
  // it on, so that no other replica probes at the same time.
  // Each kind is read in the order of its index and no further than the room: thousands may wait.
  // `offset 0` keeps the question for earlier messages one look by task, of each row.
  const isFirstOfTask = sql`not exists (
        select from delivery earlier
        where earlier.task_id = delivery.task_id and earlier.id < delivery.id
          and earlier.state in ('PENDING', 'IN_FLIGHT') offset 0
      )`;
  const { rows } = await sql<ClaimedRow>`/* prepared: claim-deliveries */
    with probe as (
      update endpoint set probe_at = ${leaseUntil}::timestamptz
      where id = ${endpointId} and probe_at <= ${at}::timestamptz
      returning id
    ), room as (
      select
        case when probe_at is null then ${limit}::int
          when exists (select from probe) then 1 else 0 end as free,
        case when probe_at is null then ${at}::timestamptz else 'infinity' end as until
      from endpoint where id = ${endpointId}
    ), forsaken as (
      select id from delivery
      where endpoint_id = ${endpointId} and state = 'IN_FLIGHT'
        and lease_until < ${at}::timestamptz and ${isFirstOfTask}
      order by lease_until
      limit (select free from room)
      for update of delivery skip locked
    ), waiting as (
      select id from delivery
      where endpoint_id = ${endpointId} and state = 'PENDING'
        and next_attempt_at <= (select until from room) and ${isFirstOfTask}
      order by next_attempt_at, id
      limit (select free - (select count(*) from forsaken) from room)
      for update of delivery skip locked
    ), due as (select id from forsaken union all select id from waiting)
    update delivery set
      state = 'IN_FLIGHT', lease_token = ${token}, attempts = attempts + 1,
      lease_until = ${leaseUntil}::timestamptz
    from due where delivery.id = due.id
    returning delivery.id, attempts, slow_attempts, payload, fast_until, give_up_at`.execute(db);
  return rows.map((row) => ({
    id: row.id,
    endpointId,
    attempt: row.attempts,
    slowAttempts: row.slow_attempts,
    payload: row.payload,
    fastUntil: row.fast_until.getTime(),
    giveUpAt: row.give_up_at.getTime(),
    token,
  }));
}

/** Endpoints with something due now, expired leases included. */
export async function findDueEndpoints(db: Kysely<Schema>, now: EpochMs): Promise<string[]> {
  const at = new Date(now);
  // From the few endpoints to their indexes: from the deliveries it would read all there ever were.
  const { rows } = await sql<{ id: string }>`
    select id from endpoint where exists (
      select from delivery where endpoint_id = endpoint.id and state = 'PENDING' and (
        (probe_at is null and next_attempt_at <= ${at}::timestamptz)
        or probe_at <= ${at}::timestamptz)
    ) or exists (
      select from delivery where endpoint_id = endpoint.id and state = 'IN_FLIGHT'
        and lease_until < ${at}::timestamptz
    )`.execute(db);
  return rows.map((row) => row.id);
}
