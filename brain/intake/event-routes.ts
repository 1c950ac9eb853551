/** `POST /v1/events`: one event or a batch, signed by the node that sends it. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
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
import { createBatchWriter, type BatchWriter } from "./batch-writer.ts";
import { parseBatch, parseJson } from "./batch-texts.ts";
import { type CameraVerdict, checkEvent, type SentEvent } from "./event-check.ts";
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
  /** Of the town's register, as it is now. */
  readonly judge: (nodeId: string, cameraId: string, eventType: string) => CameraVerdict;
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
/** Most events in hand before their commit: half a second of work on two cores. */
const MAX_COMMITTING = 5_000;

/** Register inside a scope whose parser leaves bodies as bytes. */
export function eventRoutes(input: EventRouteInput): (app: FastifyInstance) => void {
  const { db, clock, depth, limits } = input;
  const writer = createBatchWriter({
    db,
    clock,
    onAccepted: (events) => {
      depth.add(events);
      input.onAccepted();
    },
  });
  const checkRoom = (events: number, reply: FastifyReply): void => {
    const waiting = depth.current() + writer.waiting();
    const commits = writer.waiting() + events;
    if (waiting + events > limits.maxInbox || (commits > MAX_COMMITTING && commits > events)) {
      void reply.header("retry-after", String(RETRY_AFTER_S));
      throw new TransientError("OVERLOADED", "Too many events wait to be worked off", {
        expected: `at most ${limits.maxInbox} waiting events; send again later`,
        got: `${waiting}`,
      });
    }
  };
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
        // Before the body is read: turning away must cost less than taking in.
        checkRoom(1, reply);
        const events = readEvents(request);
        checkRoom(events.length, reply);
        // The schema documents the answer; checking each of our own answers would cost more than
        // the signature of the request.
        void reply.serializer(JSON.stringify);
        return takeIn(input, writer, nodeId, events);
      },
    });
  };
}

async function takeIn(
  input: EventRouteInput,
  writer: BatchWriter,
  nodeId: string,
  events: readonly SentEvent[],
): Promise<z.infer<typeof intakeAnswerSchema>> {
  const now = input.clock.now();
  const rules = {
    nodeId,
    now,
    maxAgeH: input.limits.maxAgeH,
    maxFutureS: input.limits.maxFutureS,
    judge: (cameraId: string, eventType: string) => input.judge(nodeId, cameraId, eventType),
    isKnownCamera: (cameraId: string) => input.directory.findCamera(nodeId, cameraId) !== undefined,
  };
  const items = events.map((event, index) => checkEvent(event, index, rules));
  const { results } = await writer.write({ nodeId, items });
  input.count(results);
  return { acceptedAt: formatTime(now), results };
}

function readEvents(request: FastifyRequest): readonly SentEvent[] {
  const contentType = (request.headers["content-type"] ?? "").split(";")[0]?.trim().toLowerCase();
  const isBatch = contentType === EVENT_BATCH_CONTENT_TYPE;
  if (!isBatch && contentType !== EVENT_CONTENT_TYPE) {
    throw new PermanentError("BODY_MALFORMED", "The content type is not known", {
      where: "content-type",
      expected: `${EVENT_BATCH_CONTENT_TYPE} or ${EVENT_CONTENT_TYPE}`,
      got: contentType?.slice(0, 80) ?? "nothing",
    });
  }
  const body = request.body as Buffer;
  if (!isBatch) {
    return [{ text: body, value: parseJson(body) }];
  }
  const events = parseBatch(body);
  if (events === undefined || events.length === 0) {
    throw new PermanentError("BODY_MALFORMED", "The batch is not a list of events", {
      where: "body",
      expected: "a JSON array with at least one event",
      got: events === undefined ? "another value" : "an empty array",
    });
  }
  if (events.length > EVENT_BATCH_LIMIT) {
    throw new PermanentError("BATCH_TOO_LARGE", "The batch holds too many events", {
      where: "body",
      expected: `at most ${EVENT_BATCH_LIMIT} events`,
      got: `${events.length}`,
    });
  }
  return events;
}
