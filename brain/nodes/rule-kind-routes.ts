/** `GET /v1/rule-kinds`: the same until the program is another one. */
import { createHash } from "node:crypto";
import type { FastifyInstance } from "fastify";
import { problemSchema, ruleKindsSchema } from "../../protocol/index.ts";
import { describeRuleKinds } from "./rule-kinds.ts";

export function ruleKindRoutes(): (app: FastifyInstance) => void {
  const kinds = describeRuleKinds();
  const hash = createHash("sha256").update(JSON.stringify(kinds)).digest("hex");
  const etag = `"${hash.slice(0, 32)}"`;
  return (app) => {
    app.route({
      method: "GET",
      url: "/v1/rule-kinds",
      schema: {
        summary: "What rules there are, with their parameters, units and bounds",
        tags: ["console"],
        response: { 200: ruleKindsSchema, default: problemSchema },
      },
      config: { permission: "camera.view" },
      handler: async (request, reply) => {
        void reply.header("etag", etag).header("cache-control", "private, no-cache");
        if (request.headers["if-none-match"] === etag) {
          return reply.code(304).send();
        }
        return reply.send(kinds);
      },
    });
  };
}
