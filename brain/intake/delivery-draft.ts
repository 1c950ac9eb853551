/** Writes the tasks of new cases, and a delivery for each that has somewhere to go. */
import { sql, type Transaction } from "kysely";
import type { Share } from "../cases/index.ts";
import { type EpochMs, formatTime } from "../../protocol/index.ts";
import type { DeliveryPayload, Schema } from "../store/index.ts";
import type { CaseDraft } from "./open-cases.ts";

/** Deliveries are tried this long, then they are dead and visible as such. */
const GIVE_UP_MS = 72 * 3_600_000;

export interface TaskDraft {
  readonly id: string;
  readonly share: Share;
}

interface SharedCase extends CaseDraft {
  readonly tasks: readonly TaskDraft[];
}

/** @returns the endpoints that got something to receive. */
export async function draftDeliveries(
  tx: Transaction<Schema>,
  cases: readonly SharedCase[],
  { now, newId }: { readonly now: EpochMs; readonly newId: () => string },
): Promise<string[]> {
  const at = new Date(now);
  const tasks = cases.flatMap((draft) => draft.tasks.map((task) => ({ draft, task })));
  if (tasks.length === 0) {
    return [];
  }
  const taskRows = tasks.map(({ draft, task }) => ({
    id: task.id,
    case_id: draft.caseId,
    department: task.share.department,
    role: task.share.role,
  }));
  await sql`
    insert into task (id, case_id, department, role, state, created_at)
    select v.id, v.case_id, v.department, v.role, 'PENDING', ${at}::timestamptz
    from jsonb_to_recordset(${JSON.stringify(taskRows)}::jsonb) as v (
      id uuid, case_id uuid, department text, role text)`.execute(tx);
  const deliveries = tasks.flatMap(({ draft, task }) => {
    const { endpointId } = task.share;
    return endpointId === null ? [] : [{ draft, task, endpointId }];
  });
  if (deliveries.length === 0) {
    return [];
  }
  const rows = deliveries.map(({ draft, task, endpointId }) => {
    const reportedAt = draft.opening.event.acceptedAt.getTime();
    return {
      id: newId(),
      task_id: task.id,
      case_id: draft.caseId,
      endpoint_id: endpointId,
      department: task.share.department,
      payload: payloadOf(draft, task, now),
      fast_until: formatTime(reportedAt + draft.opened.limits.dispatch),
    };
  });
  await sql`
    insert into delivery (id, task_id, case_id, endpoint_id, department, payload, state,
      next_attempt_at, fast_until, give_up_at, created_at)
    select v.id, v.task_id, v.case_id, v.endpoint_id, v.department, v.payload, 'PENDING',
      ${at}::timestamptz, v.fast_until, ${new Date(now + GIVE_UP_MS)}::timestamptz,
      ${at}::timestamptz
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as v (
      id uuid, task_id uuid, case_id uuid, endpoint_id uuid, department text, payload jsonb,
      fast_until timestamptz)`.execute(tx);
  return [...new Set(deliveries.map(({ endpointId }) => endpointId))];
}

function payloadOf(draft: CaseDraft, task: TaskDraft, now: EpochMs): DeliveryPayload {
  const { event, type } = draft.opening;
  const { data } = event.body;
  return {
    type: "task.dispatched",
    version: 1,
    timestamp: formatTime(now),
    data: {
      taskId: task.id,
      caseId: draft.caseId,
      caseNumber: draft.number,
      department: task.share.department,
      role: task.share.role,
      eventType: type.code,
      ...(task.share.role === "lead" && type.unit !== undefined ? { unit: type.unit } : {}),
      title: type.code === event.type.code ? data.title : { zh: type.zh, en: type.en },
      line: type.line,
      severity: type.code === event.type.code ? data.severity : type.severity,
      serviceLevel: type.sla,
      onset: data.onset,
      captureTime: data.capture.at,
      reportedAt: event.acceptedAt.toISOString(),
      containBy: formatTime(now + draft.opened.limits.contain),
      location: data.location,
      camera: { id: event.cameraId, name: data.device.name },
      evidence: data.evidence.map(({ sha256, mime }) => ({ sha256, mime })),
    },
  };
}
