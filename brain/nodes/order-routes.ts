/** What nodes call, signed: they ask for orders and plans, and answer orders. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Kysely } from "kysely";
import { z } from "zod";
import {
  AppError,
  type CameraPlan,
  type Clock,
  type EpochMs,
  fromZodError,
  type NodeOrder,
  orderResultSchema,
  type OrdersAnswer,
  ordersAnswerSchema,
  type OrdersQuestion,
  ordersQuestionSchema,
  PermanentError,
  problemSchema,
} from "../../protocol/index.ts";
import type { Schema } from "../store/index.ts";
import { type OrderBook, settleOrder } from "./order-book.ts";
import { newsOfPlans } from "./plan-book.ts";
import { keepTold, refuseForeign } from "./tell-scenes.ts";
import type { WaitingNodes } from "./waiting-nodes.ts";

export interface OrderRouteInput {
  readonly db: Kysely<Schema>;
  readonly clock: Clock;
  readonly checkNode: (
    headers: Readonly<Record<string, string | string[] | undefined>>,
    body: Buffer | string,
  ) => string;
  readonly orders: OrderBook;
  readonly waiting: WaitingNodes;
}

/** 256 cameras with rules twice; a question that only waits is a few KB. */
const QUESTION_BYTES = 8_388_608;
const RESULT_BYTES = 1_048_576;
const RETRY_AFTER_S = 5;
/** A plan that the node neither took nor refused is not told again before. */
const RETELL_MS = 5_000;

const paramsSchema = z.object({ id: z.uuid() });
const settledSchema = z.object({ id: z.uuid(), repeated: z.boolean() });

/** Register inside a scope whose parser leaves bodies as bytes. */
export function orderRoutes(input: OrderRouteInput): (app: FastifyInstance) => void {
  const told: Told = new Map();
  return (app) => {
    app.route({
      method: "POST",
      url: "/v1/orders/next",
      bodyLimit: QUESTION_BYTES,
      schema: {
        summary: "Ask for plans and orders",
        description:
          "Answers at once when a plan differs from what the node told or an order waits, else " +
          "after `waitMs`. A newer question of the same node ends the older one.",
        tags: ["edge"],
        body: ordersQuestionSchema,
        response: { 200: ordersAnswerSchema, default: problemSchema },
      },
      config: { access: "signed" },
      handler: async (request, reply) => {
        const nodeId = input.checkNode(request.headers, request.body as Buffer);
        const question = readBody(request, ordersQuestionSchema, "The question");
        if (question.nodeId !== nodeId) {
          throw new PermanentError("NODE_MISMATCH", "The question names another node", {
            where: "nodeId",
            expected: nodeId,
            got: question.nodeId,
          });
        }
        await refuseForeign(input.db, question);
        await keepTold(input.db, input.clock, question);
        return await answer(input, question, told, reply).catch((error: unknown) => {
          if (error instanceof AppError && error.code === "OVERLOADED") {
            void reply.header("retry-after", String(RETRY_AFTER_S));
          }
          throw error;
        });
      },
    });
    app.route({
      method: "POST",
      url: "/v1/orders/:id/result",
      bodyLimit: RESULT_BYTES,
      schema: {
        summary: "Answer an order",
        description: "After the order's `until` nobody waits: ORDER_EXPIRED.",
        tags: ["edge"],
        params: paramsSchema,
        body: orderResultSchema,
        response: { 200: settledSchema, default: problemSchema },
      },
      config: { access: "signed" },
      handler: async (request) => {
        const nodeId = input.checkNode(request.headers, request.body as Buffer);
        const { id } = request.params as z.infer<typeof paramsSchema>;
        const result = readBody(request, orderResultSchema, "The result");
        return { id, repeated: await settleOrder(input, id, nodeId, result) };
      },
    });
  };
}

/** By node: the plans that it was told last, and when. */
type Told = Map<string, { readonly plans: string; readonly at: EpochMs }>;

const NOTHING: OrdersAnswer = { plans: [], orders: [] };

async function answer(
  { db, clock, orders, waiting }: OrderRouteInput,
  { nodeId, plans: states, waitMs }: OrdersQuestion,
  told: Told,
  reply: FastifyReply,
): Promise<OrdersAnswer> {
  const gone = hangUpOf(reply);
  const news = await waiting.ask<OrdersAnswer>({
    ...{ nodeId, waitMs, gone },
    look: async () => {
      const plans = await newsOfPlans(db, nodeId, states);
      const againInMs = holdBack(told, nodeId, plans, clock.now());
      const taken = await takeFor(orders, nodeId, gone);
      const fresh = againInMs === undefined ? plans : [];
      if (fresh.length > 0) {
        told.set(nodeId, { plans: keyOf(fresh), at: clock.now() });
      }
      return fresh.length + taken.length > 0
        ? { news: { plans: fresh, orders: [...taken] } }
        : againInMs === undefined
          ? {}
          : { againInMs };
    },
  });
  return news ?? NOTHING;
}

/** Orders taken for a node that has hung up meanwhile are there for its next question. */
async function takeFor(
  orders: OrderBook,
  nodeId: string,
  gone: AbortSignal,
): Promise<readonly NodeOrder[]> {
  const isGone = (): boolean => gone.aborted;
  if (isGone()) {
    return [];
  }
  const taken = await orders.take(nodeId);
  if (isGone()) {
    await orders.giveBack(taken);
    return [];
  }
  return taken;
}

const keyOf = (plans: readonly CameraPlan[]): string =>
  plans.map(({ camera, version }) => `${camera}:${version}`).join(" ");

/** Milliseconds until the same plans may be told again; undefined where they may be now. */
function holdBack(
  told: Told,
  nodeId: string,
  plans: readonly CameraPlan[],
  now: EpochMs,
): number | undefined {
  const last = told.get(nodeId);
  if (plans.length === 0 || last?.plans !== keyOf(plans)) {
    return undefined;
  }
  const leftMs = last.at + RETELL_MS - now;
  return leftMs > 0 ? leftMs : undefined;
}

/** Aborted when the connection ends before the answer was written. */
export function hangUpOf(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  reply.raw.once("close", () => {
    if (!reply.raw.writableFinished) {
      gone.abort();
    }
  });
  if (reply.raw.destroyed) {
    gone.abort();
  }
  return gone.signal;
}

function readBody<S extends z.ZodType>(
  request: FastifyRequest,
  schema: S,
  what: string,
): z.infer<S> {
  let value: unknown;
  try {
    value = JSON.parse((request.body as Buffer).toString());
  } catch {
    throw new PermanentError("BODY_MALFORMED", `${what} is not JSON`, { where: "body" });
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) {
    throw fromZodError("BODY_MALFORMED", what, parsed.error);
  }
  return parsed.data;
}
