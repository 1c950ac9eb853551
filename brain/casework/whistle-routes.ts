/** `/v1/whistles`: the control room convenes departments, and writes down what they say. */
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import {
  auditName,
  type BlowWhistle,
  blowWhistleSchema,
  formatTime,
  PermanentError,
  problemSchema,
  timestampSchema,
  whistleAnswerSchema,
  type Viewer,
  type WhistleCommandRequest,
  whistleCommandRequestSchema,
  whistleIdSchema,
  whistleViewSchema,
} from "../../protocol/index.ts";
import { inScope, requireCaseInScope } from "../store/index.ts";
import { readKey } from "./case-routes.ts";
import type { CaseworkInput } from "./deps.ts";
import { operatorOfWhistle, operatorWhoBlows } from "./operator-actor.ts";
import { blow, commandWhistle, viewWhistle } from "./whistle-commands.ts";

const paramsSchema = z.object({ id: whistleIdSchema });
type Params = z.infer<typeof paramsSchema>;

export function whistleRoutes(input: CaseworkInput): (app: FastifyInstance) => void {
  return (app) => {
    app.route({
      method: "POST",
      url: "/v1/whistles",
      schema: {
        summary: "Blow a whistle: convene departments for a case",
        tags: ["console"],
        body: blowWhistleSchema,
        response: { 200: whistleAnswerSchema, default: problemSchema },
      },
      config: { permission: "whistle.blow" },
      handler: async (request) => {
        const body = request.body as BlowWhistle;
        const { viewer } = request;
        await requireCaseInScope(input.db, body.caseId, viewer);
        const { answer, repeated } = await blow(input, body, operatorWhoBlows(viewer, body.as), {
          key: readKey(request),
          principal: auditName(viewer),
          address: request.ip,
        });
        return { whistle: answer, repeated };
      },
    });
    app.route({
      method: "POST",
      url: "/v1/whistles/:id/commands",
      schema: {
        summary: "Give a command to a whistle",
        tags: ["console"],
        params: paramsSchema,
        body: whistleCommandRequestSchema,
        response: { 200: whistleAnswerSchema, default: problemSchema },
      },
      config: { permission: "whistle.command" },
      handler: async (request) => {
        const { command, expectedVersion, as } = request.body as WhistleCommandRequest;
        const { viewer } = request;
        const { id } = request.params as Params;
        await readWhistle(input, id, viewer);
        const actor = operatorOfWhistle(viewer, as, command);
        const { answer, repeated } = await commandWhistle(input, id, actor, {
          command,
          expectedVersion,
          key: readKey(request),
          principal: auditName(viewer),
          address: request.ip,
        });
        return { whistle: answer, repeated };
      },
    });
    addReadingRoutes(app, input);
  };
}

function addReadingRoutes(app: FastifyInstance, input: CaseworkInput): void {
  app.route({
    method: "GET",
    url: "/v1/whistles/:id",
    schema: {
      summary: "One whistle with its parties",
      tags: ["console"],
      params: paramsSchema,
      response: { 200: whistleViewSchema, default: problemSchema },
    },
    config: { permission: "whistle.view" },
    handler: async (request) => {
      const row = await readWhistle(input, (request.params as Params).id, request.viewer);
      return viewWhistle(row.case_id, row);
    },
  });
  app.route({
    method: "GET",
    url: "/v1/whistles/:id/code",
    schema: {
      summary: "The code that the site shows now",
      description: "Good for ten minutes; show it again before it ends.",
      tags: ["console"],
      params: paramsSchema,
      response: {
        200: z.object({ code: z.string(), expiresAt: timestampSchema }),
        default: problemSchema,
      },
    },
    config: { permission: "whistle.code" },
    handler: async (request) => {
      const { id } = await readWhistle(input, (request.params as Params).id, request.viewer);
      const { code, expiresAt } = input.codes.issue(id);
      return { code, expiresAt: formatTime(expiresAt) };
    },
  });
}

/** A department sees the whistles that it is called by, though it may have no task of the case. */
async function readWhistle(
  { db }: CaseworkInput,
  id: string,
  { department, jurisdiction }: Viewer,
) {
  const row = await db
    .selectFrom("whistle")
    .innerJoin("case_file", "case_file.id", "whistle.case_id")
    .selectAll("whistle")
    .where("whistle.id", "=", id)
    .where((eb) => inScope(eb, { department: null, jurisdiction }))
    .executeTakeFirst();
  const isCalled =
    department === null || row?.record.parties.some((party) => party.department === department);
  if (row === undefined || isCalled !== true) {
    throw new PermanentError("NOT_FOUND", "There is no such whistle", { where: id });
  }
  return row;
}
