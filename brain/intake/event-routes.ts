/** `POST /v1/events`: one event or a batch, signed by the node that sends it. */
import type { FastifyInstance, FastifyRequest } from "fastify";
import { z } from "zod";
import {
  type Clock,
  EVENT_BATCH_BYTES,
  EVENT_BATCH_CONTENT_TYPE,
  EVENT_BATCH_LIMIT,
  EVENT_CONTENT_TYPE,
  type EventResult,
  formatTime,
  incidentEventSchema,
  intakeAnswerSchema,
  PermanentError,
  problemSchema,
  TransientError,
} from "../../protocol/index.ts";
import type { Kysely } from "kysely";
import type { Schema } from "../store/index.ts";
import { acceptBatch } from "./accept-batch.ts";
import { checkEvent } from "./event-check.ts";
import type { InboxDepth } from "./inbox-depth.ts";

/** What intake needs of the directory. */
export interface NodeDirectory {
  checkNode(
    headers: Readonly<Record<string, string | string[] | undefined>>,
    body: Buffer | string,
  ): string;
  findCamera(nodeId: string, cameraId: string): { readonly id: string } | undefined;
}

export interface EventRouteInput {
  readonly db: Kysely<Schema>;
  readonly clock: Clock;
  readonly directory: NodeDirectory;
  readonly depth: InboxDepth;
  readonly limits: {
    readonly maxInbox: number;
    readonly maxAgeH: number;
    readonly maxFutureS: number;
  };
  /** Called after the commit, so that correlation starts at once. */
  readonly onAccepted: () => void;
  readonly count: (results: readonly EventResult[]) => void;
}

/** Seconds after which a node that met an overload may come again. */
const RETRY_AFTER_S = 2;

/** Register inside a scope whose parser leaves bodies as bytes. */
export function eventRoutes(input: EventRouteInput): (app: FastifyInstance) => void {
  return (app) => {
    app.route({
      method: "POST",
      url: "/v1/events",
      bodyLimit: EVENT_BATCH_BYTES,
      schema: {
        summary: "Hand in events",
        description:
          "A batch (application/cloudevents-batch+json) or one event (application/cloudevents+json), " +
          "signed by the node. Every event gets an answer of its own; sending again is harmless.",
        tags: ["edge"],
        body: z.union([z.array(incidentEventSchema).max(EVENT_BATCH_LIMIT), incidentEventSchema]),
        response: { 200: intakeAnswerSchema, default: problemSchema },
      },
      config: { access: "signed" },
      handler: async (request, reply) => {
        const nodeId = input.directory.checkNode(request.headers, request.body as Buffer);
        const events = readEvents(request);
        if (input.depth.current() + events.length > input.limits.maxInbox) {
          void reply.header("retry-after", String(RETRY_AFTER_S));
          throw new TransientError("OVERLOADED", "Too many events wait to be worked off", {
            expected: `at most ${input.limits.maxInbox} waiting events; send again later`,
            got: `${input.depth.current()}`,
          });
        }
        return takeIn(input, nodeId, events);
      },
    });
  };
}

async function takeIn(
  input: EventRouteInput,
  nodeId: string,
  events: readonly unknown[],
): Promise<z.infer<typeof intakeAnswerSchema>> {
  const now = input.clock.now();
  const rules = {
    nodeId,
    now,
    maxAgeH: input.limits.maxAgeH,
    maxFutureS: input.limits.maxFutureS,
    isKnownCamera: (cameraId: string) => input.directory.findCamera(nodeId, cameraId) !== undefined,
  };
  const checked = events.map((event, index) => checkEvent(event, index, rules));
  const { results, acceptedCount } = await acceptBatch(input.db, nodeId, checked, input.clock);
  if (acceptedCount > 0) {
    input.depth.add(acceptedCount);
    input.onAccepted();
  }
  input.count(results);
  return { acceptedAt: formatTime(now), results };
}

function readEvents(request: FastifyRequest): readonly unknown[] {
  const contentType = (request.headers["content-type"] ?? "").split(";")[0]?.trim().toLowerCase();
  const isBatch = contentType === EVENT_BATCH_CONTENT_TYPE;
  if (!isBatch && contentType !== EVENT_CONTENT_TYPE) {
    throw new PermanentError("BODY_MALFORMED", "The content type is not known", {
      where: "content-type",
      expected: `${EVENT_BATCH_CONTENT_TYPE} or ${EVENT_CONTENT_TYPE}`,
      got: contentType?.slice(0, 80) ?? "nothing",
    });
  }
  const value = parseJson(request.body as Buffer);
  if (!isBatch) {
    return [value];
  }
  if (!Array.isArray(value) || value.length === 0) {
    throw new PermanentError("BODY_MALFORMED", "The batch is not a list of events", {
      where: "body",
      expected: "a JSON array with at least one event",
      got: Array.isArray(value) ? "an empty array" : typeof value,
    });
  }
  if (value.length > EVENT_BATCH_LIMIT) {
    throw new PermanentError("BATCH_TOO_LARGE", "The batch holds too many events", {
      where: "body",
      expected: `at most ${EVENT_BATCH_LIMIT} events`,
      got: `${value.length}`,
    });
  }
  return value;
}

/** @throws PermanentError BODY_MALFORMED unless the bytes are UTF-8 JSON. */
export function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch (error) {
    throw new PermanentError(
      "BODY_MALFORMED",
      "The body is not JSON",
      {
        where: "body",
        expected: "UTF-8 JSON",
        got: `${body.length} bytes that do not parse`,
      },
      error,
    );
  }
}
