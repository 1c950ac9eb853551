/** Tasks and their deliveries for cases that exist already: by command, by alarm, by whistle. */
import type { Transaction } from "kysely";
import {
  type EpochMs,
  formatTime,
  type TaskRole,
  type TaskWebhook,
} from "../../../protocol/index.ts";
import type { CaseRow, DispatchPayload, Schema } from "../schema.ts";

/** Deliveries are tried this long, then they are dead and visible as such. */
export const GIVE_UP_MS = 72 * 3_600_000;

export interface TaskShare {
  readonly department: string;
  readonly role: TaskRole;
  readonly whistle?: NonNullable<TaskWebhook["data"]["whistle"]>;
}

export interface SendInput {
  readonly now: EpochMs;
  readonly newId: () => string;
  /** Endpoint of a department, or of the hub in its stead. */
  readonly findEndpoint: (department: string) => string | undefined;
  /** Until then retries are fast. */
  readonly fastUntil: EpochMs;
  readonly containBy: EpochMs;
}

interface LiveTask {
  readonly id: string;
  readonly department: string;
  readonly role: TaskRole;
  readonly state: string;
}

/**
 * A department that has an open task keeps it: it is told again only of a whistle, when it was
 * merely informed before, or when it is to lead anew what it had accepted and the case was reopened. @returns the endpoints that got something to receive.
 */
export async function sendTasks(
  tx: Transaction<Schema>,
  row: CaseRow,
  shares: readonly TaskShare[],
  input: SendInput,
): Promise<string[]> {
  const live: LiveTask[] = await tx
    .selectFrom("task")
    .select(["id", "department", "role", "state"])
    .where("case_id", "=", row.id)
    .where("state", "not in", ["RETURNED", "WITHDRAWN"])
    .execute();
  const evidence = await readEvidence(tx, row.incident_id);
  const endpointIds: string[] = [];
  for (const share of shares) {
    const task = live.find(({ department }) => department === share.department);
    const isAgain = task?.state === "ACCEPTED" && share.role === "lead";
    const isNews =
      task === undefined || task.role === "informed" || share.whistle !== undefined || isAgain;
    const taskId = task?.id ?? input.newId();
    if (task === undefined) {
      await insertTask(tx, row.id, taskId, share, input.now);
    } else if (strength(share.role) > strength(task.role)) {
      await tx.updateTable("task").set({ role: share.role }).where("id", "=", taskId).execute();
    }
    if (isAgain) {
      await tx
        .updateTable("task")
        .set({ state: "PENDING", accepted_at: null, answered_at: null, delivered_at: null })
        .where("id", "=", taskId)
        .execute();
    }
    const endpointId = input.findEndpoint(share.department);
    if (isNews && endpointId !== undefined) {
      await insertDelivery(tx, row, { share, taskId, endpointId, evidence }, input);
      endpointIds.push(endpointId);
    }
  }
  return endpointIds;
}

function strength(role: TaskRole): number {
  return ["informed", "co", "lead"].indexOf(role);
}

async function insertTask(
  tx: Transaction<Schema>,
  caseId: string,
  id: string,
  share: TaskShare,
  now: EpochMs,
): Promise<void> {
  await tx
    .insertInto("task")
    .values({
      id,
      case_id: caseId,
      department: share.department,
      role: share.role,
      state: "PENDING",
      created_at: new Date(now),
    })
    .execute();
}

interface DeliveryFacts {
  readonly share: TaskShare;
  readonly taskId: string;
  readonly endpointId: string;
  readonly evidence: DispatchPayload["data"]["evidence"];
}

async function insertDelivery(
  tx: Transaction<Schema>,
  row: CaseRow,
  facts: DeliveryFacts,
  input: SendInput,
): Promise<void> {
  const at = new Date(input.now);
  await tx
    .insertInto("delivery")
    .values({
      id: input.newId(),
      task_id: facts.taskId,
      case_id: row.id,
      endpoint_id: facts.endpointId,
      department: facts.share.department,
      payload: JSON.stringify(payloadOf(row, facts, input)),
      state: "PENDING",
      next_attempt_at: at,
      fast_until: new Date(input.fastUntil),
      give_up_at: new Date(input.now + GIVE_UP_MS),
      created_at: at,
    })
    .execute();
}

function payloadOf(
  row: CaseRow,
  { share, taskId, evidence }: DeliveryFacts,
  { now, containBy }: SendInput,
): DispatchPayload {
  // What the database holds was checked when it came in; the brands are given back here.
  return {
    type: "task.dispatched",
    version: 1,
    timestamp: formatTime(now),
    data: {
      taskId,
      caseId: row.id,
      caseNumber: row.number,
      department: share.department,
      role: share.role,
      eventType: row.event_type,
      title: row.title,
      line: row.line,
      severity: row.severity,
      serviceLevel: row.service_level,
      onset: row.onset.toISOString(),
      captureTime: row.captured_at.toISOString(),
      reportedAt: row.reported_at.toISOString(),
      containBy: formatTime(containBy),
      location: row.location,
      camera: { id: row.camera_id, name: row.camera_name },
      evidence,
      ...(share.whistle === undefined ? {} : { whistle: share.whistle }),
    },
  } as DispatchPayload;
}

/** Most pictures that a message names, so that it stays below its bound. */
const MESSAGE_PICTURES = 8;

async function readEvidence(
  tx: Transaction<Schema>,
  incidentId: string,
): Promise<DispatchPayload["data"]["evidence"]> {
  return tx
    .selectFrom("incident_event")
    .innerJoin("evidence_ref", "evidence_ref.event_id", "incident_event.event_id")
    .innerJoin("evidence", "evidence.sha256", "evidence_ref.sha256")
    .select(["evidence.sha256", "evidence.mime"])
    .distinct()
    .where("incident_event.incident_id", "=", incidentId)
    .limit(MESSAGE_PICTURES)
    .execute();
}
