/** T6: writes down what became of one attempt, guarded by the lease under which it was made. */
import type { Kysely, Transaction } from "kysely";
import { delivered } from "../cases/index.ts";
import type { Clock, EpochMs } from "../../protocol/index.ts";
import {
  appendTimeline,
  type CaseworkDeps,
  loadCase,
  lockCases,
  publishCases,
  saveCases,
  type Schema,
  transaction,
} from "../store/index.ts";
import { appendAudit } from "../audit/index.ts";
import { type Circuit, CLOSED, failed } from "./circuit.ts";
import type { ClaimedDelivery } from "./claim-deliveries.ts";
import type { AttemptResult } from "./post-webhook.ts";
import { failureOf, type NextAttempt, nextAttempt } from "./retry-schedule.ts";

export interface RecordInput {
  readonly db: Kysely<Schema>;
  readonly clock: Clock;
  readonly random: () => number;
  readonly casework: CaseworkDeps;
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

export function recordAttempt(
  input: RecordInput,
  claim: ClaimedDelivery,
  result: AttemptResult,
): Promise<Recorded> {
  const now = input.clock.now();
  const work = async (tx: Transaction<Schema>): Promise<Recorded> => {
    await lockCases(tx);
    await insertAttempt(tx, claim, result);
    const { hadFailed, circuit, parked } = await markEndpoint(tx, input, claim, result, now);
    if (result.error === null) {
      await recordSuccess(tx, input, claim, result, now);
      if (hadFailed) {
        await releaseWaiting(tx, claim.endpointId, now);
      }
      return { retryAt: null, dead: false, recovered: hadFailed, parked: false };
    }
    const next = nextAttempt({
      attempts: claim.attempt,
      slowAttempts: claim.slowAttempts,
      now,
      fastUntil: claim.fastUntil,
      giveUpAt: await readGiveUpAt(tx, claim),
      failure: failureOf(result.status),
      retryAfterMs: result.retryAfterMs,
      random: input.random,
    });
    const ours = await recordFailure(tx, claim, result, next, now);
    const retryAt = ours && next.kind === "retry" ? next.at : null;
    return {
      retryAt: circuit.probeAt ?? retryAt,
      dead: ours && next.kind === "dead",
      recovered: false,
      parked,
    };
  };
  return transaction(input.db, work, { clock: input.clock });
}

/** As it is now: a task that was withdrawn meanwhile is not tried again. */
async function readGiveUpAt(
  tx: Transaction<Schema>,
  { id, giveUpAt }: ClaimedDelivery,
): Promise<EpochMs> {
  const row = await tx
    .selectFrom("delivery")
    .select("give_up_at")
    .where("id", "=", id)
    .executeTakeFirst();
  return row?.give_up_at.getTime() ?? giveUpAt;
}

async function insertAttempt(
  tx: Transaction<Schema>,
  claim: ClaimedDelivery,
  result: AttemptResult,
): Promise<void> {
  await tx
    .insertInto("attempt")
    .values({
      delivery_id: claim.id,
      number: claim.attempt,
      at: new Date(result.at),
      duration_ms: result.durationMs,
      status: result.status,
      error: result.error,
    })
    .onConflict((conflict) => conflict.columns(["delivery_id", "number"]).doNothing())
    .execute();
}

interface MarkedEndpoint {
  /** Whether the endpoint's attempt before this one had failed. */
  readonly hadFailed: boolean;
  readonly circuit: Circuit;
  /** Parked by this very attempt. */
  readonly parked: boolean;
}

async function markEndpoint(
  tx: Transaction<Schema>,
  { random }: Pick<RecordInput, "random">,
  { endpointId }: ClaimedDelivery,
  result: AttemptResult,
  now: EpochMs,
): Promise<MarkedEndpoint> {
  const row = await tx
    .selectFrom("endpoint")
    .select(["department", "failures", "failing_since", "probe_at", "parked_at"])
    .where("id", "=", endpointId)
    .executeTakeFirstOrThrow();
  const before: Circuit = {
    failures: row.failures,
    failingSince: row.failing_since?.getTime() ?? null,
    probeAt: row.probe_at?.getTime() ?? null,
    parkedAt: row.parked_at?.getTime() ?? null,
  };
  const isSuccess = result.error === null;
  const kind = failureOf(result.status);
  const circuit = isSuccess
    ? CLOSED
    : failed(before, { now, kind, retryAfterMs: result.retryAfterMs, random });
  const at = new Date(now);
  const time = (ms: EpochMs | null): Date | null => (ms === null ? null : new Date(ms));
  await tx
    .updateTable("endpoint")
    .set({
      last_attempt_at: at,
      last_error: result.error,
      ...(isSuccess ? { last_success_at: at } : {}),
      failures: circuit.failures,
      failing_since: time(circuit.failingSince),
      probe_at: time(circuit.probeAt),
      parked_at: time(circuit.parkedAt),
    })
    .where("id", "=", endpointId)
    .execute();
  const parked = before.parkedAt === null && circuit.parkedAt !== null;
  const isBack = before.parkedAt !== null && circuit.parkedAt === null;
  if (parked || isBack) {
    await appendAudit(tx, [
      {
        at: now,
        actor: "system",
        action: parked ? "endpoint.parked" : "endpoint.back",
        subject: `endpoint:${row.department}`,
        facts: { failures: before.failures + (isSuccess ? 0 : 1), error: result.error },
      },
    ]);
  }
  return { hadFailed: isSuccess && before.failures > 0, circuit, parked };
}

async function recordSuccess(
  tx: Transaction<Schema>,
  { casework }: Pick<RecordInput, "casework">,
  claim: ClaimedDelivery,
  result: AttemptResult,
  now: EpochMs,
): Promise<void> {
  const at = new Date(now);
  const delivery = await tx
    .updateTable("delivery")
    .set((eb) => ({
      state: "DELIVERED",
      delivered_at: at,
      first_sent_at: eb.fn.coalesce("first_sent_at", eb.val(new Date(result.at))),
      next_attempt_at: null,
      lease_token: null,
      lease_until: null,
      last_error: null,
    }))
    .where("id", "=", claim.id)
    .where("state", "in", ["IN_FLIGHT", "PENDING"])
    .returning(["task_id", "case_id", "department"])
    .executeTakeFirst();
  if (delivery === undefined) {
    await noteFirstSent(tx, claim, result);
    return;
  }
  const task = await tx
    .updateTable("task")
    .set({ state: "DELIVERED", delivered_at: at })
    .where("id", "=", delivery.task_id)
    .where("state", "=", "PENDING")
    .returning(["role", "department"])
    .executeTakeFirst();
  const facts = {
    department: delivery.department,
    status: result.status,
    attempt: claim.attempt,
    durationMs: result.durationMs,
    ...(claim.payload.type === "task.cancelled" ? { message: claim.payload.type } : {}),
  };
  await appendTimeline(tx, [
    { caseId: delivery.case_id, at: now, actor: "system", kind: "delivered", facts },
  ]);
  const moved =
    task?.role === "lead" &&
    (await moveToDispatched(tx, casework, delivery.case_id, task.department, now));
  if (!moved) {
    await touchCase(tx, delivery.case_id, now);
    await publishCases(tx, [delivery.case_id], now);
  }
}

/** The acknowledgement may have closed the delivery first; its first POST keeps its time. */
async function noteFirstSent(
  tx: Transaction<Schema>,
  claim: ClaimedDelivery,
  result: AttemptResult,
): Promise<void> {
  await tx
    .updateTable("delivery")
    .set((eb) => ({
      first_sent_at: eb.fn.coalesce("first_sent_at", eb.val(new Date(result.at))),
    }))
    .where("id", "=", claim.id)
    .execute();
}

/** The lead has it: the dispatch clock stops and the containment clock starts. */
async function moveToDispatched(
  tx: Transaction<Schema>,
  casework: CaseworkDeps,
  caseId: string,
  department: string,
  now: EpochMs,
): Promise<boolean> {
  const before = await loadCase(tx, caseId);
  const { record, effects } = delivered(before.record, department, now);
  if (record === before.record) {
    return false;
  }
  const change = { before, record, effects, actor: "system", decided: true };
  await saveCases(tx, [change], casework, { now });
  return true;
}

async function touchCase(tx: Transaction<Schema>, caseId: string, now: EpochMs): Promise<void> {
  await tx
    .updateTable("case_file")
    .set((eb) => ({ version: eb("version", "+", 1), updated_at: new Date(now) }))
    .where("id", "=", caseId)
    .execute();
}

/** @returns false when the lease is no longer ours: another holder decides what comes next. */
async function recordFailure(
  tx: Transaction<Schema>,
  claim: ClaimedDelivery,
  result: AttemptResult,
  next: NextAttempt,
  now: EpochMs,
): Promise<boolean> {
  const delivery = await tx
    .updateTable("delivery")
    .set((eb) => ({
      state: next.kind === "dead" ? "DEAD" : "PENDING",
      next_attempt_at: next.kind === "dead" ? null : new Date(next.at),
      slow_attempts: claim.slowAttempts + (next.kind === "retry" && next.slow ? 1 : 0),
      first_sent_at: eb.fn.coalesce("first_sent_at", eb.val(new Date(result.at))),
      lease_token: null,
      lease_until: null,
      last_error: result.error,
    }))
    .where("id", "=", claim.id)
    .where("lease_token", "=", claim.token)
    .returning(["case_id", "department"])
    .executeTakeFirst();
  if (delivery === undefined) {
    return false;
  }
  // The first failure and the last are news; the attempts between them are listed by themselves.
  if (claim.attempt === 1 || next.kind === "dead") {
    await appendTimeline(tx, [
      {
        caseId: delivery.case_id,
        at: now,
        kind: "delivery-failed",
        actor: "system",
        facts: {
          department: delivery.department,
          status: result.status,
          error: result.error,
          attempt: claim.attempt,
          final: next.kind === "dead",
        },
      },
    ]);
  }
  await touchCase(tx, delivery.case_id, now);
  await publishCases(tx, [delivery.case_id], now);
  return true;
}

/** An endpoint that answers again gets what it missed now; its lane bounds the rush. */
async function releaseWaiting(
  tx: Transaction<Schema>,
  endpointId: string,
  now: EpochMs,
): Promise<void> {
  await tx
    .updateTable("delivery")
    .set({ next_attempt_at: new Date(now) })
    .where("endpoint_id", "=", endpointId)
    .where("state", "=", "PENDING")
    .where("next_attempt_at", ">", new Date(now))
    .execute();
}
