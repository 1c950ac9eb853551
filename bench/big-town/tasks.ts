/** Departments that say they have their tasks, at a steady pace whatever the answers take. */
import type pg from "pg";
import { parseWebhookSecret, signMessage } from "../../brain/directory/index.ts";
import { SENDER_HEADER } from "../../protocol/index.ts";
import { pause } from "./lists.ts";

export interface OpenTask {
  readonly id: string;
  readonly department: string;
  readonly delivery_id: string;
}

/** Leads' tasks that were delivered and not answered, in no order. */
export async function readOpenTasks(pool: pg.Pool, limit: number): Promise<readonly OpenTask[]> {
  const { rows } = await pool.query<OpenTask>(
    `select task.id, task.department, delivery.id as delivery_id
     from case_file
     join task on task.case_id = case_file.id and task.department = case_file.lead
     join delivery on delivery.task_id = task.id
     where case_file.state = 'DISPATCHED' and task.state = 'DELIVERED' and task.role = 'lead'
     order by md5(task.id::text) limit $1`,
    [limit],
  );
  return rows;
}

export interface Acknowledging {
  readonly url: string;
  readonly tasks: readonly OpenTask[];
  readonly secrets: ReadonlyMap<string, string>;
  readonly perS: number;
}

export interface Acknowledged {
  /** From the time at which each was to be sent. */
  readonly latenciesMs: readonly number[];
  readonly statuses: Readonly<Record<string, number>>;
}

export async function acknowledgeAll(input: Acknowledging): Promise<Acknowledged> {
  const latenciesMs: number[] = [];
  const statuses: Record<string, number> = {};
  const startMs = performance.now();
  const sent: Promise<void>[] = [];
  for (const [index, task] of input.tasks.entries()) {
    const dueMs = startMs + (index * 1000) / input.perS;
    await pause(dueMs - performance.now());
    sent.push(
      acknowledge(input, task).then((status) => {
        latenciesMs.push(performance.now() - dueMs);
        statuses[status] = (statuses[status] ?? 0) + 1;
      }),
    );
  }
  await Promise.all(sent);
  return { latenciesMs, statuses };
}

async function acknowledge({ url, secrets }: Acknowledging, task: OpenTask): Promise<number> {
  const body = JSON.stringify({
    ...{ deliveryId: task.delivery_id, decision: "accepted", reference: "R" },
    at: new Date().toISOString(),
  });
  const timestampS = Math.floor(Date.now() / 1000);
  const key = parseWebhookSecret(secrets.get(task.department) ?? "", task.department);
  const response = await fetch(`${url}/v1/tasks/${task.id}/acknowledgement`, {
    method: "POST",
    body,
    headers: {
      "content-type": "application/json",
      [SENDER_HEADER]: task.department,
      "webhook-id": task.delivery_id,
      "webhook-timestamp": String(timestampS),
      "webhook-signature": signMessage(key, task.delivery_id, timestampS, Buffer.from(body)),
    },
  });
  await response.arrayBuffer();
  return response.status;
}
