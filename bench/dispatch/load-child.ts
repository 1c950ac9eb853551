/**
 * Nodes that send each event at its intended time, and all that is due at once where the request
 * before took long: open loop, so that a slow brain is not spared.
 */
import { randomUUID } from "node:crypto";
import { Agent, type IncomingMessage, request } from "node:http";
import { parseWebhookSecret, signMessage } from "../../brain/directory/index.ts";
import { EVENT_BATCH_CONTENT_TYPE, SENDER_HEADER } from "../../protocol/index.ts";
import { seeded } from "../support/seeded.ts";
import type { BenchNode, LoadOrder, LoadReport } from "./orders.ts";
import { TownEvents } from "./town-events.ts";

const MAX_BATCH = 200;
const RETRY_MS = 250;

process.once("message", (order: LoadOrder) => {
  void run(order).then((report) => process.send?.(report, () => process.exit(0)));
});
process.once("disconnect", () => process.exit(1));

async function run(order: LoadOrder): Promise<LoadReport> {
  const agent = new Agent({ keepAlive: true, maxSockets: order.nodes.length });
  const startAt = Date.now() + 100;
  const from = startAt + order.warmUpS * 1000;
  const until = from + order.seconds * 1000;
  const ackMs: number[] = [];
  const statuses: Record<string, number> = {};
  let cpu = process.cpuUsage();
  setTimeout(() => {
    cpu = process.cpuUsage();
    process.send?.("warm");
  }, from - Date.now());
  const sendDue = async (node: BenchNode, index: number): Promise<void> => {
    const random = seeded(order.seed * 1000 + index);
    const events = new TownEvents(node, order.mix, order.codes, random);
    const key = parseWebhookSecret(node.secret, node.id);
    const pauseMs = (order.nodes.length / order.rate) * 1000;
    let dueAt = startAt + random() * pauseMs;
    while (dueAt < until) {
      await pause(dueAt - Date.now());
      const due: number[] = [];
      const texts: string[] = [];
      for (const now = Date.now(); dueAt <= now && due.length < MAX_BATCH; ) {
        texts.push(events.next(dueAt));
        due.push(dueAt);
        // Between no time and twice the pause: nodes do not march in step.
        dueAt += random() * 2 * pauseMs;
      }
      if (texts.length === 0) {
        continue; // A timer may fire a little early.
      }
      const body = Buffer.from(`[${texts.join(",")}]`);
      for (let status = 0; status !== 200; ) {
        status = await post(order.url, agent, { id: node.id, key, body });
        statuses[status] = (statuses[status] ?? 0) + 1;
        if (status === 400) {
          throw new Error("the brain calls the load malformed");
        }
        if (status !== 200) {
          await pause(RETRY_MS);
        }
      }
      const now = Date.now();
      ackMs.push(...due.filter((at) => at >= from).map((at) => now - at));
    }
  };
  await Promise.all(order.nodes.map(sendDue));
  agent.destroy();
  const used = process.cpuUsage(cpu);
  return { sent: ackMs.length, statuses, ackMs, cpuS: (used.user + used.system) / 1e6 };
}

interface Batch {
  readonly id: string;
  readonly key: Buffer;
  readonly body: Buffer;
}

function post(url: string, agent: Agent, { id, key, body }: Batch): Promise<number> {
  const messageId = `msg_${randomUUID()}`;
  const timestampS = Math.floor(Date.now() / 1000);
  return new Promise((resolve) => {
    const outgoing = request(`${url}/v1/events`, {
      method: "POST",
      agent,
      headers: {
        "content-type": EVENT_BATCH_CONTENT_TYPE,
        "content-length": body.length,
        [SENDER_HEADER]: id,
        "webhook-id": messageId,
        "webhook-timestamp": String(timestampS),
        "webhook-signature": signMessage(key, messageId, timestampS, body),
      },
    });
    outgoing.once("response", (response: IncomingMessage) => {
      response.resume();
      response.once("end", () => resolve(response.statusCode ?? 0));
    });
    outgoing.once("error", () => resolve(0));
    outgoing.end(body);
  });
}

function pause(ms: number): Promise<void> {
  return ms <= 0 ? Promise.resolve() : new Promise((resolve) => setTimeout(resolve, ms));
}
