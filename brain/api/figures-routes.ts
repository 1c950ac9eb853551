/** `GET /v1/figures`: the clocks, alarms, verdicts and answers of a span of time. */
import type { FastifyInstance } from "fastify";
import type { Kysely } from "kysely";
import { z } from "zod";
import {
  figuresSchema,
  type Clock,
  parseTime,
  PermanentError,
  problemSchema,
  timestampSchema,
} from "../../protocol/index.ts";
import type { Schema } from "../store/index.ts";
import { readFigures } from "./figures-queries.ts";

const MAX_SPAN_MS = 400 * 86_400_000;
const querySchema = z
  .object({
    from: timestampSchema,
    /** Cases reported before this; now where absent. */
    to: timestampSchema.optional(),
  })
  .strict();

export interface FigureRouteInput {
  readonly db: Kysely<Schema>;
  readonly clock: Clock;
  /** Of the town in force: its days begin at its own midnight. */
  readonly timeZone: () => string;
}

export function figuresRoutes(input: FigureRouteInput): (app: FastifyInstance) => void {
  const { db, clock, timeZone } = input;
  return (app) => {
    app.route({
      method: "GET",
      url: "/v1/figures",
      schema: {
        summary: "Clocks, discovery, alarms, precision and answers of a span of time",
        description: "What the caller may see of cases bounds what is counted.",
        tags: ["console"],
        querystring: querySchema,
        response: { 200: figuresSchema, default: problemSchema },
      },
      config: { permission: "report.view" },
      handler: (request) => {
        const now = clock.now();
        const { from, to } = spanOf(request.query as z.infer<typeof querySchema>, now);
        return readFigures(db, { from, to, now, scope: request.viewer, timeZone: timeZone() });
      },
    });
  };
}

function spanOf(
  { from, to }: z.infer<typeof querySchema>,
  now: number,
): { readonly from: number; readonly to: number } {
  const span = { from: parseTime(from), to: to === undefined ? now + 1 : parseTime(to) };
  if (span.to <= span.from || span.to - span.from > MAX_SPAN_MS) {
    throw new PermanentError("BODY_MALFORMED", "The span of time cannot be counted", {
      where: "from, to",
      expected: "from before to, at most 400 days apart",
      got: `${from} to ${to ?? "now"}`,
    });
  }
  return span;
}
