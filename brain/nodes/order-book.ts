/** Orders to nodes: placed by an operator's request, told once, answered within seconds. */
import type { Kysely, Transaction } from "kysely";
import {
  type Clock,
  type EpochMs,
  formatTime,
  type NodeOrder,
  nodeOrderSchema,
  type OrderResult,
  PermanentError,
  type PlannedRule,
  TransientError,
} from "../../protocol/index.ts";
import { type Schema, transaction } from "../store/index.ts";
import { nodeKey, type NodeWakeups, notifyNodes, orderKey } from "./wakeups.ts";

/** How long an operator looks at a spinner. */
export const ORDER_MS = 10_000;
/** An expired order is kept so long, so that a late answer is told so. */
const KEEP_MS = 600_000;
/** Orders of one node that may be open: each makes it decode or count for a moment. */
const MAX_OPEN = 4;

export interface OrderBookInput {
  readonly db: Kysely<Schema>;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly wakeups: NodeWakeups;
  /** How each order ended. */
  readonly count: (kind: NodeOrder["kind"], outcome: OrderOutcome) => void;
}

export type OrderOutcome = "answered" | "failed" | "away" | "cancelled";

export interface NewOrder {
  readonly nodeId: string;
  readonly cameraId: string;
  readonly kind: NodeOrder["kind"];
  /** Of a test. */
  readonly rule?: PlannedRule;
}

export interface OrderBook {
  /**
   * Places an order and waits for its result.
   *
   * @throws TransientError NODE_AWAY when none came in time, OVERLOADED when the node has enough
   * to do.
   */
  order(order: NewOrder, gone: AbortSignal): Promise<OrderResult>;
  /** Takes the node's waiting orders: each is given once. */
  take(nodeId: string): Promise<readonly NodeOrder[]>;
  /** The node that they were taken for hung up: another question may get them. */
  giveBack(orders: readonly NodeOrder[]): Promise<void>;
}

export function createOrderBook(input: OrderBookInput): OrderBook {
  const { db, clock } = input;
  return {
    order: async (order, gone) => {
      const id = input.newId();
      const until = clock.now() + ORDER_MS;
      const done = new AbortController();
      const signal = AbortSignal.any([gone, done.signal]);
      try {
        await place(input, id, order, until);
        const result = await waitForResult(input, id, until, signal);
        if (result === undefined) {
          throw await abandon(input, id, order, gone.aborted);
        }
        input.count(order.kind, result.outcome === "failed" ? "failed" : "answered");
        return result;
      } finally {
        done.abort();
      }
    },
    take: async (nodeId) => {
      const now = new Date(clock.now());
      const rows = await db
        .updateTable("node_order")
        .set({ told_at: now })
        .where("node_id", "=", nodeId)
        .where("told_at", "is", null)
        .where("until", ">", now)
        .returning(["id", "camera_id", "kind", "rule", "until"])
        .execute();
      return rows.map(({ id, camera_id, kind, rule, until }) =>
        nodeOrderSchema.parse({
          ...{ id, kind, camera: camera_id, until: formatTime(until.getTime()) },
          ...(rule === null ? {} : { rule }),
        }),
      );
    },
    giveBack: async (orders) => {
      if (orders.length > 0) {
        const ids = orders.map(({ id }) => id);
        await db
          .updateTable("node_order")
          .set({ told_at: null })
          .where("id", "in", ids)
          .where("result", "is", null)
          .execute();
      }
    },
  };
}

async function place(
  { db, clock }: OrderBookInput,
  id: string,
  { nodeId, cameraId, kind, rule }: NewOrder,
  until: EpochMs,
): Promise<void> {
  const now = clock.now();
  const work = async (tx: Transaction<Schema>): Promise<void> => {
    await tx
      .deleteFrom("node_order")
      .where("until", "<", new Date(now - KEEP_MS))
      .execute();
    const { open } = await tx
      .selectFrom("node_order")
      .select((eb) => eb.fn.countAll<number>().as("open"))
      .where("node_id", "=", nodeId)
      .where("until", ">", new Date(now))
      .where("result", "is", null)
      .executeTakeFirstOrThrow();
    if (open >= MAX_OPEN) {
      throw new TransientError("OVERLOADED", "The node has enough to do", {
        where: nodeId,
        expected: `at most ${MAX_OPEN} open orders; ask again in a few seconds`,
      });
    }
    await tx
      .insertInto("node_order")
      .values({
        ...{ id, node_id: nodeId, camera_id: cameraId, kind },
        rule: rule === undefined ? null : JSON.stringify(rule),
        until: new Date(until),
      })
      .execute();
    await notifyNodes(tx, [nodeKey(nodeId)]);
  };
  await transaction(db, work, { clock });
}

async function waitForResult(
  { db, clock, wakeups }: OrderBookInput,
  id: string,
  until: EpochMs,
  signal: AbortSignal,
): Promise<OrderResult | undefined> {
  const late = clock.wait(Math.max(0, until - clock.now()), signal).catch(() => undefined);
  for (;;) {
    const changed = wakeups.changed(orderKey(id), signal);
    const row = await db
      .selectFrom("node_order")
      .select("result")
      .where("id", "=", id)
      .executeTakeFirst();
    const result = row?.result ?? undefined;
    if (result !== undefined || signal.aborted || clock.now() >= until) {
      return result;
    }
    await Promise.race([changed, late]);
  }
}

