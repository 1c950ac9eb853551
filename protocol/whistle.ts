/**
 * The whistle: a convening of several departments for one case. Each party answers, reports in on
 * the site, takes its measure and feeds back; both sides rate each other at the end.
 */
import { z } from "zod";
import {
  caseStateSchema,
  escalationLevelSchema,
  serviceClockSchema,
  supervisionLightSchema,
  timeBaseSchema,
} from "./case.ts";
import { departmentCodeSchema } from "./catalogue/index.ts";
import { actionOfferSchema, actorSchema, wordsSchema } from "./command.ts";
import { caseIdSchema } from "./ids.ts";
import { timestampSchema } from "./time.ts";

export const whistleIdSchema = z.uuid().brand<"WhistleId">();
export type WhistleId = z.infer<typeof whistleIdSchema>;

/** An emergency, joint enforcement, or key work that the street cannot do alone. */
export const whistleKindSchema = z.enum(["emergency", "joint-enforcement", "key-work"]);
export type WhistleKind = z.infer<typeof whistleKindSchema>;

export const whistleStateSchema = z.enum([
  "BLOWN",
  "ANSWERED",
  "ARRIVED",
  "CONSULTED",
  "ASSIGNED",
  "DONE",
  "RATED",
  "CALLED_OFF",
]);
export type WhistleState = z.infer<typeof whistleStateSchema>;

export const WHISTLE_MOVES: Readonly<Record<WhistleState, readonly WhistleState[]>> = {
  BLOWN: ["ANSWERED", "CALLED_OFF"],
  ANSWERED: ["ARRIVED", "CALLED_OFF"],
  ARRIVED: ["CONSULTED", "CALLED_OFF"],
  CONSULTED: ["ASSIGNED", "CALLED_OFF"],
  ASSIGNED: ["DONE", "CALLED_OFF"],
  DONE: ["RATED"],
  RATED: [],
  CALLED_OFF: [],
};

const department = departmentCodeSchema;
const reason = wordsSchema(500);
const score = z.number().int().min(1).max(5);

/** How a party proves that it is there. A code is shown on the site and signed by the brain. */
export const checkInProofSchema = z.discriminatedUnion("by", [
  z
    .object({
      by: z.literal("place"),
      lat: z.number().min(-90).max(90),
      lon: z.number().min(-180).max(180),
      accuracyM: z.number().nonnegative().max(10_000).default(0),
    })
    .strict(),
  z.object({ by: z.literal("code"), code: z.string().min(1).max(200) }).strict(),
  /** Somebody else who is there, or the control room, vouches for the party. */
  z.object({ by: z.literal("attestation"), note: wordsSchema(200) }).strict(),
]);
export type CheckInProof = z.infer<typeof checkInProofSchema>;

export const partyCallSchema = z.object({ department, required: z.boolean() }).strict();
export type PartyCall = z.infer<typeof partyCallSchema>;
/** Most departments of one whistle. */
export const MAX_PARTIES = 15;
const partyCallsSchema = z
  .array(partyCallSchema)
  .min(1)
  .max(MAX_PARTIES)
  .refine((parties) => new Set(parties.map((one) => one.department)).size === parties.length, {
    error: "expected each department once",
  });

export const whistleCommandSchema = z.discriminatedUnion("kind", [
  z
    .object({ kind: z.literal("answer"), department, coming: z.boolean(), note: reason.optional() })
    .strict()
    .refine((answer) => answer.coming || answer.note !== undefined, {
      path: ["note"],
      error: "expected a reason for not coming",
    }),
  z.object({ kind: z.literal("check-in"), department, proof: checkInProofSchema }).strict(),
  z.object({ kind: z.literal("consult"), opinion: wordsSchema(2_000) }).strict(),
  z.object({ kind: z.literal("take"), department, measure: wordsSchema(1_000) }).strict(),
  z.object({ kind: z.literal("feed-back"), department, result: wordsSchema(1_000) }).strict(),
  z.object({ kind: z.literal("waive"), department, reason }).strict(),
  z.object({ kind: z.literal("call-off"), reason }).strict(),
  /** Calls further departments to a whistle that is under way; their time starts now. */
  z.object({ kind: z.literal("summon"), parties: partyCallsSchema, reason }).strict(),
  /** The initiator rates a party, or a party rates the whistle. */
  z
    .object({
      kind: z.literal("rate"),
      department,
      direction: z.enum(["of-party", "by-party"]),
      score,
      note: reason.optional(),
    })
    .strict(),
]);
export type WhistleCommand = z.infer<typeof whistleCommandSchema>;
export type WhistleCommandKind = WhistleCommand["kind"];

