/** `/v1/deliveries`: what was sent to whom, and sending it again. */
import type { FastifyInstance } from "fastify";
import type { Kysely } from "kysely";
import { z } from "zod";
import {
  auditName,
  type Clock,
  type DeliveryList,
  deliveryListSchema,
  deliveryStateSchema,
  departmentCodeSchema,
  formatTime,
  problemSchema,
  PermanentError,
  type Replay,
  type ReplayAnswer,
  replayAnswerSchema,
  replaySchema,
  type Viewer,
} from "../../protocol/index.ts";
import { inScope, type Schema } from "../store/index.ts";
import { replayDeliveries } from "./replay.ts";

const listQuerySchema = z
  .object({
    state: deliveryStateSchema.optional(),
    department: departmentCodeSchema.optional(),
    /** Deliveries before this id, newest first. */
    before: z.uuid().optional(),
    limit: z.coerce.number().int().min(1).max(500).default(100),
  })
  .strict();
type ListQuery = z.infer<typeof listQuerySchema>;

export interface DeliveryRouteInput {
  readonly db: Kysely<Schema>;
  readonly clock: Clock;
  readonly wake: (endpointIds: readonly string[]) => void;
}

export function deliveryRoutes(input: DeliveryRouteInput): (app: FastifyInstance) => void {
  return (app) => {
    app.route({
      method: "GET",
      url: "/v1/deliveries",
      schema: {
        summary: "Deliveries to departments, newest first",
        tags: ["console"],
        querystring: listQuerySchema,
        response: { 200: deliveryListSchema, default: problemSchema },
      },
      config: { permission: "delivery.view" },
      handler: (request) =>
        listDeliveries(
          input.db,
          ownQuery(request.query as ListQuery, request.viewer),
          request.viewer,
        ),
    });
    app.route({
      method: "POST",
      url: "/v1/deliveries/replay",
      schema: {
        summary: "Send deliveries again under their own ids",
        description: "By ids, by time and department, or all that are dead; `dryRun` only counts.",
        tags: ["console"],
        body: replaySchema,
        response: { 200: replayAnswerSchema, default: problemSchema },
      },
      config: { permission: "delivery.replay" },
      handler: async (request): Promise<ReplayAnswer> => {
        const { endpointIds, ...answer } = await replayDeliveries(
          input,
          request.body as Replay,
          auditName(request.viewer),
        );
        input.wake(endpointIds);
        return answer;
      },
    });
  };
}

/** @throws PermanentError PERMISSION_REFUSED when a department asks for another's. */
function ownQuery(query: ListQuery, { department }: Viewer): ListQuery {
  if (department === null) {
    return query;
  }
  if (query.department !== undefined && query.department !== department) {
    throw new PermanentError("PERMISSION_REFUSED", "A department sees its own deliveries", {
      where: "department",
      expected: department,
      got: query.department,
    });
  }
  return { ...query, department };
}

async function listDeliveries(
  db: Kysely<Schema>,
  { state, department, before, limit }: ListQuery,
  viewer: Viewer,
): Promise<DeliveryList> {
  let query = db
    .selectFrom("delivery")
    .innerJoin("case_file", "case_file.id", "delivery.case_id")
    .selectAll("delivery")
    .select("case_file.number")
    .where((eb) => inScope(eb, viewer))
    .orderBy("delivery.id", "desc")
    .limit(limit);
  if (state !== undefined) {
    query = query.where("delivery.state", "=", state);
  }
  if (department !== undefined) {
    query = query.where("delivery.department", "=", department);
  }
  if (before !== undefined) {
    query = query.where("delivery.id", "<", before);
  }
  const rows = await query.execute();
  const time = (at: Date | null): string | null => (at === null ? null : formatTime(at.getTime()));
  return deliveryListSchema.parse({
    items: rows.map((row) => ({
      id: row.id,
      caseId: row.case_id,
      caseNumber: row.number,
      department: row.department,
      state: row.state,
      attempts: row.attempts,
      replays: row.replays,
      createdAt: formatTime(row.created_at.getTime()),
      deliveredAt: time(row.delivered_at),
      nextAttemptAt: time(row.next_attempt_at),
      lastError: row.last_error,
    })),
  });
}
