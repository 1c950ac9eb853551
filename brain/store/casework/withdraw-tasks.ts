/**
 * Ends open tasks. What has not gone out of them never will; whoever may have been told of one is
 * told of its end, after everything else of that task.
 */
import { sql, type Transaction } from "kysely";
import type { Withdrawal } from "../../cases/index.ts";
import { type EpochMs, formatTime } from "../../../protocol/index.ts";
import type { CancelPayload, CaseRow, Schema } from "../schema.ts";
import { GIVE_UP_MS } from "./send-tasks.ts";

export interface WithdrawInput {
  readonly now: EpochMs;
  readonly newId: () => string;
}

/** As fast as a dispatch: people may be on their way. */
const FAST_MS = 5 * 60_000;

/** @returns the endpoints that got something to receive. */
export async function withdrawTasks(
  tx: Transaction<Schema>,
  row: CaseRow,
  withdrawal: Withdrawal,
  input: WithdrawInput,
): Promise<string[]> {
  const tasks = await endTasks(tx, row.id, withdrawal, input.now);
  if (tasks.size === 0) {
    return [];
  }
  await holdBack(tx, [...tasks.keys()], withdrawal.reason, input.now);
  const told = await readTold(tx, [...tasks.keys()]);
  for (const { task_id: taskId, endpoint_id: endpointId } of told) {
    const department = tasks.get(taskId) as string;
    await tx
      .insertInto("delivery")
      .values({
        id: input.newId(),
        task_id: taskId,
        case_id: row.id,
        endpoint_id: endpointId,
        department,
        payload: JSON.stringify(payloadOf(row, { taskId, department }, withdrawal, input.now)),
        state: "PENDING",
        next_attempt_at: new Date(input.now),
        fast_until: new Date(input.now + FAST_MS),
        give_up_at: new Date(input.now + GIVE_UP_MS),
        created_at: new Date(input.now),
      })
      .execute();
  }
  return told.map(({ endpoint_id: endpointId }) => endpointId);
}

/** @returns department by task. */
async function endTasks(
  tx: Transaction<Schema>,
  caseId: string,
  { department, reason, scope }: Withdrawal,
  now: EpochMs,
): Promise<Map<string, string>> {
  let query = tx
    .updateTable("task")
    .set({ state: "WITHDRAWN", reason, answered_at: new Date(now) })
    .where("case_id", "=", caseId);
  query =
    scope === "open"
      ? query.where("state", "not in", ["RETURNED", "WITHDRAWN"])
      : query.where("state", "in", ["PENDING", "DELIVERED"]).where("role", "!=", "informed");
  if (department !== null) {
    query = query.where("department", "=", department);
  }
  const tasks = await query.returning(["id", "department"]).execute();
  return new Map(tasks.map(({ id, department: whose }) => [id, whose]));
}

/**
 * A message that is on its way just now is left to end: the next one of its task waits for it, and
 * a failure ends it for good.
 */
async function holdBack(
  tx: Transaction<Schema>,
  taskIds: readonly string[],
  reason: string,
  now: EpochMs,
): Promise<void> {
  await tx
    .updateTable("delivery")
    .set({ state: "DEAD", next_attempt_at: null, last_error: reason })
    .where("task_id", "in", taskIds)
    .where("state", "=", "PENDING")
    .execute();
  await tx
    .updateTable("delivery")
    .set({ give_up_at: new Date(now) })
    .where("task_id", "in", taskIds)
    .where("state", "=", "IN_FLIGHT")
    .execute();
}

/** Endpoints to which a message of the task was sent at least once, whatever came back. */
async function readTold(
  tx: Transaction<Schema>,
  taskIds: readonly string[],
): Promise<readonly { task_id: string; endpoint_id: string }[]> {
  return tx
    .selectFrom("delivery")
    .select(["task_id", "endpoint_id"])
    .distinct()
    .where("task_id", "in", taskIds)
    .where("attempts", ">", 0)
    .where(sql<boolean>`payload ->> 'type' = 'task.dispatched'`)
    .execute();
}

function payloadOf(
  row: CaseRow,
  { taskId, department }: { readonly taskId: string; readonly department: string },
  { cause, reason, mergedInto }: Withdrawal,
  now: EpochMs,
): CancelPayload {
  // What the database holds was checked when it came in; the brands are given back here.
  return {
    type: "task.cancelled",
    version: 1,
    timestamp: formatTime(now),
    data: {
      taskId,
      caseId: row.id,
      caseNumber: row.number,
      department,
      cause,
      reason,
      ...(mergedInto === undefined ? {} : { mergedInto }),
    },
  } as CancelPayload;
}
