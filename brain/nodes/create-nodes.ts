/** Puts the parts together that talk with nodes about cameras. */
import type { FastifyInstance } from "fastify";
import { cameraRoutes } from "./camera-routes.ts";
import { type LookRouteInput, lookRoutes } from "./look-routes.ts";
import { announceSnapshot, createOrderBook, type OrderBookInput } from "./order-book.ts";
import { type OrderRouteInput, orderRoutes } from "./order-routes.ts";
import { ruleKindRoutes } from "./rule-kind-routes.ts";
import { createWaitingNodes, type WaitingNodesInput } from "./waiting-nodes.ts";

export interface NodesInput
  extends Omit<OrderBookInput, "count">,
    Omit<WaitingNodesInput, "max" | "onWaiting">,
    Omit<LookRouteInput, "orders">,
    Pick<OrderRouteInput, "checkNode"> {
  readonly maxWaiting?: number;
  readonly metrics: {
    readonly waitingNodes: WaitingNodesInput["onWaiting"];
    readonly countOrder: OrderBookInput["count"];
  };
}

export interface Nodes {
  /** For a scope whose parser leaves bodies as bytes. */
  readonly signedRoutes: readonly ((app: FastifyInstance) => void)[];
  readonly routes: readonly ((app: FastifyInstance) => void)[];
  /** Whether a node may upload this picture, which no event announced. */
  announceSnapshot(nodeId: string, sha256: string): Promise<boolean>;
}

/** Ten times the nodes of a large town; a waiting node costs a connection and a few KB. */
const MAX_WAITING = 2_000;

export function createNodes(input: NodesInput): Nodes {
  const { metrics, maxWaiting = MAX_WAITING } = input;
  const orders = createOrderBook({ ...input, count: metrics.countOrder });
  const waiting = createWaitingNodes({
    ...input,
    max: maxWaiting,
    onWaiting: metrics.waitingNodes,
  });
  return {
    signedRoutes: [orderRoutes({ ...input, orders, waiting })],
    routes: [cameraRoutes(input), lookRoutes({ ...input, orders }), ruleKindRoutes()],
    announceSnapshot: (nodeId, sha256) => announceSnapshot(input, nodeId, sha256),
  };
}
