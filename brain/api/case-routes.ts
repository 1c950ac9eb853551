/** `/v1/cases` and `/v1/catalogue`. */
import type { FastifyInstance } from "fastify";
import type { Kysely } from "kysely";
import { z } from "zod";
import {
  auditName,
  caseDetailSchema,
  caseIdSchema,
  caseListSchema,
  caseStateSchema,
  catalogue,
  catalogueSchema,
  type Clock,
  PermanentError,
  problemSchema,
} from "../../protocol/index.ts";
import { appendAudit } from "../audit/index.ts";
import type { Schema } from "../store/index.ts";
import { isCursor, listCases, readCase } from "./case-queries.ts";
import { purposesOf, readPurpose, requirePurpose } from "./purpose.ts";

export interface CaseRouteInput {
  readonly db: Kysely<Schema>;
  readonly clock: Clock;
}

const listQuerySchema = z.object({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  before: z.string().refine(isCursor, "expected the `next` of a page").optional(),
  state: caseStateSchema.optional(),
});
const paramsSchema = z.object({ id: caseIdSchema });
const purposeQuerySchema = z.object({ purpose: z.string().optional() });

export function caseRoutes({ db, clock }: CaseRouteInput): (app: FastifyInstance) => void {
  return (app) => {
    app.route({
      method: "GET",
      url: "/v1/cases",
      schema: {
        summary: "Cases, newest first",
        tags: ["console"],
        querystring: listQuerySchema,
        response: { 200: caseListSchema, default: problemSchema },
      },
      config: { permission: "case.view" },
      handler: (request) =>
        listCases(
          db,
          request.query as z.infer<typeof listQuerySchema>,
          clock.now(),
          request.viewer,
        ),
    });
    addCaseRoute(app, { db, clock });
    app.route({
      method: "GET",
      url: "/v1/catalogue",
      schema: {
        summary: "Event types, departments and business lines",
        tags: ["console"],
        response: { 200: catalogueSchema, default: problemSchema },
      },
      config: { permission: "catalogue.view" },
      handler: (_request, reply) => {
        void reply.header("cache-control", "private, max-age=300");
        return catalogue;
      },
    });
  };
}

function addCaseRoute(app: FastifyInstance, { db, clock }: CaseRouteInput): void {
  app.route({
    method: "GET",
    url: "/v1/cases/:id",
    schema: {
      summary: "One case with timeline, tasks and deliveries",
      description:
        "Every view leaves a trace, with its purpose (`?purpose=` or the header " +
        "`x-sesb-purpose`; `case-handling` where none is named).",
      tags: ["console"],
      params: paramsSchema,
      querystring: purposeQuerySchema,
      response: { 200: caseDetailSchema, default: problemSchema },
    },
    config: { permission: "case.view" },
    handler: async (request) => {
      const { id } = request.params as z.infer<typeof paramsSchema>;
      const { viewer } = request;
      const found = await readCase(db, id, viewer);
      if (found === undefined) {
        throw new PermanentError("NOT_FOUND", "There is no such case", { where: id });
      }
      const { nodeId, id: cameraId } = found.camera;
      const purpose = await requirePurpose({ db, clock }, request, {
        ...{ purpose: readPurpose(request), hasCase: true, subject: `case:${id}` },
        ...{ purposes: await purposesOf(db, { nodeId, cameraId }), action: "case.view" },
      });
      await appendAudit(db, [
        {
          at: clock.now(),
          actor: auditName(viewer),
          action: "case.view",
          subject: `case:${id}`,
          purpose,
          address: request.ip,
        },
      ]);
      return found;
    },
  });
}
