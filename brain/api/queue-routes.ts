/** `GET /v1/queue`: open cases by urgency. */
import type { FastifyInstance } from "fastify";
import type { Kysely } from "kysely";
import { z } from "zod";
import {
  caseSummarySchema,
  type Clock,
  problemSchema,
  timestampSchema,
} from "../../protocol/index.ts";
import type { Schema } from "../store/index.ts";
import { readQueue } from "./queue-queries.ts";

const querySchema = z
  .object({ limit: z.coerce.number().int().min(1).max(200).default(100) })
  .strict();
const count = z.number().int().nonnegative();
export const queueSchema = z
  .object({
    items: z.array(caseSummarySchema),
    counts: z.object({ open: count, urgent: count, late: count, tight: count }).strict(),
    asOf: timestampSchema,
  })
  .strict();

export interface QueueRouteInput {
  readonly db: Kysely<Schema>;
  readonly clock: Clock;
}

export function queueRoutes({ db, clock }: QueueRouteInput): (app: FastifyInstance) => void {
  return (app) => {
    app.route({
      method: "GET",
      url: "/v1/queue",
      schema: {
        summary: "Open cases, the most urgent first",
        description: "Life safety, then what is past a limit, then what is near one.",
        tags: ["console"],
        querystring: querySchema,
        response: { 200: queueSchema, default: problemSchema },
      },
      config: { permission: "case.view" },
      handler: (request) =>
        readQueue(db, {
          limit: (request.query as z.infer<typeof querySchema>).limit,
          now: clock.now(),
          scope: request.viewer,
        }),
    });
  };
}
