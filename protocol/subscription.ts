/**
 * Subscribers hear of every change of a case as CloudEvents 1.0 in batches over HTTP, signed to the
 * Standard Webhooks specification. They are told, not asked: an answer of 2xx says "received".
 */
import { z } from "zod";
import {
  departmentCodeSchema,
  eventTypeCodeSchema,
  lineCodeSchema,
  serviceLevelSchema,
  severitySchema,
} from "./catalogue/index.ts";
import { caseStateSchema } from "./case.ts";
import { locationSchema } from "./event.ts";
import { timestampSchema } from "./time.ts";

export const CASE_CHANGED_TYPE = "cn.sharpeyes.case.changed.v1";
export const CLOUDEVENTS_BATCH_CONTENT_TYPE = "application/cloudevents-batch+json";

/** The case as it is when the message is written; no pictures and no camera's name. */
export const caseChangedSchema = z
  .object({
    specversion: z.literal("1.0"),
    /** `<case id>.<version>`: the same change always has the same id. */
    id: z.string(),
    source: z.literal("urn:sesb:brain"),
    type: z.literal(CASE_CHANGED_TYPE),
    subject: z.string(),
    time: timestampSchema,
    datacontenttype: z.literal("application/json"),
    dataclassification: z.literal("internal"),
    data: z
      .object({
        caseId: z.string(),
        incidentId: z.string(),
        number: z.string(),
        version: z.number().int(),
        state: caseStateSchema,
        eventType: eventTypeCodeSchema,
        title: z.object({ zh: z.string(), en: z.string() }),
        line: lineCodeSchema,
        severity: severitySchema,
        serviceLevel: serviceLevelSchema,
        lead: departmentCodeSchema,
        location: locationSchema,
        onset: timestampSchema,
        reportedAt: timestampSchema,
        dispatchedAt: timestampSchema.nullable(),
      })
      .strict(),
  })
  .strict();
export type CaseChanged = z.infer<typeof caseChangedSchema>;

export const newSubscriptionSchema = z
  .object({
    name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, "expected a-z, 0-9 and -"),
    url: z.url({ protocol: /^https?$/ }),
    /** Only cases of these event types; empty: all. */
    eventTypes: z.array(eventTypeCodeSchema).max(100).default([]),
  })
  .strict();
export type NewSubscription = z.infer<typeof newSubscriptionSchema>;

export const subscriptionViewSchema = z
  .object({
    name: z.string(),
    /** `mqtt`: the broker of the configuration, which no page adds or removes. */
    transport: z.enum(["webhook", "mqtt"]),
    url: z.string(),
    eventTypes: z.array(z.string()),
    /** Changes it has not been told of yet. */
    behind: z.number().int(),
    failures: z.number().int(),
    lastSuccessAt: timestampSchema.nullable(),
    lastError: z.string().nullable(),
  })
  .strict();
export type SubscriptionView = z.infer<typeof subscriptionViewSchema>;

/** The secret is shown this once. */
export const subscriptionCreatedSchema = z
  .object({ name: z.string(), secret: z.string() })
  .strict();
