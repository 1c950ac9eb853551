/**
 * The reference client of a department: everything a department's own system must do with the
 * brain's webhook. What it may do besides, telling how the work goes, is in `progress.ts`.
 *
 * 1. `readTask` takes what came over HTTP and gives the task, or says what is wrong with it:
 *    - check the signature over the RAW body before reading any of it (Standard Webhooks:
 *      HMAC-SHA256 over `id.timestamp.body`, at most five minutes old);
 *    - answer 2xx within a few seconds: it says "delivered", nothing more;
 *    - remember `webhook-id`: it stays the same over all attempts, so a message whose id is known
 *      is answered 2xx again and not worked on again.
 * 2. `acknowledge` says "accepted" (or "returned", with a reason), once a person or a rule has
 *    decided. It is signed with the same secret and named by the `x-sesb-sender` header. Repeat it
 *    until it is answered: the brain takes a repetition as what it is.
 */
import { Webhook, WebhookVerificationError } from "standardwebhooks";
import { z } from "zod";
import {
  acknowledgementSchema,
  deliveryIdSchema,
  formatTime,
  fromZodError,
  type PingMessage,
  pingMessageSchema,
  PermanentError,
  departmentMessageSchema,
  type Acknowledgement,
  type DeliveryId,
  type DepartmentMessage,
  type EpochMs,
  type TaskWebhook,
} from "../../protocol/index.ts";
import {
  type PostJson,
  postSigned,
  type SignedRequest,
  type Signer,
  signRequest,
} from "./signed-post.ts";

/** A checked webhook. */
export interface ReceivedTask {
  /** `webhook-id`: the same over all attempts. */
  readonly deliveryId: DeliveryId;
  readonly task: TaskWebhook;
}

/** A checked webhook of any kind. */
export interface ReceivedMessage {
  /** `webhook-id`: the same over all attempts. */
  readonly deliveryId: DeliveryId;
  readonly message: DepartmentMessage | PingMessage;
}

/** Lower-case header names, as Node gives them. */
export type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

const SIGNED_HEADERS = ["webhook-id", "webhook-timestamp", "webhook-signature"] as const;

/**
 * @param body the raw bytes as they came; a body that was parsed and written again has another
 * signature.
 * @throws PermanentError SIGNATURE_MISSING, SIGNATURE_WRONG (401) or EVENT_INVALID (422)
 */
export function readTask(secret: string, headers: Headers, body: Buffer): ReceivedTask {
  const { deliveryId, message } = readMessage(secret, headers, body);
  if (message.type !== "task.dispatched") {
    throw new PermanentError("EVENT_INVALID", "The webhook is not a task", {
      where: "type",
      expected: "task.dispatched",
      got: message.type,
    });
  }
  return { deliveryId, task: message };
}

const messageSchema = z.discriminatedUnion("type", [
  ...departmentMessageSchema.options,
  pingMessageSchema,
]);

/**
 * A task, word that a task is not yours any more (stop working on it), or a ping, which asks for
 * nothing: answer 2xx to each. As `readTask` otherwise.
 */
export function readMessage(secret: string, headers: Headers, body: Buffer): ReceivedMessage {
  const signed = signedHeaders(headers);
  try {
    new Webhook(secret).verify(body, signed, { jsonParse: false });
  } catch (error) {
    if (!(error instanceof WebhookVerificationError)) {
      throw error;
    }
    throw new PermanentError(
      "SIGNATURE_WRONG",
      `The webhook's signature is not valid: ${error.message}`,
      { where: "webhook-signature", expected: "a signature by the endpoint's secret" },
      error,
    );
  }
  const deliveryId = deliveryIdSchema.safeParse(signed["webhook-id"]);
  if (!deliveryId.success) {
    throw fromZodError("EVENT_INVALID", "The webhook's id", deliveryId.error, "webhook-id");
  }
  const message = messageSchema.safeParse(parseJson(body));
  if (!message.success) {
    throw fromZodError("EVENT_INVALID", "The webhook's body", message.error);
  }
  return { deliveryId: deliveryId.data, message: message.data };
}

function signedHeaders(headers: Headers): Record<(typeof SIGNED_HEADERS)[number], string> {
  const found = SIGNED_HEADERS.map((name) => {
    const value = headers[name];
    if (typeof value !== "string" || value === "") {
      throw new PermanentError("SIGNATURE_MISSING", "The webhook is not signed", {
        where: name,
        expected: `the headers ${SIGNED_HEADERS.join(", ")}`,
        got: value === undefined ? "none" : "several or an empty one",
      });
    }
    return [name, value] as const;
  });
  return Object.fromEntries(found) as Record<(typeof SIGNED_HEADERS)[number], string>;
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch (error) {
    throw new PermanentError(
      "EVENT_INVALID",
      "The webhook's body is not JSON",
      { where: "body", expected: "a JSON object" },
      error,
    );
  }
}

export interface AcknowledgeRequest extends Signer {
  readonly acknowledgeUrl: string;
  readonly acknowledgement: Acknowledgement;
}

/** Builds what is posted; separate, so that another HTTP client can send it. */
export function signAcknowledgement(request: AcknowledgeRequest): SignedRequest {
  // The id names the answer, so that all attempts of one acknowledgement carry the same.
  const id = request.acknowledgement.deliveryId;
  return signRequest(request, id, acknowledgementSchema.parse(request.acknowledgement));
}

/**
 * Posts one acknowledgement.
 * @throws TransientError when the brain cannot be reached or is busy: try again later.
 * @throws PermanentError when the brain refuses it for good.
 */
export async function acknowledge(
  request: AcknowledgeRequest,
  post: PostJson,
  signal: AbortSignal,
): Promise<void> {
  await postSigned(request.acknowledgeUrl, signAcknowledgement(request), post, signal);
}

/** "Accepted", in the form the brain expects. */
export function acceptance(
  deliveryId: DeliveryId,
  at: EpochMs,
  unit: string,
  reference: string,
): Acknowledgement {
  return { deliveryId, decision: "accepted", reference, unit, at: formatTime(at) };
}
