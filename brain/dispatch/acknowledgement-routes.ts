/** `POST /v1/tasks/{taskId}/acknowledgement`: the department's own word on its task (T4). */
import type { FastifyInstance } from "fastify";
import type { Kysely, Transaction } from "kysely";
import { z } from "zod";
import { actorName, answerTask, type CaseEffect, decideCase } from "../cases/index.ts";
import {
  type Acknowledgement,
  acknowledgementAnswerSchema,
  acknowledgementSchema,
  type Actor,
  type Clock,
  departmentCodeSchema,
  type EpochMs,
  fromZodError,
  PermanentError,
  problemSchema,
  type TaskRole,
  type TaskState,
  taskIdSchema,
} from "../../protocol/index.ts";
import {
  appendTimeline,
  type CaseworkDeps,
  loadCase,
  publishCases,
  saveCases,
  type Schema,
  shareCommits,
} from "../store/index.ts";

export interface AcknowledgingEndpoint {
  readonly id: string;
  readonly department: string;
}

export interface AcknowledgementRouteInput {
  readonly db: Kysely<Schema>;
  readonly clock: Clock;
  readonly casework: CaseworkDeps;
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
  const commits = shareCommits(input);
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
        const answer = { endpoint, taskId, ack, now };
        return commits.run((tx) => recordAnswer(tx, answer, input.casework));
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

async function recordAnswer(
  tx: Transaction<Schema>,
  answer: Answer,
  casework: CaseworkDeps,
): Promise<z.infer<typeof acknowledgementAnswerSchema>> {
  const task = await findTask(tx, answer);
  const { taskState, repeated } = answerTask(task.state, answer.ack.decision);
  const taskId = taskIdSchema.parse(answer.taskId);
  if (repeated) {
    return { taskId, state: taskState, repeated };
  }
  if (task.role === "lead") {
    await moveCase(tx, task, answer, casework);
  } else {
    await noteAnswer(tx, task, answer);
  }
  await updateTask(tx, answer, taskState);
  await closeDelivery(tx, answer);
  return { taskId, state: taskState, repeated };
}

/** The lead's answer is a command to the case. */
async function moveCase(
  tx: Transaction<Schema>,
  task: TaskRow,
  { endpoint, ack, now }: Answer,
  casework: CaseworkDeps,
): Promise<void> {
  const before = await loadCase(tx, task.case_id);
  const actor: Actor = {
    role: "department",
    id: ack.unit ?? endpoint.department,
    department: departmentCodeSchema.parse(task.department),
  };
  const { record, effects } = decideCase(
    before.record,
    ack.decision === "accepted"
      ? { kind: "accept" }
      : { kind: "return", reason: ack.reason ?? "no reason given" },
    { actor, now },
  );
  // The task itself is written with more than the machine knows: reference and unit.
  const others = effects.filter((effect) => effect.kind !== "settle");
  const facts = factsOf(task, ack);
  const told = others.map(
    (effect): CaseEffect =>
      effect.kind === "note" && effect.entry === ack.decision
        ? { ...effect, facts: { ...effect.facts, ...facts } }
        : effect,
  );
  await saveCases(
    tx,
    [{ before, record, effects: told, actor: actorName(actor), decided: true }],
    casework,
    { now },
  );
}

/** Any other department's answer is its own affair; the control room sees it. */
async function noteAnswer(
  tx: Transaction<Schema>,
  task: TaskRow,
  { ack, now }: Answer,
): Promise<void> {
  await tx
    .updateTable("case_file")
    .set((eb) => ({ version: eb("version", "+", 1), updated_at: new Date(now) }))
    .where("id", "=", task.case_id)
    .execute();
  await appendTimeline(tx, [
    {
      caseId: task.case_id,
      at: now,
      kind: ack.decision,
      actor: `department:${task.department}`,
      facts: factsOf(task, ack),
    },
  ]);
  await publishCases(tx, [task.case_id], now);
}

function factsOf(task: TaskRow, ack: Acknowledgement) {
  return {
    department: task.department,
    role: task.role,
    reference: ack.reference ?? null,
    unit: ack.unit ?? null,
    reason: ack.reason ?? null,
  };
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
