/** `/v1/health` for people; `/healthz`, `/readyz` and `/metrics` for machines. */
import type { FastifyInstance } from "fastify";
import { type Kysely, sql } from "kysely";
import type { Registry } from "prom-client";
import { z } from "zod";
import { type Clock, healthViewSchema, problemSchema } from "../../protocol/index.ts";
import type { Schema } from "../store/index.ts";
import { healthFor, readHealth } from "./health-view.ts";

export interface HealthRouteInput {
  readonly db: Kysely<Schema>;
  readonly clock: Clock;
  readonly version: string;
  readonly registry: Registry;
}

const aliveSchema = z.object({ status: z.literal("ok") });

export function healthRoutes(input: HealthRouteInput): (app: FastifyInstance) => void {
  const { db, clock, version, registry } = input;
  return (app) => {
    app.route({
      method: "GET",
      url: "/v1/health",
      schema: {
        summary: "Nodes, cameras and endpoints",
        tags: ["console"],
        response: { 200: healthViewSchema, default: problemSchema },
      },
      config: { permission: "health.view" },
      handler: async (request) =>
        healthFor(await readHealth(db, clock.now(), version), request.viewer),
    });
    app.route({
      method: "GET",
      url: "/healthz",
      schema: {
        summary: "The process answers",
        tags: ["operations"],
        response: { 200: aliveSchema },
      },
      config: { access: "open" },
      handler: () => ({ status: "ok" as const }),
    });
    app.route({
      method: "GET",
      url: "/readyz",
      schema: {
        summary: "The database answers too",
        tags: ["operations"],
        response: { 200: aliveSchema, default: problemSchema },
      },
      config: { access: "open" },
      handler: async () => {
        await sql`select 1`.execute(db);
        return { status: "ok" as const };
      },
    });
    app.route({
      method: "GET",
      url: "/metrics",
      schema: { hide: true },
      config: { permission: "metrics.view" },
      handler: async (_request, reply) => {
        void reply.type(registry.contentType);
        return reply.send(await registry.metrics());
      },
    });
  };
}
