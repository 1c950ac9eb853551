/** `/v1/silences`: what is kept and counted for a time, and opens no case. */
import type { FastifyInstance, FastifyRequest } from "fastify";
import { z } from "zod";
import {
  type NewSilence,
  newSilenceSchema,
  problemSchema,
  silenceAnswerSchema,
  silenceListSchema,
} from "../../protocol/index.ts";
import { readKey } from "./case-routes.ts";
import type { CaseworkInput } from "./deps.ts";
import { addSilence, endSilence, listSilences, type SilenceOrder } from "./silences.ts";

const paramsSchema = z.object({ id: z.uuid() });
const listQuerySchema = z.object({ show: z.enum(["current", "all"]).default("all") });

export function silenceRoutes(input: CaseworkInput): (app: FastifyInstance) => void {
  return (app) => {
    app.route({
      method: "GET",
      url: "/v1/silences",
      schema: {
        summary: "Silences and maintenance windows, with what each kept back",
        description: "Planned and active ones; with `show=all` the hundred newest past ones too.",
        tags: ["console"],
        querystring: listQuerySchema,
        response: { 200: silenceListSchema, default: problemSchema },
      },
      config: { permission: "silence.view" },
      handler: (request) => {
        const { show } = request.query as z.infer<typeof listQuerySchema>;
        return listSilences(input.db, request.viewer, input.clock.now(), show);
      },
    });
    app.route({
      method: "POST",
      url: "/v1/silences",
      schema: {
        summary: "Silence a camera, an event type or a grid for a time",
        description:
          "At most 7 days, a maintenance window 30. Life-safety events (S0) slip through unless " +
          "`lifeSafety` says otherwise. What people report is never silenced. Silences may " +
          "overlap; one that another covers wholly is refused. `idempotency-key` as everywhere.",
        tags: ["console"],
        body: newSilenceSchema,
        response: { 200: silenceAnswerSchema, default: problemSchema },
      },
      config: { permission: "silence.manage" },
      handler: async (request) => {
        const wish = request.body as NewSilence;
        const { answer, repeated } = await addSilence(input, wish, orderOf(request));
        return { silence: answer, repeated };
      },
    });
    app.route({
      method: "DELETE",
      url: "/v1/silences/:id",
      schema: {
        summary: "End a silence now",
        description: "What it kept back stays counted. Ending it again changes nothing.",
        tags: ["console"],
        params: paramsSchema,
        response: { 200: silenceAnswerSchema, default: problemSchema },
      },
      config: { permission: "silence.manage" },
      handler: async (request) => {
        const { id } = request.params as z.infer<typeof paramsSchema>;
        const { answer, repeated } = await endSilence(input, id, orderOf(request));
        return { silence: answer, repeated };
      },
    });
  };
}

function orderOf(request: FastifyRequest): SilenceOrder {
  return { viewer: request.viewer, key: readKey(request), address: request.ip };
}
