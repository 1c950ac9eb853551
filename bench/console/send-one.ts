/** One signed event of a node. */
import { randomUUID } from "node:crypto";
import { parseWebhookSecret, signMessage } from "../../brain/directory/index.ts";
import {
  EVENT_BATCH_CONTENT_TYPE,
  intakeAnswerSchema,
  parseTime,
  SENDER_HEADER,
} from "../../protocol/index.ts";
import type { BenchNode } from "../dispatch/orders.ts";
import { TownEvents } from "../dispatch/town-events.ts";
import { MIXES } from "../dispatch/orders.ts";
import { seeded } from "../support/seeded.ts";

/** @returns when the brain accepted it, epoch ms. */
export async function sendOne(
  url: string,
  node: BenchNode,
  code: string,
  seed: number,
): Promise<number> {
  const events = new TownEvents(node, MIXES.hardest, [code], seeded(90_000 + seed));
  const body = `[${events.next(Date.now())}]`;
  const id = `msg_${randomUUID()}`;
  const timestampS = Math.floor(Date.now() / 1000);
  const signature = signMessage(
    parseWebhookSecret(node.secret, node.id),
    id,
    timestampS,
    Buffer.from(body),
  );
  const response = await fetch(`${url}/v1/events`, {
    method: "POST",
    headers: {
      "content-type": EVENT_BATCH_CONTENT_TYPE,
      [SENDER_HEADER]: node.id,
      "webhook-id": id,
      "webhook-timestamp": String(timestampS),
      "webhook-signature": signature,
    },
    body,
  });
  const answer = intakeAnswerSchema.parse(await response.json());
  if (answer.results[0]?.outcome !== "accepted") {
    throw new Error(`the event was not accepted: ${JSON.stringify(answer)}`);
  }
  return parseTime(answer.acceptedAt);
}
