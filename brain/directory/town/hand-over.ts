/** What becomes of the open tasks of departments that leave the directory: the hub takes them. */
import type { Kysely, Transaction } from "kysely";
import type { CaseState, EpochMs, TaskRole, TaskState } from "../../../protocol/index.ts";
import { HUB_DEPARTMENT as HUB } from "../../cases/index.ts";
import {
  appendTimeline,
  type DispatchPayload,
  publishCases,
  type Schema,
} from "../../store/index.ts";

/** In these nobody works any more. */
const FINISHED: readonly CaseState[] = [
  "REJECTED",
  "MERGED",
  "CLOSED",
  "EVALUATED",
  "CANCELLED",
  "ARCHIVED",
];
/** In these a task is no longer with its department. */
const LEFT: readonly TaskState[] = ["RETURNED", "WITHDRAWN"];

export interface OpenTask {
  readonly id: string;
  readonly caseId: string;
  readonly caseNumber: string;
  readonly department: string;
  readonly role: TaskRole;
  readonly state: TaskState;
}

/** Open tasks of departments, oldest case first. */
export async function openTasksOf(
  db: Kysely<Schema>,
  departments: readonly string[],
): Promise<OpenTask[]> {
  if (departments.length === 0) {
    return [];
  }
  const rows = await db
    .selectFrom("task")
    .innerJoin("case_file", "case_file.id", "task.case_id")
    .select([
      "task.id",
      "task.case_id as caseId",
      "case_file.number as caseNumber",
      "task.department",
      "task.role",
      "task.state",
    ])
    .where("task.department", "in", [...departments])
    .where("task.state", "not in", [...LEFT])
    .where("case_file.state", "not in", [...FINISHED])
    .orderBy("case_file.number")
    .orderBy("task.department")
    .execute();
  return rows;
}

export interface HandOverInput {
  readonly now: EpochMs;
  readonly newId: () => string;
  readonly actor: string;
}

/**
 * Gives open tasks to the hub: its people see them, its endpoint is told, the timeline says why.
 * Where the hub has a share of the case already, that share takes the other's role.
 * The caller holds the lock of `lockCases`.
 */
export async function handOverToHub(
  tx: Transaction<Schema>,
  tasks: readonly OpenTask[],
  input: HandOverInput,
): Promise<void> {
  for (const task of tasks) {
    const taskId = await moveTask(tx, task, input);
    await moveDelivery(tx, task, taskId, input);
    if (task.role === "lead") {
      await tx.updateTable("case_file").set({ lead: HUB }).where("id", "=", task.caseId).execute();
    }
  }
  await noteMoves(tx, tasks, input);
}

/** @returns the hub's task that stands for the department's from now on. */
async function moveTask(
  tx: Transaction<Schema>,
  task: OpenTask,
  { now }: HandOverInput,
): Promise<string> {
  const own = await tx
    .selectFrom("task")
    .select(["id", "role", "state"])
    .where("case_id", "=", task.caseId)
    .where("department", "=", HUB)
    .where("state", "not in", [...LEFT])
    .executeTakeFirst();
  if (own === undefined) {
    await tx
      .updateTable("task")
      .set({
        department: HUB,
        ...(task.state === "ACCEPTED" ? {} : { state: "PENDING", delivered_at: null }),
      })
      .where("id", "=", task.id)
      .execute();
    return task.id;
  }
  await tx
    .updateTable("task")
    .set({ state: "WITHDRAWN", answered_at: new Date(now), reason: reasonOf(task.department) })
    .where("id", "=", task.id)
    .execute();
  await tx
    .updateTable("task")
    .set({
      role: stronger(own.role, task.role),
      // Work that goes on stays accepted.
      ...(task.state === "ACCEPTED" && own.state !== "ACCEPTED"
        ? { state: task.state, answered_at: new Date(now), accepted_at: new Date(now) }
        : {}),
    })
    .where("id", "=", own.id)
    .execute();
  return own.id;
}

const STRENGTH: readonly TaskRole[] = ["informed", "co", "lead"];
function stronger(a: TaskRole, b: TaskRole): TaskRole {
  return STRENGTH.indexOf(a) >= STRENGTH.indexOf(b) ? a : b;
}

function reasonOf(department: string): string {
  return `Department ${department} left the directory; ${HUB} takes over`;
}

/**
 * What still waits for the department's endpoint is not sent any more; the hub gets a message of
 * its own with a new id, so that nobody takes it for a repetition.
 */
async function moveDelivery(
  tx: Transaction<Schema>,
  task: OpenTask,
  hubTaskId: string,
  { now, newId }: HandOverInput,
): Promise<void> {
  const latest = await tx
    .selectFrom("delivery")
    .select(["id", "payload", "fast_until", "give_up_at"])
    .where("task_id", "=", task.id)
    .orderBy("created_at", "desc")
    .limit(1)
    .executeTakeFirst();
  await tx
    .updateTable("delivery")
    .set({
      ...{ state: "DEAD", next_attempt_at: null, lease_token: null, lease_until: null },
      last_error: reasonOf(task.department),
    })
    .where("task_id", "=", task.id)
    .where("state", "in", ["PENDING", "IN_FLIGHT"])
    .execute();
  const hub = await tx
    .selectFrom("endpoint")
    .select("id")
    .where("department", "=", HUB)
    .where("enabled", "=", true)
    .executeTakeFirst();
  if (latest?.payload.type !== "task.dispatched" || hub === undefined) {
    return; // Nothing was ever to be sent, or the hub works by the control room alone.
  }
  const payload: DispatchPayload = {
    ...latest.payload,
    data: {
      ...latest.payload.data,
      taskId: hubTaskId,
      department: HUB as DispatchPayload["data"]["department"],
      role: task.role,
    },
  };
  await tx
    .insertInto("delivery")
    .values({
      ...{ id: newId(), task_id: hubTaskId, case_id: task.caseId, endpoint_id: hub.id },
      ...{ department: HUB, payload: JSON.stringify(payload), state: "PENDING" },
      ...{ next_attempt_at: new Date(now), fast_until: latest.fast_until },
      ...{ give_up_at: latest.give_up_at, created_at: new Date(now) },
    })
    .execute();
}

async function noteMoves(
  tx: Transaction<Schema>,
  tasks: readonly OpenTask[],
  { now, actor }: HandOverInput,
): Promise<void> {
  const caseIds = [...new Set(tasks.map((task) => task.caseId))];
  if (caseIds.length === 0) {
    return;
  }
  await tx
    .updateTable("case_file")
    .set((eb) => ({
      version: eb("version", "+", 1),
      // A command that has not seen the new lead is to look again.
      decided_version: eb("version", "+", 1),
      updated_at: new Date(now),
    }))
    .where("id", "in", caseIds)
    .execute();
  await appendTimeline(
    tx,
    tasks.map((task) => ({
      caseId: task.caseId,
      at: now,
      kind: "returned" as const,
      actor,
      facts: { department: task.department, to: HUB, reason: reasonOf(task.department) },
    })),
  );
  await publishCases(tx, caseIds, now);
}