/** Nobody waits any more: an order that was not told yet need not be carried out. */
async function abandon(
  { db, count }: OrderBookInput,
  id: string,
  { kind, nodeId }: NewOrder,
  hungUp: boolean,
): Promise<TransientError> {
  const untold = await db
    .deleteFrom("node_order")
    .where("id", "=", id)
    .where("told_at", "is", null)
    .executeTakeFirst();
  count(kind, hungUp ? "cancelled" : "away");
  return nodeAway(
    nodeId,
    untold.numDeletedRows === 0n ? "no answer to the order" : "no question for orders",
  );
}

export function nodeAway(nodeId: string, got: string): TransientError {
  return new TransientError("NODE_AWAY", "The node did not answer in time", {
    where: nodeId,
    expected: `an answer within ${ORDER_MS / 1000} s`,
    got,
  });
}

/**
 * Keeps a node's answer and wakes who waits for it.
 *
 * @returns whether the same order was answered before.
 * @throws PermanentError ORDER_EXPIRED, NODE_MISMATCH, BODY_MALFORMED or EVIDENCE_UNKNOWN.
 */
export async function settleOrder(
  { db, clock }: Pick<OrderBookInput, "db" | "clock">,
  id: string,
  nodeId: string,
  result: OrderResult,
): Promise<boolean> {
  const now = clock.now();
  const work = async (tx: Transaction<Schema>): Promise<boolean> => {
    const row = await tx
      .selectFrom("node_order")
      .select(["node_id", "camera_id", "kind", "until", "result"])
      .where("id", "=", id)
      .forUpdate()
      .executeTakeFirst();
    if (row !== undefined && row.node_id !== nodeId) {
      throw new PermanentError("NODE_MISMATCH", "The order is another node's", {
        where: id,
        got: nodeId,
      });
    }
    if (row === undefined || row.until.getTime() < now) {
      throw new PermanentError("ORDER_EXPIRED", "Nobody waits for this order any more", {
        where: id,
        ...(row === undefined
          ? {}
          : { expected: `an answer before ${formatTime(row.until.getTime())}` }),
      });
    }
    if (row.result !== null) {
      return true;
    }
    checkKind(row.kind, result);
    if (result.outcome === "snapshot") {
      await nameSnapshot(tx, { nodeId, cameraId: row.camera_id, sha256: result.sha256, now });
    }
    await tx
      .updateTable("node_order")
      .set({ result: JSON.stringify(result) })
      .where("id", "=", id)
      .execute();
    await notifyNodes(tx, [orderKey(id)]);
    return false;
  };
  return transaction(db, work, { clock });
}

function checkKind(kind: NodeOrder["kind"], { outcome }: OrderResult): void {
  const wanted = kind === "snapshot" ? "snapshot" : "tested";
  if (outcome !== "failed" && outcome !== wanted) {
    throw new PermanentError("BODY_MALFORMED", "The order asked for something else", {
      where: "outcome",
      expected: `${wanted} or failed`,
      got: outcome,
    });
  }
}

interface NamedSnapshot {
  readonly nodeId: string;
  readonly cameraId: string;
  readonly sha256: string;
  readonly now: EpochMs;
}

/** The uploaded picture is of this camera. Equal bytes may be the picture of several. */
async function nameSnapshot(
  tx: Transaction<Schema>,
  { nodeId, cameraId, sha256, now }: NamedSnapshot,
): Promise<void> {
  const uploaded = await tx
    .selectFrom("evidence")
    .select("sha256")
    .where("sha256", "=", sha256)
    .where("state", "=", "stored")
    .where("sha256", "in", (eb) =>
      eb.selectFrom("camera_snapshot").select("sha256").where("node_id", "=", nodeId),
    )
    .executeTakeFirst();
  if (uploaded === undefined) {
    throw new PermanentError("EVIDENCE_UNKNOWN", "The picture was not uploaded", {
      where: "sha256",
      expected: "PUT /v1/evidence/{sha256} before the result",
      got: sha256,
    });
  }
  const row = { node_id: nodeId, camera_id: cameraId, sha256, at: new Date(now) };
  await tx
    .insertInto("camera_snapshot")
    .values(row)
    .onConflict((conflict) =>
      conflict.columns(["node_id", "camera_id", "sha256"]).doUpdateSet({ at: row.at }),
    )
    .execute();
  await tx
    .deleteFrom("camera_snapshot")
    .where("node_id", "=", nodeId)
    .where("camera_id", "=", "")
    .where("sha256", "=", sha256)
    .execute();
}

/**
 * Whether a node may upload this picture, because it has an open snapshot order; it is announced
 * then, as an event's picture is.
 */
export async function announceSnapshot(
  { db, clock }: Pick<OrderBookInput, "db" | "clock">,
  nodeId: string,
  sha256: string,
): Promise<boolean> {
  const at = new Date(clock.now());
  const work = async (tx: Transaction<Schema>): Promise<boolean> => {
    const order = await tx
      .selectFrom("node_order")
      .select("id")
      .where("node_id", "=", nodeId)
      .where("kind", "=", "snapshot")
      .where("told_at", "is not", null)
      .where("until", ">", at)
      .where("result", "is", null)
      .executeTakeFirst();
    if (order === undefined) {
      return false;
    }
    await tx
      .insertInto("evidence")
      .values({ sha256, state: "announced", mime: "image/jpeg", bytes: 0, announced_at: at })
      .onConflict((conflict) => conflict.column("sha256").doNothing())
      .execute();
    await tx
      .insertInto("camera_snapshot")
      .values({ node_id: nodeId, camera_id: "", sha256, at })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    return true;
  };
  return transaction(db, work, { clock });
}
