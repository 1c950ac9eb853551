/** A node's signed POST over connections that stay open. */
import { randomUUID } from "node:crypto";
import { type Agent, type IncomingMessage, request } from "node:http";
import { signMessage } from "../../brain/directory/index.ts";
import { EVENT_BATCH_CONTENT_TYPE, SENDER_HEADER } from "../../protocol/index.ts";

export interface SignedBatch {
  readonly nodeId: string;
  readonly key: Buffer;
  readonly body: Buffer;
}

export interface Reply {
  /** 0: no answer. */
  readonly status: number;
  readonly retryAfterS: number | undefined;
  readonly text: string;
}

const NO_REPLY: Reply = { status: 0, retryAfterS: undefined, text: "" };

export function postEvents(
  url: string,
  agent: Agent | undefined,
  { nodeId, key, body }: SignedBatch,
): Promise<Reply> {
  const messageId = `msg_${randomUUID()}`;
  const timestampS = Math.floor(Date.now() / 1000);
  return new Promise((resolve) => {
    const outgoing = request(`${url}/v1/events`, {
      method: "POST",
      agent,
      headers: {
        "content-type": EVENT_BATCH_CONTENT_TYPE,
        "content-length": body.length,
        [SENDER_HEADER]: nodeId,
        "webhook-id": messageId,
        "webhook-timestamp": String(timestampS),
        "webhook-signature": signMessage(key, messageId, timestampS, body),
      },
    });
    outgoing.once("response", (response: IncomingMessage) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.once("end", () => {
        const after = response.headers["retry-after"];
        resolve({
          status: response.statusCode ?? 0,
          retryAfterS: after === undefined ? undefined : Number(after),
          text: Buffer.concat(chunks).toString(),
        });
      });
    });
    outgoing.once("error", () => resolve(NO_REPLY));
    outgoing.end(body);
  });
}
