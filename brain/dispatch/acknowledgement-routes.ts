/** `POST /v1/tasks/{taskId}/acknowledgement`: the department's own word on its task (T4). */
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import {
  type Acknowledgement,
  acknowledgementAnswerSchema,
  acknowledgementSchema,
  fromZodError,
  PermanentError,
  problemSchema,
  taskIdSchema,
} from "../../protocol/index.ts";
import { createGroupWriter } from "../store/index.ts";
import {
  type AcknowledgeInput,
  type AcknowledgingEndpoint,
  type Answer,
  recordAcknowledgements,
} from "./record-acknowledgements.ts";

export interface AcknowledgementRouteInput extends AcknowledgeInput {
  /** Endpoint that signed a request; throws otherwise. */
  readonly checkEndpoint: (
    headers: Readonly<Record<string, string | string[] | undefined>>,
    body: Buffer | string,
  ) => AcknowledgingEndpoint;
}

const paramsSchema = z.object({ taskId: taskIdSchema });
const BODY_BYTES = 16_384;
/** Answers that come at the same time; how many at a time, how many wait, how far apart. */
const GROUPS = { maxGroup: 100, maxWaiting: 2_000, gapMs: 20 };
/** Valid in JSON, but no text that a database can keep. */
const UNSTORABLE = /\u0000|\p{Surrogate}/u;

/** Register inside a scope whose parser leaves bodies as bytes. */
export function acknowledgementRoutes(
  input: AcknowledgementRouteInput,
): (app: FastifyInstance) => void {
  const writer = createGroupWriter({
    clock: input.clock,
    writeAll: (answers: readonly Answer[]) => recordAcknowledgements(input, answers),
    ...GROUPS,
  });
  return (app) => {
    app.route({
      method: "POST",
      url: "/v1/tasks/:taskId/acknowledgement",
      bodyLimit: BODY_BYTES,
      schema: {
        summary: "Accept or return a task",
        description:
          "Signed with the endpoint's secret; the sender header holds the department's code or " +
          "the endpoint's id. The same answer may be sent again.",
        tags: ["department"],
        params: paramsSchema,
        body: acknowledgementSchema,
        response: { 200: acknowledgementAnswerSchema, default: problemSchema },
      },
      config: { access: "signed" },
      handler: async (request) => {
        const body = request.body as Buffer;
        const endpoint = input.checkEndpoint(request.headers, body);
        const { taskId } = request.params as { taskId: string };
        const ack = readAcknowledgement(body);
        const now = input.clock.now();
        const outcome = await writer.write({ endpoint, taskId, ack, now });
        if ("refused" in outcome) {
          throw outcome.refused;
        }
        return outcome.answer;
      },
    });
  };
}

function readAcknowledgement(body: Buffer): Acknowledgement {
  let value: unknown;
  try {
    value = JSON.parse(body.toString("utf8"));
  } catch (error) {
    throw new PermanentError(
      "BODY_MALFORMED",
      "The body is not JSON",
      { where: "body", expected: "an acknowledgement in JSON" },
      error,
    );
  }
  const parsed = acknowledgementSchema.safeParse(value);
  if (!parsed.success) {
    throw fromZodError("BODY_MALFORMED", "The acknowledgement", parsed.error);
  }
  const texts = [parsed.data.reference, parsed.data.unit, parsed.data.reason];
  if (texts.some((text) => text !== undefined && UNSTORABLE.test(text))) {
    throw new PermanentError(
      "BODY_MALFORMED",
      "The acknowledgement holds text that cannot be kept",
      {
        where: "body",
        expected: "text without NUL and lone surrogates",
      },
    );
  }
  return parsed.data;
}
