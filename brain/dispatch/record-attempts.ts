/**
 * T6: writes down what became of attempts, each guarded by the lease under which it was made. Many
 * at once: they share the lock of cases, the statements and the commit.
 */
import { type Kysely, sql, type Transaction } from "kysely";
import { delivered } from "../cases/index.ts";
import type { Clock, EpochMs } from "../../protocol/index.ts";
import {
  appendTimeline,
  type CaseChange,
  type CaseworkDeps,
  loadCases,
  lockCases,
  publishCases,
  saveCases,
  type Schema,
  type TimelineEntry,
  transaction,
} from "../store/index.ts";
import type { ClaimedDelivery } from "./claim-deliveries.ts";
import { markEndpoints } from "./mark-endpoints.ts";
import type { AttemptResult } from "./post-webhook.ts";
import { failureOf, type NextAttempt, nextAttempt } from "./retry-schedule.ts";

export interface RecordInput {
  readonly db: Kysely<Schema>;
  readonly clock: Clock;
  readonly random: () => number;
  readonly casework: CaseworkDeps;
}

export interface Attempted {
  readonly claim: ClaimedDelivery;
  readonly result: AttemptResult;
}

export interface Recorded {
  /** When it is tried again; null when it is delivered, dead or no longer ours. */
  readonly retryAt: EpochMs | null;
  readonly dead: boolean;
  /** True when this success ended a run of failures: what waits may go at once. */
  readonly recovered: boolean;
  /** True when people are to look at the endpoint from now on. */
  readonly parked: boolean;
}

/** @returns one for each attempt, in their order; all are recorded or none. */
export function recordAttempts(
  input: RecordInput,
  attempts: readonly Attempted[],
): Promise<readonly Recorded[]> {
  const now = input.clock.now();
  const { random } = input;
  const work = async (tx: Transaction<Schema>): Promise<readonly Recorded[]> => {
    await lockCases(tx);
    await insertAttempts(tx, attempts);
    const marked = await markEndpoints(tx, attempts, { now, random });
    const isSuccess = ({ result }: Attempted): boolean => result.error === null;
    const told = await recordSuccesses(tx, input, attempts.filter(isSuccess), now);
    const back = attempts.filter((_one, index) => marked[index]?.hadFailed === true);
    await releaseWaiting(
      tx,
      back.map(({ claim }) => claim.endpointId),
      now,
    );
    const missed = attempts.filter((one) => !isSuccess(one));
    const failed = await recordFailures(tx, input, missed, now);
    await touchCases(tx, new Set([...told, ...failed.caseIds]), now);
    return attempts.map(({ claim }, index): Recorded => {
      const { hadFailed = false, circuit, parked = false } = marked[index] ?? {};
      const next = failed.next.get(claim.id);
      const retryAt = next?.kind === "retry" ? next.at : null;
      return {
        retryAt: circuit?.probeAt ?? retryAt,
        dead: next?.kind === "dead",
        recovered: hadFailed,
        parked,
      };
    });
  };
  return transaction(input.db, work, { clock: input.clock });
}

async function insertAttempts(
  tx: Transaction<Schema>,
  attempts: readonly Attempted[],
): Promise<void> {
  const rows = attempts.map(({ claim, result }) => ({
    delivery_id: claim.id,
    number: claim.attempt,
    at: new Date(result.at).toISOString(),
    duration_ms: result.durationMs,
    status: result.status,
    error: result.error,
  }));
  await sql`
    insert into attempt (delivery_id, number, at, duration_ms, status, error)
    select v.* from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as v (
      delivery_id uuid, number int, at timestamptz, duration_ms float8, status int, error text)
    on conflict (delivery_id, number) do nothing`.execute(tx);
}

interface ToldDelivery {
  readonly id: string;
  readonly task_id: string;
  readonly case_id: string;
  readonly department: string;
}

