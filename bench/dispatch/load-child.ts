/**
 * Nodes that send each event at its intended time, and all that is due at once where the request
 * before took long: open loop, so that a slow brain is not spared.
 */
import { Agent } from "node:http";
import { parseWebhookSecret } from "../../brain/directory/index.ts";
import { seeded } from "../support/seeded.ts";
import { postEvents } from "../support/signed-post.ts";
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
        ({ status } = await postEvents(order.url, agent, { nodeId: node.id, key, body }));
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

function pause(ms: number): Promise<void> {
  return ms <= 0 ? Promise.resolve() : new Promise((resolve) => setTimeout(resolve, ms));
}
