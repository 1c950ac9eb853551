/** `/v1/whistles`: the control room convenes departments, and writes down what they say. */
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import {
  type BlowWhistle,
  blowWhistleSchema,
  formatTime,
  PermanentError,
  problemSchema,
  timestampSchema,
  whistleAnswerSchema,
  type WhistleCommandRequest,
  whistleCommandRequestSchema,
  whistleIdSchema,
  whistleViewSchema,
} from "../../protocol/index.ts";
import { OPERATOR_PRINCIPAL, readKey } from "./case-routes.ts";
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
      handler: async (request) => {
        const body = request.body as BlowWhistle;
        const { answer, repeated } = await blow(input, body, operatorWhoBlows(body.as), {
          key: readKey(request),
          principal: OPERATOR_PRINCIPAL,
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
      handler: async (request) => {
        const { command, expectedVersion, as } = request.body as WhistleCommandRequest;
        const actor = operatorOfWhistle(as, command);
        const { id } = request.params as Params;
        const { answer, repeated } = await commandWhistle(input, id, actor, {
          command,
          expectedVersion,
          key: readKey(request),
          principal: OPERATOR_PRINCIPAL,
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
    handler: async (request) => {
      const row = await readWhistle(input, (request.params as Params).id);
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
    handler: async (request) => {
      const { id } = await readWhistle(input, (request.params as Params).id);
      const { code, expiresAt } = input.codes.issue(id);
      return { code, expiresAt: formatTime(expiresAt) };
    },
  });
}

async function readWhistle({ db }: CaseworkInput, id: string) {
  const row = await db.selectFrom("whistle").selectAll().where("id", "=", id).executeTakeFirst();
  if (row === undefined) {
    throw new PermanentError("NOT_FOUND", "There is no such whistle", { where: id });
  }
  return row;
}
