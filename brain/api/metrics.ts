/** Prometheus metrics of the brain. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { EventResult, NodeOrder } from "../../protocol/index.ts";

export interface BrainMetrics {
  readonly registry: Registry;
  countResults(results: readonly EventResult[]): void;
  observeAttempt(
    department: string,
    attempt: {
      readonly status: number | null;
      readonly durationMs: number;
      readonly error: string | null;
    },
  ): void;
  streamClients(change: 1 | -1): void;
  countClosedClient(): void;
  waitingNodes(change: 1 | -1): void;
  countOrder(kind: NodeOrder["kind"], outcome: string): void;
}

const SECONDS = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** @param inboxDepth read when the metrics are. */
export function createMetrics(inboxDepth: () => number): BrainMetrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const results = new Counter({
    name: "sesb_intake_events_total",
    help: "Events handed in, by outcome and code",
    labelNames: ["outcome", "code"],
    registers,
  });
  const attempts = new Histogram({
    name: "sesb_dispatch_attempt_seconds",
    help: "Webhook attempts, from the first step to the answer, by department and outcome",
    labelNames: ["department", "outcome"],
    buckets: SECONDS,
    registers,
  });
  const clients = new Gauge({
    name: "sesb_stream_clients",
    help: "Open event streams",
    registers,
  });
  const closed = new Counter({
    name: "sesb_stream_closed_total",
    help: "Streams closed because their client could not follow",
    registers,
  });
  const waitingNodes = new Gauge({
    name: "sesb_nodes_waiting",
    help: "Nodes that wait for plans and orders",
    registers,
  });
  const orders = new Counter({
    name: "sesb_node_orders_total",
    help: "Orders to nodes, by kind and how they ended: answered, failed, away, cancelled",
    labelNames: ["kind", "outcome"],
    registers,
  });
  new Gauge({
    name: "sesb_inbox_depth",
    help: "Events accepted and not yet worked into a case",
    registers,
    collect() {
      this.set(inboxDepth());
    },
  });
  return {
    registry,
    countResults: (list) => {
      for (const { outcome, problem } of list) {
        results.inc({ outcome, code: problem?.code ?? "" });
      }
    },
    observeAttempt: (department, { durationMs, error }) => {
      const outcome = error === null ? "delivered" : "failed";
      attempts.observe({ department, outcome }, durationMs / 1000);
    },
    streamClients: (change) => clients.inc(change),
    countClosedClient: () => closed.inc(),
    waitingNodes: (change) => waitingNodes.inc(change),
    countOrder: (kind, outcome) => orders.inc({ kind, outcome }),
  };
}
