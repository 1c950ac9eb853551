/** `/v1/cap`: an Atom feed of cases, and each as a CAP 1.2 message. */
import type { FastifyInstance } from "fastify";
import type { Kysely } from "kysely";
import { create } from "xmlbuilder2";
import { z } from "zod";
import {
  auditName,
  caseIdSchema,
  type Clock,
  PermanentError,
  problemSchema,
} from "../../protocol/index.ts";
import { appendAudit } from "../audit/index.ts";
import { type CaseRow, inScope, type Schema } from "../store/index.ts";
import { capIdentifier, capMessage } from "./cap-message.ts";

const ATOM = "http://www.w3.org/2005/Atom";
const CAP_TYPE = "application/cap+xml";
/** What a reader that asks every minute or so can have missed. */
const ENTRIES = 100;

const paramsSchema = z.object({ id: caseIdSchema });

export interface CapRouteInput {
  readonly db: Kysely<Schema>;
  readonly clock: Clock;
}

export function capRoutes({ db, clock }: CapRouteInput): (app: FastifyInstance) => void {
  return (app) => {
    app.route({
      method: "GET",
      url: "/v1/cap",
      schema: {
        summary: "Atom feed of the cases changed last, each a CAP 1.2 message",
        tags: ["subscribers"],
        response: { default: problemSchema },
      },
      config: { permission: "case.export" },
      handler: async (request, reply) => {
        const rows = await db
          .selectFrom("case_file")
          .selectAll()
          .where((eb) => inScope(eb, request.viewer))
          .orderBy("updated_at", "desc")
          .orderBy("id", "desc")
          .limit(ENTRIES)
          .execute();
        return reply.type("application/atom+xml; charset=utf-8").send(atomFeed(rows, clock.now()));
      },
    });
    addMessageRoute(app, { db, clock });
  };
}

function addMessageRoute(app: FastifyInstance, { db, clock }: CapRouteInput): void {
  app.route({
    method: "GET",
    url: "/v1/cap/:id",
    schema: {
      summary: "One case as a CAP 1.2 message",
      description: "Every view leaves a trace.",
      tags: ["subscribers"],
      params: paramsSchema,
      response: { default: problemSchema },
    },
    config: { permission: "case.export" },
    handler: async (request, reply) => {
      const { id } = request.params as z.infer<typeof paramsSchema>;
      const row = await db
        .selectFrom("case_file")
        .selectAll()
        .where("id", "=", id)
        .where((eb) => inScope(eb, request.viewer))
        .executeTakeFirst();
      if (row === undefined) {
        throw new PermanentError("NOT_FOUND", "There is no such case", { where: id });
      }
      await appendAudit(db, [
        {
          at: clock.now(),
          actor: auditName(request.viewer),
          action: "case.view",
          subject: `case:${id}`,
          purpose: "case-handling",
          address: request.ip,
          facts: { as: "cap" },
        },
      ]);
      return reply.type(`${CAP_TYPE}; charset=utf-8`).send(capMessage(row));
    },
  });
}

function atomFeed(rows: readonly CaseRow[], now: number): string {
  const feed = create({ version: "1.0", encoding: "UTF-8" }).ele(ATOM, "feed");
  feed.ele("id").txt("urn:sesb:cap");
  feed.ele("title").txt("Sharp Eyes + Smart Brain");
  feed.ele("updated").txt((rows[0]?.updated_at ?? new Date(now)).toISOString());
  for (const row of rows) {
    const entry = feed.ele("entry");
    entry.ele("id").txt(`urn:sesb:cap:${capIdentifier(row)}`);
    entry.ele("title").txt(`${row.title.zh} ${row.number}`);
    entry.ele("updated").txt(row.updated_at.toISOString());
    entry.ele("link", { type: CAP_TYPE, href: `/v1/cap/${row.id}` });
  }
  return feed.end({ prettyPrint: true });
}
