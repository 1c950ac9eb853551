/** `POST /v1/tasks/{taskId}/acknowledgement`: the department's own word on its task (T4). */
import type { FastifyInstance } from "fastify";
import type { Kysely, Transaction } from "kysely";
import { z } from "zod";
import { acknowledge, type CaseProgress } from "../cases/index.ts";
import {
  type Acknowledgement,
  acknowledgementAnswerSchema,
  acknowledgementSchema,
  type CaseState,
  type Clock,
  type EpochMs,
  fromZodError,
  PermanentError,
  problemSchema,
  type TaskRole,
  type TaskState,
  type TimelineKind,
  taskIdSchema,
} from "../../protocol/index.ts";
import {
  appendTimeline,
  lockCases,
  publishCases,
  type Schema,
  type TimelineEntry,
  transaction,
} from "../store/index.ts";

export interface AcknowledgingEndpoint {
  readonly id: string;
  readonly department: string;
}

export interface AcknowledgementRouteInput {
  readonly db: Kysely<Schema>;
  readonly clock: Clock;
  /** Endpoint that signed a request; throws otherwise. */
  readonly checkEndpoint: (
    headers: Readonly<Record<string, string | string[] | undefined>>,
    body: Buffer | string,
  ) => AcknowledgingEndpoint;
}

const paramsSchema = z.object({ taskId: taskIdSchema });
const BODY_BYTES = 16_384;
/** Valid in JSON, but no text that a database can keep. */
const UNSTORABLE = /\u0000|\p{Surrogate}/u;

/** Register inside a scope whose parser leaves bodies as bytes. */
export function acknowledgementRoutes(
  input: AcknowledgementRouteInput,
): (app: FastifyInstance) => void {
  return (app) => {
    app.route({
      method: "POST",
      url: "/v1/tasks/:taskId/acknowledgement",
      bodyLimit: BODY_BYTES,
      schema: {
        summary: "Accept or return a task",
        description:
          "Signed with the endpoint's secret; the sender header holds the department's code or " +
          "the endpoint's id. The same answer may be sent again.",
        tags: ["department"],
        params: paramsSchema,
        body: acknowledgementSchema,
        response: { 200: acknowledgementAnswerSchema, default: problemSchema },
      },
      config: { access: "signed" },
      handler: async (request) => {
        const body = request.body as Buffer;
        const endpoint = input.checkEndpoint(request.headers, body);
        const { taskId } = request.params as { taskId: string };
        const ack = readAcknowledgement(body);
        const now = input.clock.now();
        return transaction(input.db, (tx) => answerTask(tx, { endpoint, taskId, ack, now }), {
          clock: input.clock,
        });
      },
    });
  };
}

function readAcknowledgement(body: Buffer): Acknowledgement {
  let value: unknown;
  try {
    value = JSON.parse(body.toString("utf8"));
  } catch (error) {
    throw new PermanentError(
      "BODY_MALFORMED",
      "The body is not JSON",
      { where: "body", expected: "an acknowledgement in JSON" },
      error,
    );
  }
  const parsed = acknowledgementSchema.safeParse(value);
  if (!parsed.success) {
    throw fromZodError("BODY_MALFORMED", "The acknowledgement", parsed.error);
  }
  const texts = [parsed.data.reference, parsed.data.unit, parsed.data.reason];
  if (texts.some((text) => text !== undefined && UNSTORABLE.test(text))) {
    throw new PermanentError(
      "BODY_MALFORMED",
      "The acknowledgement holds text that cannot be kept",
      {
        where: "body",
        expected: "text without NUL and lone surrogates",
      },
    );
  }
  return parsed.data;
}

interface Answer {
  readonly endpoint: AcknowledgingEndpoint;
  readonly taskId: string;
  readonly ack: Acknowledgement;
  readonly now: EpochMs;
}

interface TaskRow {
  readonly case_id: string;
  readonly department: string;
  readonly role: TaskRole;
  readonly state: TaskState;
}

async function answerTask(
  tx: Transaction<Schema>,
  answer: Answer,
): Promise<z.infer<typeof acknowledgementAnswerSchema>> {
  await lockCases(tx);
  const task = await findTask(tx, answer);
  const before = await readProgress(tx, task.case_id);
  const outcome = acknowledge(task, before, answer.ack.decision, answer.now);
  const taskId = taskIdSchema.parse(answer.taskId);
  if (outcome.repeated) {
    return { taskId, state: outcome.taskState, repeated: true };
  }
  await updateTask(tx, answer, outcome.taskState);
  await closeDelivery(tx, answer);
  await updateCase(tx, task.case_id, outcome.progress, answer.now);
  await appendTimeline(tx, entriesOf(task, before.state, outcome.progress.state, answer));
  await publishCases(tx, [task.case_id], answer.now);
  return { taskId, state: outcome.taskState, repeated: false };
}