/** @returns the cases that changed and have not been published. */
async function recordSuccesses(
  tx: Transaction<Schema>,
  { casework }: Pick<RecordInput, "casework">,
  attempts: readonly Attempted[],
  now: EpochMs,
): Promise<readonly string[]> {
  if (attempts.length === 0) {
    return [];
  }
  const told = await closeDeliveries(tx, attempts, now);
  if (told.length === 0) {
    return [];
  }
  const at = new Date(now);
  const tasks = await tx
    .updateTable("task")
    .set({ state: "DELIVERED", delivered_at: at })
    .where("id", "=", sql<string>`any(${told.map((one) => one.task_id)}::uuid[])`)
    .where("state", "=", "PENDING")
    .returning(["case_id", "role", "department"])
    .execute();
  const made = new Map(attempts.map((attempt) => [attempt.claim.id, attempt]));
  await appendTimeline(
    tx,
    told.flatMap((one) => deliveredEntry(one, made.get(one.id), now)),
  );
  const leads = tasks.filter(({ role }) => role === "lead");
  const moved = await moveToDispatched(tx, casework, leads, now);
  return told.flatMap(({ case_id: id }) => (moved.has(id) ? [] : [id]));
}

function deliveredEntry(
  delivery: ToldDelivery,
  attempted: Attempted | undefined,
  now: EpochMs,
): TimelineEntry[] {
  if (attempted === undefined) {
    return [];
  }
  const { claim, result } = attempted;
  const facts = {
    department: delivery.department,
    status: result.status,
    attempt: claim.attempt,
    durationMs: result.durationMs,
    ...(claim.payload.type === "task.cancelled" ? { message: claim.payload.type } : {}),
  };
  return [{ caseId: delivery.case_id, at: now, actor: "system", kind: "delivered", facts }];
}

/** @returns those that were not delivered before. */
async function closeDeliveries(
  tx: Transaction<Schema>,
  attempts: readonly Attempted[],
  now: EpochMs,
): Promise<readonly ToldDelivery[]> {
  const ids = attempts.map(({ claim }) => claim.id);
  const sent = attempts.map(({ result }) => new Date(result.at));
  const { rows } = await sql<ToldDelivery>`
    update delivery set
      state = 'DELIVERED', delivered_at = ${new Date(now)}::timestamptz,
      first_sent_at = coalesce(first_sent_at, v.at), next_attempt_at = null,
      lease_token = null, lease_until = null, last_error = null
    from unnest(${ids}::uuid[], ${sent}::timestamptz[]) as v (id, at)
    where delivery.id = v.id and state in ('IN_FLIGHT', 'PENDING')
    returning delivery.id, task_id, case_id, department`.execute(tx);
  if (rows.length < attempts.length) {
    // The acknowledgement may have closed the delivery first; its first POST keeps its time.
    await sql`
      update delivery set first_sent_at = v.at
      from unnest(${ids}::uuid[], ${sent}::timestamptz[]) as v (id, at)
      where delivery.id = v.id and first_sent_at is null`.execute(tx);
  }
  return rows;
}

/**
 * The lead has it: the dispatch clock stops and the containment clock starts.
 * @returns cases that moved.
 */
async function moveToDispatched(
  tx: Transaction<Schema>,
  casework: CaseworkDeps,
  leads: readonly { readonly case_id: string; readonly department: string }[],
  now: EpochMs,
): Promise<ReadonlySet<string>> {
  const departments = new Map(leads.map((lead) => [lead.case_id, lead.department]));
  const cases = await loadCases(tx, [...departments.keys()]);
  const changes = [...cases.values()].flatMap((before): CaseChange[] => {
    const department = departments.get(before.row.id) ?? "";
    const { record, effects } = delivered(before.record, department, now);
    return record === before.record
      ? []
      : [{ before, record, effects, actor: "system", decided: true }];
  });
  await saveCases(tx, changes, casework, { now });
  return new Set(changes.map(({ before }) => before.row.id));
}

interface Failures {
  /** Of deliveries whose lease was ours: else another holder decides what comes next. */
  readonly next: ReadonlyMap<string, NextAttempt>;
  readonly caseIds: readonly string[];
}

