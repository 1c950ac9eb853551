/** Deliveries to departments as the control room lists and repeats them. */
import { z } from "zod";
import { departmentCodeSchema } from "./catalogue/index.ts";
import { caseIdSchema, deliveryIdSchema } from "./ids.ts";
import { timestampSchema } from "./time.ts";
import { deliveryStateSchema } from "./views.ts";

export const deliveryItemSchema = z
  .object({
    id: deliveryIdSchema,
    caseId: caseIdSchema,
    caseNumber: z.string(),
    department: departmentCodeSchema,
    state: deliveryStateSchema,
    attempts: z.number().int(),
    /** How often an operator had it sent again. */
    replays: z.number().int(),
    createdAt: timestampSchema,
    deliveredAt: timestampSchema.nullable(),
    nextAttemptAt: timestampSchema.nullable(),
    lastError: z.string().nullable(),
  })
  .strict();
export type DeliveryItem = z.infer<typeof deliveryItemSchema>;

export const deliveryListSchema = z.object({ items: z.array(deliveryItemSchema) }).strict();
export type DeliveryList = z.infer<typeof deliveryListSchema>;

/** What to send again; the `webhook-id` stays, so a department that has it does nothing twice. */
export const replaySchema = z
  .object({
    /** `one` by ids, `range` by the time of writing, `missing` whatever is dead. */
    what: z.discriminatedUnion("kind", [
      z
        .object({ kind: z.literal("one"), ids: z.array(deliveryIdSchema).min(1).max(1000) })
        .strict(),
      z
        .object({
          kind: z.literal("range"),
          department: departmentCodeSchema,
          from: timestampSchema,
          to: timestampSchema,
        })
        .strict(),
      z
        .object({ kind: z.literal("missing"), department: departmentCodeSchema.optional() })
        .strict(),
    ]),
    reason: z.string().min(1).max(200),
    /** Only tells what would be sent. */
    dryRun: z.boolean().default(false),
  })
  .strict();
export type Replay = z.infer<typeof replaySchema>;

export const replayAnswerSchema = z
  .object({
    /** Deliveries that are, or would be, sent again; those under way are left alone. */
    count: z.number().int(),
    /** The first of them. */
    ids: z.array(z.string()),
    dryRun: z.boolean(),
  })
  .strict();
export type ReplayAnswer = z.infer<typeof replayAnswerSchema>;
