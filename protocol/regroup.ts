/** What an operator decides about which alarms are one happening: merging and splitting. */
import { z } from "zod";
import { caseStateSchema } from "./case.ts";
import { eventTypeCodeSchema } from "./catalogue/index.ts";
import { wordsSchema } from "./command.ts";
import { phaseSchema } from "./event.ts";
import { caseIdSchema, incidentIdSchema } from "./ids.ts";
import { timestampSchema } from "./time.ts";

const reason = wordsSchema(500);
/** Version of a case that the sender has seen; a decision after it is answered 409. */
const seenVersion = z.number().int().positive();

/** Most alarms that one split takes out of an incident. */
export const MAX_SPLIT_ALARMS = 200;

/** Body of `POST /v1/incidents/{id}/merge`: `into` keeps the other incident, `with` keeps this. */
export const mergeIncidentsSchema = z
  .object({
    into: incidentIdSchema.optional(),
    with: incidentIdSchema.optional(),
    reason,
    /** Of this incident's case. */
    expectedVersion: seenVersion,
    /** Of the other incident's case. */
    otherVersion: seenVersion,
  })
  .strict()
  .refine((merge) => (merge.into === undefined) !== (merge.with === undefined), {
    path: ["into"],
    error: "expected either into or with",
  });
export type MergeIncidents = z.infer<typeof mergeIncidentsSchema>;

/** Body of `POST /v1/incidents/{id}/split`. */
export const splitIncidentSchema = z
  .object({
    /** Keys as `GET /v1/incidents/{id}` names them; some of the alarms, not all. */
    alarms: z.array(z.string().min(1).max(200)).min(1).max(MAX_SPLIT_ALARMS),
    reason,
    expectedVersion: seenVersion,
  })
  .strict();
export type SplitIncident = z.infer<typeof splitIncidentSchema>;

const regroupedCaseSchema = z.object({
  id: caseIdSchema,
  number: z.string(),
  state: caseStateSchema,
  version: z.number().int().positive(),
});

/** Answer of both. */
export const regroupAnswerSchema = z.object({
  /** The incident that is left of a merge, or that is new after a split. */
  incidentId: incidentIdSchema,
  /** Its case; null where nothing in it asks for anybody. */
  case: regroupedCaseSchema.nullable(),
  /** What stands now of the case that was asked about. */
  own: regroupedCaseSchema,
  /** True when this command had been carried out before. */
  repeated: z.boolean(),
});
export type RegroupAnswer = z.infer<typeof regroupAnswerSchema>;

export const incidentAlarmSchema = z.object({
  key: z.string(),
  camera: z.object({ nodeId: z.string(), id: z.string(), name: z.string() }),
  eventType: eventTypeCodeSchema,
  phase: phaseSchema,
  firstAt: timestampSchema,
  lastAt: timestampSchema,
  events: z.number().int().nonnegative(),
  /** Why its first event is here, in the brain's words; null where it is not known. */
  link: z.string().nullable(),
});
export type IncidentAlarm = z.infer<typeof incidentAlarmSchema>;

export const nearCaseSchema = regroupedCaseSchema.extend({
  incidentId: incidentIdSchema,
  title: z.object({ zh: z.string(), en: z.string() }),
  eventType: eventTypeCodeSchema,
  camera: z.object({ id: z.string(), name: z.string() }),
  reportedAt: timestampSchema,
  /** Between the two cases, m. */
  distanceM: z.number().nonnegative(),
});
export type NearCase = z.infer<typeof nearCaseSchema>;

/** Answer of `GET /v1/incidents/{id}`. */
export const incidentViewSchema = z.object({
  id: incidentIdSchema,
  caseId: caseIdSchema,
  alarms: z.array(incidentAlarmSchema),
});
export type IncidentView = z.infer<typeof incidentViewSchema>;

/** Answer of `GET /v1/incidents/{id}/near?number=`: open cases that it may be one with. */
export const nearCasesSchema = z.object({ items: z.array(nearCaseSchema) });
export type NearCases = z.infer<typeof nearCasesSchema>;
