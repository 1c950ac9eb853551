/** `GET /v1/queue`: open cases by urgency. */
import type { FastifyInstance } from "fastify";
import type { Kysely } from "kysely";
import { z } from "zod";
import {
  caseSummarySchema,
  type Clock,
  type EpochMs,
  problemSchema,
  timestampSchema,
} from "../../protocol/index.ts";
import { isEverything, type Schema } from "../store/index.ts";
import { readQueue } from "./queue-queries.ts";

const querySchema = z
  .object({ limit: z.coerce.number().int().min(1).max(200).default(100) })
  .strict();
const count = z.number().int().nonnegative();
export const queueSchema = z
  .object({
    items: z.array(caseSummarySchema),
    counts: z.object({ open: count, urgent: count, late: count, tight: count }).strict(),
    /** Filings of cameras with the police that are still to be made, the most urgent first. */
    filings: z.array(
      z.object({ camera: z.string(), dueOn: z.iso.date(), overdue: z.boolean() }).strict(),
    ),
    asOf: timestampSchema,
  })
  .strict();

export interface QueueRouteInput {
  readonly db: Kysely<Schema>;
  readonly clock: Clock;
  readonly dueFilings: (at: EpochMs) => readonly DueFiling[];
}

interface DueFiling {
  /** node/camera. */
  readonly camera: string;
  /** Last day for it. */
  readonly dueOn: string;
  readonly overdue: boolean;
}

export function queueRoutes(input: QueueRouteInput): (app: FastifyInstance) => void {
  const { db, clock, dueFilings } = input;
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
      handler: async (request) => {
        const { viewer } = request;
        const now = clock.now();
        const { limit } = request.query as z.infer<typeof querySchema>;
        const queue = await readQueue(db, { limit, now, scope: viewer });
        // Filing is for the control room, whose cameras they are.
        return { ...queue, filings: isEverything(viewer) ? dueFilings(now) : [] };
      },
    });
  };
}