const asSchema = actorSchema
  .omit({ department: true })
  .extend({ department: departmentCodeSchema.optional() })
  .optional();

/** Body of `POST /v1/whistles`. */
export const blowWhistleSchema = z
  .object({
    caseId: caseIdSchema,
    expectedVersion: z.number().int().positive(),
    whistle: z
      .object({
        kind: whistleKindSchema,
        subject: wordsSchema(500),
        parties: partyCallsSchema,
        /** How near to the site a place counts as being there, m. */
        radiusM: z.number().positive().max(5_000).default(300),
      })
      .strict()
      .refine(({ parties }) => parties.some(({ required }) => required), {
        path: ["parties"],
        error: "expected at least one required party",
      }),
    as: asSchema,
  })
  .strict();
export type BlowWhistle = z.infer<typeof blowWhistleSchema>;

/** Body of `POST /v1/whistles/{id}/commands`. */
export const whistleCommandRequestSchema = z
  .object({
    /** Absent: whatever the version; parties act beside each other. */
    expectedVersion: z.number().int().positive().optional(),
    command: whistleCommandSchema,
    as: asSchema,
  })
  .strict();
export type WhistleCommandRequest = z.infer<typeof whistleCommandRequestSchema>;

export const partyViewSchema = z.object({
  department,
  required: z.boolean(),
  /** When it was called, and until when it must have reported in. */
  calledAt: timestampSchema,
  dueAt: timestampSchema,
  answeredAt: timestampSchema.nullable(),
  coming: z.boolean().nullable(),
  checkedInAt: timestampSchema.nullable(),
  checkedInBy: z.enum(["place", "code", "attestation"]).nullable(),
  distanceM: z.number().nullable(),
  measure: z.string().nullable(),
  result: z.string().nullable(),
  waived: z.object({ by: z.string(), reason: z.string(), at: timestampSchema }).nullable(),
  /** Not there at the deadline. */
  late: z.boolean(),
  ratingOf: score.nullable(),
  ratingBy: score.nullable(),
});
export type PartyView = z.infer<typeof partyViewSchema>;

export const whistleViewSchema = z.object({
  id: whistleIdSchema,
  caseId: caseIdSchema,
  kind: whistleKindSchema,
  state: whistleStateSchema,
  version: z.number().int().positive(),
  subject: z.string(),
  blownAt: timestampSchema,
  blownBy: z.string(),
  dueAt: timestampSchema,
  opinion: z.string().nullable(),
  /** Required parties that have neither fed back nor been waived: they keep the case open. */
  unmet: z.array(department),
  parties: z.array(partyViewSchema),
});
export type WhistleView = z.infer<typeof whistleViewSchema>;

export const whistleAnswerSchema = z.object({
  whistle: whistleViewSchema,
  repeated: z.boolean(),
});
export type WhistleAnswer = z.infer<typeof whistleAnswerSchema>;

/** Body of `POST /v1/whistles/{id}/party-commands`, signed by the department's endpoint. */
export const partyCommandSchema = z
  .object({ command: whistleCommandSchema, unit: wordsSchema(80).optional() })
  .strict();
export type PartyCommand = z.infer<typeof partyCommandSchema>;

/** Answer of `GET /v1/cases/{id}/work`. */
export const caseWorkViewSchema = z.object({
  caseId: caseIdSchema,
  state: caseStateSchema,
  version: z.number().int().positive(),
  level: escalationLevelSchema,
  light: supervisionLightSchema,
  /** 1, and one more for each reopening. */
  round: z.number().int().positive(),
  standard: z.string().nullable(),
  clocks: z.array(
    z.object({
      clock: serviceClockSchema,
      base: timeBaseSchema,
      limitMs: z.number().int().positive(),
      startedAt: timestampSchema,
      stoppedAt: timestampSchema.nullable(),
      /** Null while it stands or has stopped. */
      dueAt: timestampSchema.nullable(),
      /** Counted time without pauses. */
      elapsedMs: z.number().nonnegative(),
      paused: z.boolean(),
    }),
  ),
  returns: z.array(z.object({ department: z.string(), reason: z.string(), at: timestampSchema })),
  ruled: z.boolean(),
  suspension: z.object({ reason: z.string(), until: timestampSchema }).nullable(),
  reworks: z.number().int().nonnegative(),
  cancelAskedBy: z.string().nullable(),
  whistles: z.array(whistleViewSchema),
  /** Departments that the town's routing puts beside the lead, for a dispatch to propose. */
  routedCo: z.array(z.string()),
  /** What this viewer may do next, as the machine would take it now. */
  actions: z.array(actionOfferSchema),
});
export type CaseWorkView = z.infer<typeof caseWorkViewSchema>;
