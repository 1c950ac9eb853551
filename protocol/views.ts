/** What the brain shows to the control room: answers of the read API and messages of its stream. */
import { z } from "zod";
import {
  departmentCodeSchema,
  eventTypeCodeSchema,
  lineCodeSchema,
  serviceLevelSchema,
  severitySchema,
} from "./catalogue/index.ts";
import { caseStateSchema, taskRoleSchema, taskStateSchema } from "./case.ts";
import {
  detectionSchema,
  evidenceRefSchema,
  locationSchema,
  phaseSchema,
  privacySchema,
} from "./event.ts";
import { afterPictureSchema, caseHoldSchema, pictureStateSchema } from "./evidence.ts";
import {
  caseIdSchema,
  deliveryIdSchema,
  eventIdSchema,
  incidentIdSchema,
  sha256Schema,
  taskIdSchema,
} from "./ids.ts";
import { cameraReportSchema } from "./intake.ts";
import { timestampSchema } from "./time.ts";

const titleSchema = z.object({ zh: z.string(), en: z.string() });

/** One clock of a case. It runs until `stoppedAt`; it has not begun while `startedAt` is null. */
export const clockViewSchema = z.object({
  startedAt: timestampSchema.nullable(),
  dueAt: timestampSchema.nullable(),
  stoppedAt: timestampSchema.nullable(),
  limitMs: z.number().int().positive(),
});
export type ClockView = z.infer<typeof clockViewSchema>;

export const snapshotViewSchema = z.object({
  sha256: sha256Schema,
  url: z.string(),
  width: z.number().int(),
  height: z.number().int(),
  /** False while the node has announced the picture and not yet delivered it, or it is gone. */
  available: z.boolean(),
  /** Deleted by retention, or its bytes are missing or wrong. */
  gone: z.object({ why: z.enum(["deleted", "damaged"]), at: timestampSchema }).optional(),
});

export const caseSummarySchema = z.object({
  id: caseIdSchema,
  incidentId: incidentIdSchema,
  /** Human number, `YYYYMMDD-000001`, per local day of the brain. */
  number: z.string(),
  eventType: eventTypeCodeSchema,
  title: titleSchema,
  line: lineCodeSchema,
  severity: severitySchema,
  serviceLevel: serviceLevelSchema,
  state: caseStateSchema,
  /** Rises with every change; a view with a lower version is stale. */
  version: z.number().int().positive(),
  lead: departmentCodeSchema,
  camera: z.object({ id: z.string(), name: z.string(), nodeId: z.string() }),
  location: locationSchema,
  onset: timestampSchema,
  reportedAt: timestampSchema,
  updatedAt: timestampSchema,
  /** Phase of the newest event of the alarm. */
  phase: phaseSchema,
  eventCount: z.number().int().positive(),
  clocks: z.object({
    report: clockViewSchema,
    dispatch: clockViewSchema,
    contain: clockViewSchema,
  }),
  snapshot: snapshotViewSchema.nullable(),
});
export type CaseSummary = z.infer<typeof caseSummarySchema>;

export const timelineKindSchema = z.enum([
  "reported",
  "updated",
  "ended",
  "cancelled",
  "evidence",
  "filed",
  "delivered",
  "delivery-failed",
  "dispatched",
  "accepted",
  "returned",
  // The closed loop, in its order.
  "verifying",
  "rejected",
  "merged",
  "sent",
  "ruled",
  "handling",
  "contained",
  "handled",
  "suspension-asked",
  "suspension-refused",
  "suspended",
  "resumed",
  "checking",
  "check-passed",
  "rework",
  "closed",
  "evaluated",
  "reopened",
  "split",
  "noted",
  "void-asked",
  "voided",
  "archived",
  // Clocks and supervision.
  "warned",
  "breached",
  "alarmed",
  "escalated",
  "supervised",
  // The whistle.
  "whistle-blown",
  "whistle-summoned",
  "whistle-answered",
  "whistle-arrived",
  "whistle-consulted",
  "whistle-measure",
  "whistle-feedback",
  "whistle-waived",
  "whistle-late",
  "whistle-done",
  "whistle-called-off",
  "whistle-rated",
]);
export type TimelineKind = z.infer<typeof timelineKindSchema>;

export const timelineItemSchema = z.object({
  id: z.string(),
  at: timestampSchema,
  kind: timelineKindSchema,
  /** `node:<id>`, `department:<code>` or `system`. */
  actor: z.string(),
  /** Small facts for the sentence: department, status code, reference, reason … */
  facts: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
});
export type TimelineItem = z.infer<typeof timelineItemSchema>;

export const attemptViewSchema = z.object({
  number: z.number().int().positive(),
  at: timestampSchema,
  durationMs: z.number().nonnegative(),
  /** HTTP status, or null where no answer came. */
  status: z.number().int().nullable(),
  /** Why it failed, in words; null for a success. */
  error: z.string().nullable(),
});

