/**
 * What a department's own system may do, signed with its endpoint's secret: command the case of
 * its task, and take part in a whistle. The header `webhook-id` of the request is its key: the
 * same request may be sent again.
 */
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Transaction } from "kysely";
import { z } from "zod";
import {
  type Actor,
  caseCommandAnswerSchema,
  fromZodError,
  PermanentError,
  partyCommandSchema,
  problemSchema,
  taskCommandSchema,
  taskIdSchema,
  whistleAnswerSchema,
  whistleIdSchema,
} from "../../protocol/index.ts";
import type { Schema } from "../store/index.ts";
import { commandCase, type CommandTarget } from "./case-commands.ts";
import type { PictureInput } from "./deps.ts";
import { commandWhistle } from "./whistle-commands.ts";

export interface SigningDepartment {
  readonly id: string;
  readonly department: string;
}

export interface DepartmentRouteInput extends PictureInput {
  /** Endpoint that signed a request; throws otherwise. */
  readonly checkEndpoint: (
    headers: Readonly<Record<string, string | string[] | undefined>>,
    body: Buffer | string,
  ) => SigningDepartment;
}

const taskParamsSchema = z.object({ taskId: taskIdSchema });
const whistleParamsSchema = z.object({ id: whistleIdSchema });
const BODY_BYTES = 16_384;

/** Register inside a scope whose parser leaves bodies as bytes. */
export function departmentRoutes(input: DepartmentRouteInput): (app: FastifyInstance) => void {
  return (app) => {
    app.route({
      method: "POST",
      url: "/v1/tasks/:taskId/commands",
      bodyLimit: BODY_BYTES,
      schema: {
        summary: "Accept, return, start, contain, handle or suspend the case of a task",
        description: "Signed with the endpoint's secret. Only the lead's task moves the case.",
        tags: ["department"],
        params: taskParamsSchema,
        body: taskCommandSchema,
        response: { 200: caseCommandAnswerSchema, default: problemSchema },
      },
      config: { access: "signed" },
      handler: async (request) => {
        const endpoint = input.checkEndpoint(request.headers, request.body as Buffer);
        const { taskId } = request.params as z.infer<typeof taskParamsSchema>;
        const body = readBody(request, taskCommandSchema);
        const { answer, repeated } = await commandCase(
          input,
          {
            command: body.command,
            expectedVersion: body.expectedVersion,
            ...orderOf(request, endpoint),
          },
          (tx) => findTarget(tx, taskId, endpoint, body.unit),
          { task: taskId, unit: body.unit ?? null },
        );
        return { ...answer, repeated };
      },
    });
    app.route({
      method: "POST",
      url: "/v1/whistles/:id/party-commands",
      bodyLimit: BODY_BYTES,
      schema: {
        summary: "Answer a whistle, check in, take a measure, feed back or rate",
        description: "Signed with the endpoint's secret; a department speaks for itself only.",
        tags: ["department"],
        params: whistleParamsSchema,
        body: partyCommandSchema,
        response: { 200: whistleAnswerSchema, default: problemSchema },
      },
      config: { access: "signed" },
      handler: async (request) => {
        const endpoint = input.checkEndpoint(request.headers, request.body as Buffer);
        const { id } = request.params as z.infer<typeof whistleParamsSchema>;
        const { command, unit } = readBody(request, partyCommandSchema);
        const { answer, repeated } = await commandWhistle(
          input,
          id,
          departmentActor(endpoint.department, unit),
          { command, expectedVersion: undefined, ...orderOf(request, endpoint) },
        );
        return { whistle: answer, repeated };
      },
    });
  };
}

function departmentActor(department: string, unit: string | undefined): Actor {
  return {
    role: "department",
    id: unit ?? department,
    department: department as Actor["department"],
  };
}

function orderOf(request: FastifyRequest, endpoint: SigningDepartment) {
  return {
    key: String(request.headers["webhook-id"]),
    principal: `department:${endpoint.department}`,
    address: request.ip,
  };
}

function readBody<Schema_ extends z.ZodType>(
  request: FastifyRequest,
  schema: Schema_,
): z.infer<Schema_> {
  let value: unknown;
  try {
    value = JSON.parse((request.body as Buffer).toString("utf8"));
  } catch (error) {
    throw new PermanentError(
      "BODY_MALFORMED",
      "The body is not JSON",
      { where: "body", expected: "a command in JSON" },
      error,
    );
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) {
    throw fromZodError("BODY_MALFORMED", "The command", parsed.error);
  }
  return parsed.data;
}

/** The hub acts for a department whose task was delivered to the hub in its stead. */
export async function findTarget(
  tx: Transaction<Schema>,
  taskId: string,
  endpoint: SigningDepartment,
  unit: string | undefined,
): Promise<CommandTarget & { readonly department: string }> {
  const task = await tx
    .selectFrom("task")
    .select(["case_id", "department", "state"])
    .where("id", "=", taskId)
    .executeTakeFirst();
  if (task === undefined) {
    throw new PermanentError("TASK_UNKNOWN", "There is no such task", { where: taskId });
  }
  const isOwn = task.department === endpoint.department;
  const delivered = isOwn
    ? undefined
    : await tx
        .selectFrom("delivery")
        .select("id")
        .where("task_id", "=", taskId)
        .where("endpoint_id", "=", endpoint.id)
        .executeTakeFirst();
  if (!isOwn && delivered === undefined) {
    throw new PermanentError("TASK_NOT_YOURS", "The task belongs to another department", {
      where: taskId,
      expected: "a task that was delivered to this endpoint",
      got: `the endpoint of ${endpoint.department}`,
    });
  }
  if (task.state === "RETURNED" || task.state === "WITHDRAWN") {
    throw new PermanentError("STATE_CONFLICT", "The task is not the department's any more", {
      where: taskId,
      expected: "an open task",
      got: task.state,
    });
  }
  return {
    caseId: task.case_id,
    department: task.department,
    actorOf: () => departmentActor(task.department, unit ?? endpoint.department),
  };
}
