/**
 * The department webhook and its acknowledgement. Requests are signed to the Standard Webhooks
 * specification: `webhook-id` stays the same over all attempts, so a department that has seen the
 * id has done the work. A 2xx answer says "delivered"; only the acknowledgement says "accepted".
 */
import { z } from "zod";
import {
  departmentCodeSchema,
  eventTypeCodeSchema,
  lineCodeSchema,
  serviceLevelSchema,
  severitySchema,
} from "./catalogue/index.ts";
import { locationSchema } from "./event.ts";
import { caseIdSchema, deliveryIdSchema, sha256Schema, taskIdSchema } from "./ids.ts";
import { taskRoleSchema } from "./case.ts";
import { timestampSchema } from "./time.ts";
import { whistleIdSchema, whistleKindSchema } from "./whistle.ts";

/** Most bytes of a webhook's body, as the specification recommends. */
export const WEBHOOK_BYTES = 20_480;

export const taskWebhookSchema = z
  .object({
    type: z.literal("task.dispatched"),
    /** Version of this payload; fields are only ever added within a version. */
    version: z.literal(1),
    /** When the brain wrote the dispatch. */
    timestamp: timestampSchema,
    data: z
      .object({
        taskId: taskIdSchema,
        caseId: caseIdSchema,
        caseNumber: z.string(),
        department: departmentCodeSchema,
        role: taskRoleSchema,
        eventType: eventTypeCodeSchema,
        /** Disposal unit that the town's routing means for the work; of the lead's task. */
        unit: z.string().optional(),
        title: z.object({ zh: z.string(), en: z.string() }),
        line: lineCodeSchema,
        severity: severitySchema,
        serviceLevel: serviceLevelSchema,
        onset: timestampSchema,
        captureTime: timestampSchema,
        reportedAt: timestampSchema,
        /** When the hazard must be contained. */
        containBy: timestampSchema,
        location: locationSchema,
        camera: z.object({ id: z.string(), name: z.string() }),
        /** Pictures stay in the brain; these name them. They may arrive after this message. */
        evidence: z.array(z.object({ sha256: sha256Schema, mime: z.string(), url: z.string() })),
        /** Where to send the acknowledgement. */
        acknowledgeUrl: z.string(),
        /** Present when the department is called to the site with others. */
        whistle: z
          .object({
            id: whistleIdSchema,
            kind: whistleKindSchema,
            subject: z.string(),
            required: z.boolean(),
            reportInBy: timestampSchema,
          })
          .strict()
          .optional(),
      })
      .strict(),
  })
  .strict();
export type TaskWebhook = z.infer<typeof taskWebhookSchema>;

/**
 * Why a task is not the department's any more: another department leads, the case is cancelled,
 * rejected or one with another, or it was closed before the department had answered.
 */
export const taskCancelCauseSchema = z.enum([
  "reassigned",
  "case-cancelled",
  "case-merged",
  "case-rejected",
  "case-closed",
]);
export type TaskCancelCause = z.infer<typeof taskCancelCauseSchema>;

/** Comes after the task's dispatch, in the order of the task's messages. Nobody need answer it. */
export const taskCancelledSchema = z
  .object({
    type: z.literal("task.cancelled"),
    version: z.literal(1),
    /** When the brain withdrew the task. */
    timestamp: timestampSchema,
    data: z
      .object({
        taskId: taskIdSchema,
        caseId: caseIdSchema,
        caseNumber: z.string(),
        department: departmentCodeSchema,
        cause: taskCancelCauseSchema,
        /** In words, for people. */
        reason: z.string(),
        /** The case that goes on with it, of a merge. */
        mergedInto: z.object({ caseId: caseIdSchema, caseNumber: z.string() }).strict().optional(),
      })
      .strict(),
  })
  .strict();
export type TaskCancelled = z.infer<typeof taskCancelledSchema>;

/** Whatever a department's address receives. */
export const departmentMessageSchema = z.discriminatedUnion("type", [
  taskWebhookSchema,
  taskCancelledSchema,
]);
export type DepartmentMessage = z.infer<typeof departmentMessageSchema>;

/** Body of `POST /v1/tasks/{taskId}/acknowledgement`, signed with the endpoint's secret. */
export const acknowledgementSchema = z
  .object({
    deliveryId: deliveryIdSchema,
    decision: z.enum(["accepted", "returned"]),
    /** The department's own reference of the work. */
    reference: z.string().max(80).optional(),
    /** Who answers: a duty desk or a unit, not a person's name. */
    unit: z.string().max(80).optional(),
    /** Mandatory when the task is returned. */
    reason: z.string().min(1).max(500).optional(),
    at: timestampSchema,
  })
  .strict()
  .refine((ack) => ack.decision === "accepted" || ack.reason !== undefined, {
    path: ["reason"],
    error: "expected a reason for returning a task",
  });
export type Acknowledgement = z.infer<typeof acknowledgementSchema>;

export const acknowledgementAnswerSchema = z.object({
  taskId: taskIdSchema,
  state: z.enum(["ACCEPTED", "RETURNED"]),
  /** True when this acknowledgement had been recorded before. */
  repeated: z.boolean(),
});