export const deliveryStateSchema = z.enum(["PENDING", "IN_FLIGHT", "DELIVERED", "DEAD"]);
export type DeliveryState = z.infer<typeof deliveryStateSchema>;

export const deliveryViewSchema = z.object({
  id: deliveryIdSchema,
  department: departmentCodeSchema,
  /** Endpoint address without credentials or query. */
  url: z.string(),
  state: deliveryStateSchema,
  nextAttemptAt: timestampSchema.nullable(),
  deliveredAt: timestampSchema.nullable(),
  attempts: z.array(attemptViewSchema),
});
export type DeliveryView = z.infer<typeof deliveryViewSchema>;

export const taskViewSchema = z.object({
  id: taskIdSchema,
  department: departmentCodeSchema,
  role: taskRoleSchema,
  state: taskStateSchema,
  acceptedAt: timestampSchema.nullable(),
  reference: z.string().nullable(),
  reason: z.string().nullable(),
});

/** A picture or clip that the events of a case announced; its name is its checksum. */
export const caseEvidenceSchema = z.object({
  sha256: sha256Schema,
  role: evidenceRefSchema.shape.role,
  mime: z.string(),
  bytes: z.number().int().nonnegative(),
  /** `stored`: the bytes had their checksum when they came; `damaged`: they have it no more. */
  state: pictureStateSchema,
  capturedAt: timestampSchema,
  storedAt: timestampSchema.nullable(),
  /** Since when it is damaged or deleted. */
  goneAt: timestampSchema.nullable(),
  nodeId: z.string(),
  url: z.string(),
});
export type CaseEvidence = z.infer<typeof caseEvidenceSchema>;

export const caseDetailSchema = caseSummarySchema.extend({
  timeline: z.array(timelineItemSchema),
  tasks: z.array(taskViewSchema),
  deliveries: z.array(deliveryViewSchema),
  events: z.array(
    z.object({
      id: eventIdSchema,
      /** `node/camera`; numbers rise from event to event of one camera. */
      camera: z.string(),
      phase: phaseSchema,
      sequence: z.string(),
      capturedAt: timestampSchema,
      acceptedAt: timestampSchema,
    }),
  ),
  evidence: z.array(caseEvidenceSchema),
  detection: detectionSchema.nullable(),
  privacy: privacySchema,
  /** What people sent to show the work, oldest first. */
  afterPictures: z.array(afterPictureSchema).default([]),
  /** Kept from retention until then. */
  hold: caseHoldSchema.nullable().default(null),
});
export type CaseDetail = z.infer<typeof caseDetailSchema>;

/** Answer of `GET /v1/cases?limit=&before=&state=`, newest first. */
export const caseListSchema = z.object({
  items: z.array(caseSummarySchema),
  /** Pass as `before` for the next page; null on the last one. */
  next: z.string().nullable(),
  /** Position in the stream that this list includes: open the stream after it. */
  streamPosition: z.string(),
  /** Cases in each state. */
  counts: z.record(z.string(), z.number().int()),
  asOf: timestampSchema,
});
export type CaseList = z.infer<typeof caseListSchema>;

export const nodeHealthSchema = z.object({
  id: z.string(),
  /** `up` while heartbeats come, `late` after 15 s without one. */
  state: z.enum(["up", "late", "never"]),
  seenAt: timestampSchema.nullable(),
  /** Node clock minus brain clock, ms. */
  skewMs: z.number().nullable(),
  model: z.string().nullable(),
  provider: z.string().nullable(),
  outboxDepth: z.number().int().nullable(),
  cameras: z.array(cameraReportSchema),
});

export const endpointHealthSchema = z.object({
  department: departmentCodeSchema,
  url: z.string(),
  state: z.enum(["healthy", "failing", "idle"]),
  pending: z.number().int().nonnegative(),
  lastSuccessAt: timestampSchema.nullable(),
  lastError: z.string().nullable(),
});

/** Answer of `GET /v1/health`, and the stream's `health` message. */
export const healthViewSchema = z.object({
  status: z.enum(["ok", "degraded"]),
  at: timestampSchema,
  version: z.string(),
  nodes: z.array(nodeHealthSchema),
  endpoints: z.array(endpointHealthSchema),
  /** Events accepted and not yet worked into a case. */
  inboxDepth: z.number().int().nonnegative(),
});
export type HealthView = z.infer<typeof healthViewSchema>;

/**
 * Server-sent events of `GET /v1/stream?after=<position>` (or the `Last-Event-ID` header):
 * `event: case` with a summary and `id:` = position, `event: health`, and `event: tick` with the
 * brain's time every two seconds, so that silence can be told from quiet.
 */
export const streamTickSchema = z.object({ at: timestampSchema, position: z.string() });