async function recordFailures(
  tx: Transaction<Schema>,
  { random }: Pick<RecordInput, "random">,
  attempts: readonly Attempted[],
  now: EpochMs,
): Promise<Failures> {
  if (attempts.length === 0) {
    return { next: new Map(), caseIds: [] };
  }
  const giveUpAt = await readGiveUpAt(tx, attempts);
  const planned = new Map(
    attempts.map(({ claim, result }) => [
      claim.id,
      nextAttempt({
        attempts: claim.attempt,
        slowAttempts: claim.slowAttempts,
        now,
        fastUntil: claim.fastUntil,
        giveUpAt: giveUpAt.get(claim.id) ?? claim.giveUpAt,
        failure: failureOf(result.status),
        retryAfterMs: result.retryAfterMs,
        random,
      }),
    ]),
  );
  const ours = await planDeliveries(tx, attempts, planned);
  const made = new Map(attempts.map((attempt) => [attempt.claim.id, attempt]));
  await appendTimeline(
    tx,
    ours.flatMap((one) => failedEntry(one, made.get(one.id), planned.get(one.id), now)),
  );
  return {
    next: new Map(ours.flatMap(({ id }) => [...planned].filter(([other]) => other === id))),
    caseIds: ours.map(({ case_id }) => case_id),
  };
}

/** As it is now: a task that was withdrawn meanwhile is not tried again. */
async function readGiveUpAt(
  tx: Transaction<Schema>,
  attempts: readonly Attempted[],
): Promise<ReadonlyMap<string, EpochMs>> {
  const rows = await tx
    .selectFrom("delivery")
    .select(["id", "give_up_at"])
    .where(
      "id",
      "in",
      attempts.map(({ claim }) => claim.id),
    )
    .execute();
  return new Map(rows.map((row) => [row.id, row.give_up_at.getTime()]));
}

async function planDeliveries(
  tx: Transaction<Schema>,
  attempts: readonly Attempted[],
  planned: ReadonlyMap<string, NextAttempt>,
): Promise<readonly Omit<ToldDelivery, "task_id">[]> {
  const rows = attempts.map(({ claim, result }) => {
    const next = planned.get(claim.id);
    const isRetry = next?.kind === "retry";
    return {
      id: claim.id,
      token: claim.token,
      state: isRetry ? "PENDING" : "DEAD",
      next_at: isRetry ? new Date(next.at).toISOString() : null,
      slow: claim.slowAttempts + (isRetry && next.slow ? 1 : 0),
      sent_at: new Date(result.at).toISOString(),
      error: result.error,
    };
  });
  const { rows: ours } = await sql<Omit<ToldDelivery, "task_id">>`
    update delivery set
      state = v.state, next_attempt_at = v.next_at, slow_attempts = v.slow,
      first_sent_at = coalesce(first_sent_at, v.sent_at), lease_token = null,
      lease_until = null, last_error = v.error
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as v (
      id uuid, token uuid, state text, next_at timestamptz, slow int, sent_at timestamptz,
      error text)
    where delivery.id = v.id and delivery.lease_token = v.token
    returning delivery.id, case_id, department`.execute(tx);
  return ours;
}

/** The first failure and the last are news; the attempts between them are listed by themselves. */
function failedEntry(
  delivery: Omit<ToldDelivery, "task_id">,
  attempted: Attempted | undefined,
  next: NextAttempt | undefined,
  now: EpochMs,
): TimelineEntry[] {
  const isLast = next?.kind === "dead";
  if (attempted === undefined || (attempted.claim.attempt !== 1 && !isLast)) {
    return [];
  }
  const { status, error } = attempted.result;
  const { department } = delivery;
  const facts = { department, status, error, attempt: attempted.claim.attempt, final: isLast };
  return [{ caseId: delivery.case_id, at: now, kind: "delivery-failed", actor: "system", facts }];
}

async function touchCases(
  tx: Transaction<Schema>,
  caseIds: ReadonlySet<string>,
  now: EpochMs,
): Promise<void> {
  if (caseIds.size === 0) {
    return;
  }
  await tx
    .updateTable("case_file")
    .set((eb) => ({ version: eb("version", "+", 1), updated_at: new Date(now) }))
    .where("id", "=", sql<string>`any(${[...caseIds]}::uuid[])`)
    .execute();
  await publishCases(tx, caseIds, now);
}

/** An endpoint that answers again gets what it missed now; its lane bounds the rush. */
async function releaseWaiting(
  tx: Transaction<Schema>,
  endpointIds: readonly string[],
  now: EpochMs,
): Promise<void> {
  if (endpointIds.length === 0) {
    return;
  }
  await tx
    .updateTable("delivery")
    .set({ next_attempt_at: new Date(now) })
    .where("endpoint_id", "in", [...new Set(endpointIds)])
    .where("state", "=", "PENDING")
    .where("next_attempt_at", ">", new Date(now))
    .execute();
}
