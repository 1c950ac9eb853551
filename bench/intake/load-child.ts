/**
 * The load: nodes that send signed batches at their own pace, one request in flight each, as edge
 * nodes do. A batch that is due while the one before is unanswered waits, and its wait counts.
 */
import { Agent } from "node:http";
import { parseWebhookSecret } from "../../brain/directory/index.ts";
import type { IntakeAnswer } from "../../protocol/index.ts";
import { seeded } from "../support/seeded.ts";
import { postEvents } from "../support/signed-post.ts";
import { EventSource } from "./event-source.ts";
import { type LoadOrder, type LoadReport, placeOf } from "./load.ts";

const MIN_BATCH = 20;
const MAX_BATCH = 200;
/** Share of batches that are sent once more, as after an answer that was lost. */
const REPEATED = 0.01;

process.once("message", (order: LoadOrder) => {
  void run(order).then((report) => process.send?.(report, () => process.exit(0)));
});
process.once("disconnect", () => process.exit(1));

async function run(order: LoadOrder): Promise<LoadReport> {
  const agent = new Agent({ keepAlive: true, maxSockets: order.nodes.length });
  const startAt = performance.now();
  const from = startAt + order.warmUpS * 1000;
  const until = from + order.seconds * 1000;
  const report: Tally = { samples: [], statuses: {}, accepted: 0, duplicates: 0, other: 0 };
  let bare = 0;
  let cpu = process.cpuUsage();
  setTimeout(() => {
    cpu = process.cpuUsage();
    process.send?.("warm");
  }, order.warmUpS * 1000);
  const runNode = async (node: LoadOrder["nodes"][number], index: number): Promise<void> => {
    const random = seeded(order.seed * 1000 + index);
    const cameras = node.cameraIds.map((id, place) => ({ id, ...placeOf(index, place) }));
    const source = new EventSource(node.id, cameras, random);
    const key = parseWebhookSecret(node.secret, node.id);
    const perMs = order.rate / order.nodes.length / 1000;
    let dueAt = startAt + (random() * MAX_BATCH) / perMs;
    while (Math.max(dueAt, performance.now()) < until) {
      const size = MIN_BATCH + Math.floor(random() * (MAX_BATCH - MIN_BATCH + 1));
      await pause(dueAt - performance.now());
      const body = Buffer.from(source.batch(size, Date.now()));
      for (let repeat = random() < REPEATED; ; repeat = false) {
        const batch = { nodeId: node.id, key, body };
        const { status, retryAfterS, text } = await postEvents(node.url, agent, batch);
        const doneAt = performance.now();
        if (doneAt >= from && doneAt < until) {
          report.statuses[status] = (report.statuses[status] ?? 0) + 1;
          if (status === 200) {
            report.samples.push([doneAt - dueAt, size]);
            count(report, JSON.parse(text) as IntakeAnswer);
          } else if (retryAfterS === undefined) {
            bare += 1;
          }
        }
        if (status !== 200) {
          await pause((retryAfterS ?? 1) * 1000);
          dueAt = performance.now();
          if (dueAt >= until) {
            return;
          }
          continue;
        }
        if (!repeat) {
          break;
        }
      }
      dueAt += size / perMs;
    }
  };
  await Promise.all(order.nodes.map(runNode));
  agent.destroy();
  const used = process.cpuUsage(cpu);
  return { ...report, withoutRetryAfter: bare, cpuS: (used.user + used.system) / 1e6 };
}

interface Tally {
  readonly samples: [latencyMs: number, events: number][];
  readonly statuses: Record<string, number>;
  accepted: number;
  duplicates: number;
  other: number;
}

function count(report: Tally, { results }: IntakeAnswer): void {
  for (const { outcome } of results) {
    if (outcome === "accepted") {
      report.accepted += 1;
    } else if (outcome === "duplicate") {
      report.duplicates += 1;
    } else {
      report.other += 1;
    }
  }
}

function pause(ms: number): Promise<void> {
  return ms <= 0 ? Promise.resolve() : new Promise((resolve) => setTimeout(resolve, ms));
}
