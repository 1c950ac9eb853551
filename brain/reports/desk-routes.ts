/** The control room's side: a case's reports, a reporter's contact, grid workers' keys. */
import type { FastifyInstance, FastifyRequest } from "fastify";
import { sql } from "kysely";
import { z } from "zod";
import {
  auditName,
  caseIdSchema,
  type CaseReports,
  caseReportsSchema,
  formatTime,
  PermanentError,
  problemSchema,
  type ReportChannel,
  type Viewer,
  wordsSchema,
} from "../../protocol/index.ts";
import { appendAudit } from "../audit/index.ts";
import { isEverything, requireCaseInScope, transaction } from "../store/index.ts";
import type { ReportsInput } from "./ports.ts";
import { findCase, ratingOf, type RatingRow } from "./report-state.ts";
import { issueKey, type KeyActor, revokeKey } from "./reporter.ts";
import { contactOwner } from "./take-in.ts";

const caseParams = z.object({ id: caseIdSchema });
const reportParams = z.object({ id: z.uuid() });
const responderParams = z.object({ id: z.string().min(1).max(64) });
const purposeSchema = z.object({ reason: wordsSchema(200) }).strict();
const contactSchema = z.object({ contact: z.string() });
const keySchema = z.object({ responder: z.string(), key: z.string() });
const goneSchema = z.object({ responder: z.string() });

export function deskRoutes(input: ReportsInput): (app: FastifyInstance) => void {
  return (app) => {
    addCaseReports(app, input);
    addContact(app, input);
    addKeys(app, input);
  };
}

/** As the audit names who asks. */
function actorOf({ viewer, ip }: FastifyRequest): KeyActor {
  return { actor: auditName(viewer), address: ip };
}

function addCaseReports(app: FastifyInstance, input: ReportsInput): void {
  app.route({
    method: "GET",
    url: "/v1/cases/:id/reports",
    schema: {
      summary: "What people reported of a case",
      tags: ["console"],
      params: caseParams,
      response: { 200: caseReportsSchema, default: problemSchema },
    },
    config: { permission: "people.view" },
    handler: async (request): Promise<CaseReports> => {
      const { id } = request.params as z.infer<typeof caseParams>;
      await requireCaseInScope(input.db, id, request.viewer);
      return { reports: await reportsOf(input, id) };
    },
  });
}

async function reportsOf({ db }: ReportsInput, caseId: string): Promise<CaseReports["reports"]> {
  const { rows } = await sql<
    RatingRow & {
      id: string;
      channel: ReportChannel;
      text: string;
      received_at: Date;
      has_contact: boolean;
      photos: readonly string[];
    }
  >`
    with recursive home (id, depth) as (
      select incident_id, 0 from case_file where id = ${caseId}
      union
      select incident.id, depth + 1 from home
        join incident on incident.merged_into = home.id where depth < 64
    )
    select report.id, report.channel, event.body -> 'data' -> 'report' ->> 'text' as text,
        received_at, contact is not null as has_contact, stars, comment, rated_at,
        array(select sha256 from evidence_ref where event_id = event.id order by sha256) as photos
      from report
      join event on event.id = report.event_id
      join incident_event on incident_event.event_id = event.id
      where incident_event.incident_id in (select id from home)
      order by received_at, report.id limit 200`.execute(db);
  return rows.map((row) => ({
    id: row.id,
    channel: row.channel,
    text: row.text,
    receivedAt: formatTime(row.received_at.getTime()),
    hasContact: row.has_contact,
    photos: [...row.photos],
    rating: ratingOf(row),
  }));
}

function addContact(app: FastifyInstance, input: ReportsInput): void {
  app.route({
    method: "POST",
    url: "/v1/desk/reports/:id/contact",
    schema: {
      summary: "Open a reporter's contact",
      description: "Names why; every look leaves a trace in the audit.",
      tags: ["console"],
      params: reportParams,
      body: purposeSchema,
      response: { 200: contactSchema, default: problemSchema },
    },
    config: { permission: "people.contact" },
    handler: async (request) => {
      const { id } = request.params as z.infer<typeof reportParams>;
      const { reason } = request.body as z.infer<typeof purposeSchema>;
      const sealed = await sealedContact(input, id, request.viewer);
      if (sealed === null) {
        throw new PermanentError("NOT_FOUND", "The report has no contact", { where: id });
      }
      const now = input.clock.now();
      await transaction(
        input.db,
        (tx) =>
          appendAudit(tx, [
            {
              ...actorOf(request),
              at: now,
              action: "report.contact",
              subject: `report:${id}`,
              purpose: reason,
            },
          ]),
        input,
      );
      return { contact: input.open(sealed, contactOwner(id)) };
    },
  });
}

/** Of a report whose case the viewer sees. */
async function sealedContact(
  { db }: ReportsInput,
  id: string,
  viewer: Viewer,
): Promise<string | null> {
  const row = await db
    .selectFrom("report")
    .select(["contact", "event_id"])
    .where("id", "=", id)
    .executeTakeFirst();
  if (row !== undefined && !isEverything(viewer)) {
    const found = await findCase(db, row.event_id);
    await requireCaseInScope(db, found?.id ?? id, viewer);
  }
  return row?.contact ?? null;
}

function addKeys(app: FastifyInstance, input: ReportsInput): void {
  app.route({
    method: "POST",
    url: "/v1/responders/:id/key",
    schema: {
      summary: "Give a grid worker a key to report with",
      description: "Shown this once. The responder's earlier key ends.",
      tags: ["console"],
      params: responderParams,
      response: { 200: keySchema, default: problemSchema },
    },
    config: { permission: "people.keys" },
    handler: async (request) => {
      const { id } = request.params as z.infer<typeof responderParams>;
      return { responder: id, key: await issueKey(input, id, actorOf(request)) };
    },
  });
  app.route({
    method: "DELETE",
    url: "/v1/responders/:id/key",
    schema: {
      summary: "End a grid worker's key",
      tags: ["console"],
      params: responderParams,
      response: { 200: goneSchema, default: problemSchema },
    },
    config: { permission: "people.keys" },
    handler: async (request) => {
      const { id } = request.params as z.infer<typeof responderParams>;
      await revokeKey(input, id, actorOf(request));
      return { responder: id };
    },
  });
}
