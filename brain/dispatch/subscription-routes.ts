/** `/v1/subscriptions`: who is told of cases beside the departments that act. */
import { randomBytes } from "node:crypto";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Kysely } from "kysely";
import { z } from "zod";
import {
  auditName,
  type Clock,
  formatTime,
  type NewSubscription,
  newSubscriptionSchema,
  PermanentError,
  problemSchema,
  redactUrl,
  subscriptionCreatedSchema,
  type SubscriptionView,
  subscriptionViewSchema,
} from "../../protocol/index.ts";
import { appendAudit } from "../audit/index.ts";
import { type Schema, sqlState, transaction } from "../store/index.ts";

const UNIQUE_VIOLATION = "23505";
const MAX_SUBSCRIPTIONS = 100;
const paramsSchema = z.object({ name: newSubscriptionSchema.shape.name });
const listSchema = z.object({ items: z.array(subscriptionViewSchema) });

export interface SubscriptionRouteInput {
  readonly db: Kysely<Schema>;
  readonly clock: Clock;
  readonly newId: () => string;
  /** Seals a secret so that it opens for this name only. */
  readonly seal: (secret: string, name: string) => string;
}

export function subscriptionRoutes(input: SubscriptionRouteInput): (app: FastifyInstance) => void {
  return (app) => {
    app.route({
      method: "GET",
      url: "/v1/subscriptions",
      schema: {
        summary: "Subscribers, and how far behind they are",
        tags: ["subscribers"],
        response: { 200: listSchema, default: problemSchema },
      },
      config: { permission: "subscription.view" },
      handler: async () => ({ items: await list(input.db) }),
    });
    app.route({
      method: "POST",
      url: "/v1/subscriptions",
      schema: {
        summary: "Add a subscriber; its secret is shown this once",
        tags: ["subscribers"],
        body: newSubscriptionSchema,
        response: { 201: subscriptionCreatedSchema, default: problemSchema },
      },
      config: { permission: "subscription.manage" },
      handler: async (request, reply) => {
        const secret = await create(input, request.body as NewSubscription, byOf(request));
        return reply.status(201).send({ name: (request.body as NewSubscription).name, secret });
      },
    });
    app.route({
      method: "DELETE",
      url: "/v1/subscriptions/:name",
      schema: {
        summary: "Remove a subscriber",
        tags: ["subscribers"],
        params: paramsSchema,
        response: { 204: z.null(), default: problemSchema },
      },
      config: { permission: "subscription.manage" },
      handler: async (request, reply) => {
        await remove(input, (request.params as z.infer<typeof paramsSchema>).name, byOf(request));
        return reply.status(204).send(null);
      },
    });
  };
}

/** For the audit. */
interface By {
  readonly actor: string;
  readonly address: string;
}

const byOf = ({ viewer, ip }: FastifyRequest): By => ({ actor: auditName(viewer), address: ip });

async function list(db: Kysely<Schema>): Promise<SubscriptionView[]> {
  const rows = await db
    .selectFrom("subscription")
    .selectAll()
    .select((eb) =>
      eb
        .selectFrom("stream")
        .select((count) => count.fn.countAll<number>().as("count"))
        .whereRef("stream.position", ">", "subscription.cursor")
        .as("behind"),
    )
    .orderBy("name")
    .execute();
  return rows.map((row) => ({
    name: row.name,
    transport: row.transport,
    url: redactUrl(row.url),
    eventTypes: [...row.event_types],
    behind: row.behind ?? 0,
    failures: row.failures,
    lastSuccessAt: row.last_success_at === null ? null : formatTime(row.last_success_at.getTime()),
    lastError: row.last_error,
  }));
}

/** It hears of what changes from now on. */
async function create(
  { db, clock, newId, seal }: SubscriptionRouteInput,
  { name, url, eventTypes }: NewSubscription,
  by: By,
): Promise<string> {
  const secret = `whsec_${randomBytes(32).toString("base64")}`;
  const now = clock.now();
  try {
    await transaction(
      db,
      async (tx) => {
        const { count } = await tx
          .selectFrom("subscription")
          .select((eb) => eb.fn.countAll<number>().as("count"))
          .executeTakeFirstOrThrow();
        if (count >= MAX_SUBSCRIPTIONS) {
          throw new PermanentError("STATE_CONFLICT", "There are too many subscriptions", {
            expected: `at most ${MAX_SUBSCRIPTIONS}`,
          });
        }
        await tx
          .insertInto("subscription")
          .values((eb) => ({
            id: newId(),
            name,
            url,
            secret: seal(secret, name),
            event_types: JSON.stringify(eventTypes),
            cursor: eb.fn.coalesce(
              eb.selectFrom("stream").select((max) => max.fn.max("position").as("last")),
              eb.lit(0),
            ) as never,
            next_attempt_at: new Date(now),
          }))
          .execute();
        await appendAudit(tx, [
          {
            at: now,
            ...by,
            action: "subscription.add",
            subject: `subscription:${name}`,
            facts: { url: redactUrl(url) },
          },
        ]);
      },
      { clock },
    );
  } catch (error) {
    if (sqlState(error) === UNIQUE_VIOLATION) {
      throw new PermanentError("STATE_CONFLICT", "A subscription of this name exists", {
        where: "name",
        got: name,
      });
    }
    throw error;
  }
  return secret;
}

async function remove({ db, clock }: SubscriptionRouteInput, name: string, by: By): Promise<void> {
  await transaction(
    db,
    async (tx) => {
      const removed = await tx
        .deleteFrom("subscription")
        .where("name", "=", name)
        .returning("id")
        .executeTakeFirst();
      if (removed === undefined) {
        throw new PermanentError("NOT_FOUND", "There is no such subscription", { where: name });
      }
      await appendAudit(tx, [
        {
          at: clock.now(),
          ...by,
          action: "subscription.remove",
          subject: `subscription:${name}`,
        },
      ]);
    },
    { clock },
  );
}
