/** One signed event of a node. */
import { parseWebhookSecret } from "../../brain/directory/index.ts";
import { intakeAnswerSchema, parseTime } from "../../protocol/index.ts";
import { MIXES, type BenchNode } from "../dispatch/orders.ts";
import { TownEvents } from "../dispatch/town-events.ts";
import { seeded } from "../support/seeded.ts";
import { postEvents } from "../support/signed-post.ts";

/** @returns when the brain accepted it, epoch ms. */
export async function sendOne(
  url: string,
  node: BenchNode,
  code: string,
  seed: number,
): Promise<number> {
  const events = new TownEvents(node, MIXES.hardest, [code], seeded(90_000 + seed));
  const key = parseWebhookSecret(node.secret, node.id);
  const body = Buffer.from(`[${events.next(Date.now())}]`);
  const { status, text } = await postEvents(url, undefined, { nodeId: node.id, key, body });
  const answer = status === 200 ? intakeAnswerSchema.parse(JSON.parse(text)) : undefined;
  if (answer?.results[0]?.outcome !== "accepted") {
    throw new Error(`the event was not accepted: ${String(status)} ${text}`);
  }
  return parseTime(answer.acceptedAt);
}
