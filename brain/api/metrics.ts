/** Prometheus metrics of the brain. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { EventResult, NodeOrder } from "../../protocol/index.ts";

/** What one run of retention did. */
export interface RetentionFigures {
  readonly removed: Readonly<Record<string, number>>;
  readonly damaged: number;
  readonly complete: boolean;
}

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
  observeRetention(run: RetentionFigures): void;
  streamClients(change: 1 | -1): void;
  countClosedClient(): void;
  waitingNodes(change: 1 | -1): void;
  countOrder(kind: NodeOrder["kind"], outcome: string): void;
}

const SECONDS = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Both are read when the metrics are. */
export function createMetrics(
  inboxDepth: () => number,
  filings: () => readonly { readonly overdue: boolean }[] = () => [],
): BrainMetrics {
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
  const observeRetention = retentionMetrics(registers);
  filingMetrics(registers, filings);
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
    observeRetention,
    ...streamMetrics(registers),
    waitingNodes: (change) => waitingNodes.inc(change),
    countOrder: (kind, outcome) => orders.inc({ kind, outcome }),
  };
}

function streamMetrics(
  registers: Registry[],
): Pick<BrainMetrics, "streamClients" | "countClosedClient"> {
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
  return {
    streamClients: (change) => clients.inc(change),
    countClosedClient: () => closed.inc(),
  };
}

function filingMetrics(
  registers: Registry[],
  filings: () => readonly { readonly overdue: boolean }[],
): void {
  new Gauge({
    name: "sesb_camera_filings",
    help: "Filings of cameras with the police that are still to be made, and of them those too late",
    labelNames: ["state"],
    registers,
    collect() {
      const due = filings();
      const overdue = due.filter((one) => one.overdue).length;
      this.set({ state: "due" }, due.length - overdue);
      this.set({ state: "overdue" }, overdue);
    },
  });
}

function retentionMetrics(registers: Registry[]): BrainMetrics["observeRetention"] {
  const removed = new Counter({
    name: "sesb_retention_removed_total",
    help: "What retention has removed, by kind",
    labelNames: ["what"],
    registers,
  });
  const runs = new Counter({
    name: "sesb_retention_runs_total",
    help: "Runs of retention, complete or cut off",
    labelNames: ["outcome"],
    registers,
  });
  const damaged = new Gauge({
    name: "sesb_evidence_damaged",
    help: "Pictures whose bytes are missing or wrong, as the last check found",
    registers,
  });
  return (run) => {
    for (const [what, count] of Object.entries(run.removed)) {
      removed.inc({ what }, count);
    }
    runs.inc({ outcome: run.complete ? "complete" : "incomplete" });
    damaged.set(run.damaged);
  };
}
