/** Requests of a department to the brain, signed as the brain signs its webhooks. */
import { Webhook } from "standardwebhooks";
import {
  type EpochMs,
  PermanentError,
  SENDER_HEADER,
  TransientError,
} from "../../protocol/index.ts";

/** What of the network this client uses: the global `fetch` fits. */
export type PostJson = (
  url: string,
  init: {
    readonly method: "POST";
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
    readonly signal: AbortSignal;
    readonly redirect: "error";
  },
) => Promise<Pick<Response, "status" | "text">>;

export interface Signer {
  /** Code of the department that speaks. */
  readonly department: string;
  /** The endpoint's secret, `whsec_…`: the one that the webhook was signed with. */
  readonly secret: string;
  /** When this request is sent. */
  readonly now: EpochMs;
}

export interface SignedRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** `id` names what is said: every attempt to say it carries the same. */
export function signRequest(
  { department, secret, now }: Signer,
  id: string,
  value: unknown,
): SignedRequest {
  const body = JSON.stringify(value);
  return {
    headers: {
      "content-type": "application/json",
      [SENDER_HEADER]: department,
      "webhook-id": id,
      "webhook-timestamp": String(Math.floor(now / 1000)),
      "webhook-signature": new Webhook(secret).sign(id, new Date(now), body),
    },
    body,
  };
}

/** Statuses that another try can change; every other refusal is final. */
const WORTH_A_RETRY = new Set([408, 425, 429]);

/**
 * @returns the brain's answer, a JSON text.
 * @throws TransientError when the brain cannot be reached or is busy: try again later.
 * @throws PermanentError when the brain refuses it for good.
 */
export async function postSigned(
  where: string,
  { headers, body }: SignedRequest,
  post: PostJson,
  signal: AbortSignal,
): Promise<string> {
  let status: number;
  let answer: string;
  try {
    const response = await post(where, {
      method: "POST",
      headers,
      body,
      signal,
      redirect: "error",
    });
    status = response.status;
    answer = await response.text();
  } catch (error) {
    throw new TransientError("UNAVAILABLE", "The brain cannot be reached", { where }, error);
  }
  if (status >= 200 && status < 300) {
    return answer;
  }
  const detail = { where, expected: "2xx", got: `${String(status)} ${answer.slice(0, 300)}` };
  if (status >= 500 || WORTH_A_RETRY.has(status)) {
    throw new TransientError("UNAVAILABLE", "The brain did not take it yet", detail);
  }
  throw new PermanentError("STATE_CONFLICT", "The brain refused it", detail);
}
