/** `/v1/incidents/{id}`: what is one happening and what is two, by an operator's word. */
import type { FastifyInstance, FastifyRequest } from "fastify";
import { z } from "zod";
import {
  incidentIdSchema,
  incidentViewSchema,
  type MergeIncidents,
  mergeIncidentsSchema,
  nearCasesSchema,
  problemSchema,
  regroupAnswerSchema,
  type SplitIncident,
  splitIncidentSchema,
} from "../../protocol/index.ts";
import { readKey } from "./case-routes.ts";
import type { RegroupingInput } from "./deps.ts";
import { nearCases, viewIncident } from "./incident-view.ts";
import { caseOfIncident, mergeIncidents, type RegroupOrder, splitIncident } from "./regroup.ts";

const paramsSchema = z.object({ id: incidentIdSchema });
type Params = z.infer<typeof paramsSchema>;
const nearQuerySchema = z.object({
  number: z
    .string()
    .regex(/^[\d-]{1,20}$/, "expected digits and dashes")
    .optional(),
});

export function regroupRoutes(input: RegroupingInput): (app: FastifyInstance) => void {
  return (app) => {
    addDeciding(app, input);
    app.route({
      method: "GET",
      url: "/v1/incidents/:id",
      schema: {
        summary: "The alarms of an incident, each with why it is part of it",
        tags: ["console"],
        params: paramsSchema,
        response: { 200: incidentViewSchema, default: problemSchema },
      },
      config: { permission: "incident.regroup" },
      handler: async (request) => {
        const { id } = request.params as Params;
        return viewIncident(input.db, id, await caseOfIncident(input.db, id, request.viewer));
      },
    });
    app.route({
      method: "GET",
      url: "/v1/incidents/:id/near",
      schema: {
        summary: "Open cases that an incident may be one with",
        description:
          "Those within half a kilometre and two hours, or, with `number`, those whose number " +
          "holds these digits, wherever they are. The nearest first, at most twenty.",
        tags: ["console"],
        params: paramsSchema,
        querystring: nearQuerySchema,
        response: { 200: nearCasesSchema, default: problemSchema },
      },
      config: { permission: "incident.regroup" },
      handler: async (request) => {
        const { id } = request.params as Params;
        const { number } = request.query as z.infer<typeof nearQuerySchema>;
        await caseOfIncident(input.db, id, request.viewer);
        return nearCases(input.db, id, request.viewer, number);
      },
    });
  };
}

function addDeciding(app: FastifyInstance, input: RegroupingInput): void {
  const description =
    "The header `idempotency-key` makes a repetition harmless. 409 VERSION_STALE says what " +
    "stands now and who was first; `where` says of which of the two cases.";
  app.route({
    method: "POST",
    url: "/v1/incidents/:id/merge",
    schema: {
      summary: "Make two incidents one",
      description,
      tags: ["console"],
      params: paramsSchema,
      body: mergeIncidentsSchema,
      response: { 200: regroupAnswerSchema, default: problemSchema },
    },
    config: { permission: "incident.regroup" },
    handler: async (request) => {
      const { id } = request.params as Params;
      const merge = request.body as MergeIncidents;
      const { answer, repeated } = await mergeIncidents(input, id, merge, orderOf(request));
      return { ...answer, repeated };
    },
  });
  app.route({
    method: "POST",
    url: "/v1/incidents/:id/split",
    schema: {
      summary: "Take alarms out of an incident into one of their own",
      description: `${description} The two are never joined again by themselves.`,
      tags: ["console"],
      params: paramsSchema,
      body: splitIncidentSchema,
      response: { 200: regroupAnswerSchema, default: problemSchema },
    },
    config: { permission: "incident.regroup" },
    handler: async (request) => {
      const { id } = request.params as Params;
      const split = request.body as SplitIncident;
      const { answer, repeated } = await splitIncident(input, id, split, orderOf(request));
      return { ...answer, repeated };
    },
  });
}

function orderOf(request: FastifyRequest): RegroupOrder {
  return { viewer: request.viewer, key: readKey(request), address: request.ip };
}
