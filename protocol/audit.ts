/** The audit as the control room sees it. */
import { z } from "zod";
import { timestampSchema } from "./time.ts";

export const auditItemSchema = z
  .object({
    id: z.string(),
    at: timestampSchema,
    /** `operator:<id>`, `department:<code>`, `node:<id>` or `system`. */
    actor: z.string(),
    action: z.string(),
    subject: z.string(),
    outcome: z.enum(["done", "refused"]),
    /** Why it was allowed, where a reason is asked for. */
    purpose: z.string().nullable(),
    address: z.string().nullable(),
    facts: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
    /** Of its seal in the chain; null for about a second after it was written. */
    number: z.number().int().nullable(),
  })
  .strict();
export const auditPageSchema = z.object({ items: z.array(auditItemSchema) }).strict();
export type AuditPage = z.infer<typeof auditPageSchema>;

export const auditReportSchema = z
  .object({
    ok: z.boolean(),
    rows: z.number().int(),
    head: z.object({ number: z.number().int(), hash: z.string() }).strict(),
    waiting: z.number().int(),
    findings: z.array(
      z
        .object({
          number: z.number().int(),
          problem: z.enum([
            "row-changed",
            "row-missing",
            "seal-missing",
            "head-differs",
            "unsealed-row",
          ]),
          auditId: z.string().optional(),
        })
        .strict(),
    ),
  })
  .strict();
