/** `/v1/audit`: what was done, seen and decided, and whether the record is whole. */
import type { FastifyInstance } from "fastify";
import type { Kysely } from "kysely";
import { z } from "zod";
import {
  type AuditPage,
  auditPageSchema,
  auditReportSchema,
  formatTime,
  problemSchema,
} from "../../protocol/index.ts";
import { verifyAudit } from "../audit/index.ts";
import type { Schema } from "../store/index.ts";

const headQuerySchema = z
  .object({
    /** Of a head noted earlier. */
    number: z.coerce.number().int().positive().optional(),
    hash: z
      .string()
      .regex(/^[0-9a-f]{64}$/, "expected 64 lower-case hex digits")
      .optional(),
  })
  .strict();

const listQuerySchema = z
  .object({
    subject: z.string().max(200).optional(),
    actor: z.string().max(200).optional(),
    /** Rows before this id, newest first. */
    before: z.uuid().optional(),
    limit: z.coerce.number().int().min(1).max(500).default(100),
  })
  .strict();

export interface AuditRouteInput {
  readonly db: Kysely<Schema>;
}

export function auditRoutes({ db }: AuditRouteInput): (app: FastifyInstance) => void {
  return (app) => {
    app.route({
      method: "GET",
      url: "/v1/audit",
      schema: {
        summary: "Who did, saw or decided what, newest first",
        tags: ["audit"],
        querystring: listQuerySchema,
        response: { 200: auditPageSchema, default: problemSchema },
      },
      config: { permission: "audit.view" },
      handler: (request) => readPage(db, request.query as z.infer<typeof listQuerySchema>),
    });
    app.route({
      method: "GET",
      url: "/v1/audit/verification",
      schema: {
        summary: "Reads the whole chain and tells every edit, removal and insertion",
        tags: ["audit"],
        querystring: headQuerySchema,
        response: { 200: auditReportSchema, default: problemSchema },
      },
      config: { permission: "audit.view" },
      handler: (request) => {
        const { number, hash } = request.query as z.infer<typeof headQuerySchema>;
        return verifyAudit(
          db,
          number === undefined || hash === undefined ? undefined : { number, hash },
        );
      },
    });
  };
}

async function readPage(
  db: Kysely<Schema>,
  { subject, actor, before, limit }: z.infer<typeof listQuerySchema>,
): Promise<AuditPage> {
  let query = db
    .selectFrom("audit")
    .leftJoin("audit_seal", "audit_seal.audit_id", "audit.id")
    .selectAll("audit")
    .select("audit_seal.number")
    .orderBy("audit.id", "desc")
    .limit(limit);
  if (subject !== undefined) {
    query = query.where("subject", "=", subject);
  }
  if (actor !== undefined) {
    query = query.where("actor", "=", actor);
  }
  if (before !== undefined) {
    query = query.where("audit.id", "<", before);
  }
  const rows = await query.execute();
  return { items: rows.map((row) => ({ ...row, at: formatTime(row.at.getTime()) })) };
}
