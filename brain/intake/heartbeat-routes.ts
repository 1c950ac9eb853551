/** `POST /v1/heartbeat`: a node is alive, and both sides learn how far their clocks differ. */
import type { FastifyInstance } from "fastify";
import type { Kysely } from "kysely";
import {
  type Clock,
  formatTime,
  fromZodError,
  heartbeatAnswerSchema,
  heartbeatSchema,
  PermanentError,
  parseTime,
  problemSchema,
} from "../../protocol/index.ts";
import type { Schema } from "../store/index.ts";
import { canonicalJson, UnstorableJsonError } from "./canonical.ts";
import { parseJson } from "./batch-texts.ts";
import type { NodeDirectory } from "./event-routes.ts";

export interface HeartbeatRouteInput {
  readonly db: Kysely<Schema>;
  readonly clock: Clock;
  readonly directory: NodeDirectory;
}

const HEARTBEAT_BYTES = 262_144;

export function heartbeatRoutes(input: HeartbeatRouteInput): (app: FastifyInstance) => void {
  const { db, clock, directory } = input;
  return (app) => {
    app.route({
      method: "POST",
      url: "/v1/heartbeat",
      bodyLimit: HEARTBEAT_BYTES,
      schema: {
        summary: "Report a node's health",
        tags: ["edge"],
        body: heartbeatSchema,
        response: { 200: heartbeatAnswerSchema, default: problemSchema },
      },
      config: { access: "signed" },
      handler: async (request) => {
        const receivedAt = clock.now();
        const nodeId = directory.checkNode(request.headers, request.body as Buffer);
        const parsed = heartbeatSchema.safeParse(parseJson(request.body as Buffer));
        if (!parsed.success) {
          throw fromZodError("BODY_MALFORMED", "The heartbeat", parsed.error);
        }
        if (parsed.data.nodeId !== nodeId) {
          throw new PermanentError("NODE_MISMATCH", "The heartbeat names another node", {
            where: "nodeId",
            expected: nodeId,
            got: parsed.data.nodeId,
          });
        }
        await db
          .updateTable("node")
          .set({
            heartbeat: storableJson(parsed.data),
            seen_at: new Date(receivedAt),
            skew_ms: parseTime(parsed.data.sentAt) - receivedAt,
          })
          .where("id", "=", nodeId)
          .execute();
        return { receivedAt: formatTime(receivedAt), answeredAt: formatTime(clock.now()) };
      },
    });
  };
}

function storableJson(value: unknown): string {
  try {
    return canonicalJson(value);
  } catch (error) {
    if (error instanceof UnstorableJsonError) {
      throw new PermanentError("BODY_MALFORMED", `The heartbeat cannot be kept: ${error.message}`);
    }
    throw error;
  }
}
