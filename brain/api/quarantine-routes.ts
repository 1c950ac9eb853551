/** `GET /v1/quarantine`: events that were refused, and why. */
import type { FastifyInstance } from "fastify";
import type { Kysely } from "kysely";
import { z } from "zod";
import { problemSchema, timestampSchema } from "../../protocol/index.ts";
import type { Schema } from "../store/index.ts";

const entrySchema = z.object({
  id: z.string(),
  nodeId: z.string(),
  eventId: z.string().nullable(),
  at: timestampSchema,
  problem: problemSchema,
  /** The event's text, cut. */
  body: z.string(),
});
const querySchema = z.object({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  node: z.string().max(64).optional(),
});

export function quarantineRoutes(input: {
  readonly db: Kysely<Schema>;
}): (app: FastifyInstance) => void {
  return (app) => {
    app.route({
      method: "GET",
      url: "/v1/quarantine",
      schema: {
        summary: "Refused events, newest first",
        tags: ["console"],
        querystring: querySchema,
        response: { 200: z.object({ items: z.array(entrySchema) }), default: problemSchema },
      },
      config: { permission: "quarantine.view" },
      handler: async (request) => {
        const { limit, node } = request.query as z.infer<typeof querySchema>;
        let query = input.db.selectFrom("quarantine").selectAll().orderBy("id", "desc");
        if (node !== undefined) {
          query = query.where("node_id", "=", node);
        }
        const rows = await query.limit(limit).execute();
        return {
          items: rows.map((row) => ({
            id: String(row.id),
            nodeId: row.node_id,
            eventId: row.event_id,
            at: row.at.toISOString(),
            problem: row.problem,
            body: row.body,
          })),
        };
      },
    });
  };
}