/**
 * The task belongs to its department, and to the hub where the hub's endpoint received it in its
 * stead. A stranger learns nothing but that the task is not its own.
 */
async function findTask(tx: Transaction<Schema>, { endpoint, taskId, ack }: Answer) {
  const task: TaskRow | undefined = await tx
    .selectFrom("task")
    .select(["case_id", "department", "role", "state"])
    .where("id", "=", taskId)
    .executeTakeFirst();
  if (task === undefined) {
    throw new PermanentError("TASK_UNKNOWN", "There is no such task", { where: taskId });
  }
  const deliveries = await tx
    .selectFrom("delivery")
    .select(["id", "endpoint_id"])
    .where("task_id", "=", taskId)
    .execute();
  const isTheirs =
    task.department === endpoint.department ||
    deliveries.some(({ endpoint_id }) => endpoint_id === endpoint.id);
  if (!isTheirs) {
    throw new PermanentError("TASK_NOT_YOURS", "The task belongs to another department", {
      where: taskId,
      expected: "a task that was delivered to this endpoint",
      got: `the endpoint of ${endpoint.department}`,
    });
  }
  if (!deliveries.some(({ id }) => id === ack.deliveryId.toLowerCase())) {
    throw new PermanentError("TASK_UNKNOWN", "The task has no such delivery", {
      where: "deliveryId",
      expected: "the webhook-id of a delivery of this task",
      got: ack.deliveryId,
    });
  }
  return task;
}

async function readProgress(tx: Transaction<Schema>, caseId: string): Promise<CaseProgress> {
  const row = await tx
    .selectFrom("case_file")
    .select(["state", "filed_at", "dispatched_at", "accepted_at"])
    .where("id", "=", caseId)
    .executeTakeFirstOrThrow();
  return {
    state: row.state,
    filedAt: row.filed_at?.getTime() ?? null,
    dispatchedAt: row.dispatched_at?.getTime() ?? null,
    acceptedAt: row.accepted_at?.getTime() ?? null,
  };
}

async function updateTask(
  tx: Transaction<Schema>,
  { taskId, ack, now }: Answer,
  state: TaskState,
): Promise<void> {
  await tx
    .updateTable("task")
    .set({
      state,
      answered_at: new Date(now),
      accepted_at: state === "ACCEPTED" ? new Date(now) : null,
      reference: ack.reference ?? null,
      unit: ack.unit ?? null,
      reason: ack.reason ?? null,
    })
    .where("id", "=", taskId)
    .execute();
}

/** Whoever answers has the message: nothing of it needs to be sent again. */
async function closeDelivery(tx: Transaction<Schema>, { ack, now }: Answer): Promise<void> {
  await tx
    .updateTable("delivery")
    .set({
      state: "DELIVERED",
      delivered_at: new Date(now),
      next_attempt_at: null,
      lease_token: null,
      lease_until: null,
      last_error: null,
    })
    .where("id", "=", ack.deliveryId)
    .where("state", "!=", "DELIVERED")
    .execute();
}

async function updateCase(
  tx: Transaction<Schema>,
  caseId: string,
  progress: CaseProgress,
  now: EpochMs,
): Promise<void> {
  const date = (at: EpochMs | null): Date | null => (at === null ? null : new Date(at));
  await tx
    .updateTable("case_file")
    .set((eb) => ({
      state: progress.state,
      dispatched_at: date(progress.dispatchedAt),
      accepted_at: date(progress.acceptedAt),
      version: eb("version", "+", 1),
      updated_at: new Date(now),
    }))
    .where("id", "=", caseId)
    .execute();
}

function entriesOf(
  task: TaskRow,
  from: CaseState,
  to: CaseState,
  { ack, now }: Answer,
): TimelineEntry[] {
  const entry = (
    kind: TimelineKind,
    actor: string,
    facts: TimelineEntry["facts"],
  ): TimelineEntry => ({ caseId: task.case_id, at: now, kind, actor, facts });
  const passedDispatched = from === "FILED" && to !== "FILED";
  return [
    ...(passedDispatched
      ? [entry("dispatched", "system", { department: task.department, by: "acknowledgement" })]
      : []),
    entry(ack.decision, `department:${task.department}`, {
      department: task.department,
      role: task.role,
      reference: ack.reference ?? null,
      unit: ack.unit ?? null,
      reason: ack.reason ?? null,
    }),
  ];
}
