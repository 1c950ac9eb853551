/**
 * Commands to a case. Two axes are kept apart: supervision (officer, checker, supervisor) files,
 * checks and closes; command (dispatcher, departments) sends and handles. Whoever handled a case
 * can neither check nor close it.
 */
import { z } from "zod";
import { caseStateSchema, escalationLevelSchema, supervisionLightSchema } from "./case.ts";
import { departmentCodeSchema } from "./catalogue/index.ts";
import { caseIdSchema, sha256Schema } from "./ids.ts";
import { timestampSchema } from "./time.ts";

/**
 * officer: takes in, files and closes; checker: looks whether the work is done; dispatcher: sends;
 * supervisor: presses, approves pauses, reopens; hub: rules who must act; department: acts;
 * reporter: who reported; system: the brain itself.
 */
export const roleSchema = z.enum([
  "officer",
  "checker",
  "dispatcher",
  "supervisor",
  "hub",
  "department",
  "reporter",
  "system",
]);
export type Role = z.infer<typeof roleSchema>;

/** Who gives a command. `id` names a desk, a unit or an account, never a person by name. */
export const actorSchema = z
  .object({
    role: roleSchema,
    id: z.string().min(1).max(80),
    /** For whom a department's or the hub's hand acts; null elsewhere. */
    department: departmentCodeSchema.nullable(),
  })
  .strict();
export type Actor = z.infer<typeof actorSchema>;

/** JSON may hold NUL and lone surrogates; a database cannot keep them as text. */
const UNSTORABLE = /\u0000|\p{Surrogate}/u;
export const wordsSchema = (maxLength: number): z.ZodString =>
  z
    .string()
    .trim()
    .min(1)
    .max(maxLength)
    .refine((text) => !UNSTORABLE.test(text), "expected text without NUL and lone surrogates");

const reason = wordsSchema(500);
const note = wordsSchema(500).optional();
const pictures = z.array(sha256Schema).max(20);

/** Why a report is no case; feeds the measures of rules and models. */
export const rejectCodeSchema = z.enum([
  "false-alarm",
  "duplicate",
  "not-found",
  "out-of-area",
  "not-our-duty",
  "test",
]);
export type RejectCode = z.infer<typeof rejectCodeSchema>;

/** How a task reached a department whose system cannot be told. */
export const dispatchMeansSchema = z.enum(["system", "telephone", "radio", "in-person"]);
export type DispatchMeans = z.infer<typeof dispatchMeansSchema>;

/** A pause of the clocks has an end. */
export const MAX_SUSPENSION_MS = 90 * 86_400_000;

export const caseCommandSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("verify") }).strict(),
  z.object({ kind: z.literal("reject"), code: rejectCodeSchema, note }).strict(),
  z.object({ kind: z.literal("merge"), into: caseIdSchema, note }).strict(),
  /** `standard`: which filing standard applies. */
  z.object({ kind: z.literal("file"), standard: wordsSchema(80), note }).strict(),
  z
    .object({
      kind: z.literal("dispatch"),
      /** The routing's lead where absent. */
      lead: departmentCodeSchema.optional(),
      co: z.array(departmentCodeSchema).max(14).default([]),
      means: dispatchMeansSchema.default("system"),
      note,
    })
    .strict(),
  /** The hub names who must act; that one cannot return the case any more. */
  z.object({ kind: z.literal("rule"), lead: departmentCodeSchema, reason }).strict(),
  z.object({ kind: z.literal("accept"), note }).strict(),
  z.object({ kind: z.literal("return"), reason }).strict(),
  z.object({ kind: z.literal("start"), note }).strict(),
  z.object({ kind: z.literal("contain"), note }).strict(),
  /** After-pictures or a note say what was done. */
  z.object({ kind: z.literal("handle"), evidence: pictures.default([]), note }).strict(),
  z.object({ kind: z.literal("suspend"), reason, until: timestampSchema }).strict(),
  z.object({ kind: z.literal("approve-suspension"), note }).strict(),
  z.object({ kind: z.literal("refuse-suspension"), reason }).strict(),
  z.object({ kind: z.literal("resume"), note }).strict(),
  z.object({ kind: z.literal("check"), note }).strict(),
  z.object({ kind: z.literal("pass"), evidence: pictures.default([]), note }).strict(),
  z.object({ kind: z.literal("fail"), reason }).strict(),
  z.object({ kind: z.literal("close"), note }).strict(),
  z
    .object({
      kind: z.literal("evaluate"),
      /** Was there an answer, was it solved, how content is the reporter (5 is best)? */
      responded: z.boolean(),
      solved: z.boolean(),
      satisfaction: z.number().int().min(1).max(5),
      note,
    })
    .strict(),
  z.object({ kind: z.literal("reopen"), reason }).strict(),
  /** Takes two people of different roles: the first asks, the second does it. */
  z.object({ kind: z.literal("cancel"), reason }).strict(),
  z.object({ kind: z.literal("escalate"), reason }).strict(),
  z.object({ kind: z.literal("supervise"), light: supervisionLightSchema, reason }).strict(),
]);
export type CaseCommand = z.infer<typeof caseCommandSchema>;
export type CaseCommandKind = CaseCommand["kind"];

/**
 * Body of `POST /v1/cases/{id}/commands`. The header `idempotency-key` makes a repetition
 * harmless: the same key with the same body gets the first answer again.
 */
export const caseCommandRequestSchema = z
  .object({
    /** The version that the sender has seen; another one is answered 409 with the present one. */
    expectedVersion: z.number().int().positive(),
    command: caseCommandSchema,
    /** In which capacity an operator acts; a department's signature speaks for itself. */
    as: actorSchema
      .omit({ department: true })
      .extend({
        department: departmentCodeSchema.optional(),
      })
      .optional(),
  })
  .strict();
export type CaseCommandRequest = z.infer<typeof caseCommandRequestSchema>;

/** What can be done next to a case: commands, and what has a route of its own. */
export const caseActionSchema = z.enum([
  "verify",
  "reject",
  "merge",
  "file",
  "dispatch",
  "rule",
  "accept",
  "return",
  "start",
  "contain",
  "handle",
  "suspend",
  "approve-suspension",
  "refuse-suspension",
  "resume",
  "check",
  "pass",
  "fail",
  "close",
  "evaluate",
  "reopen",
  "cancel",
  "escalate",
  "supervise",
  /** `POST /v1/whistles`. */
  "whistle",
  /** `POST /v1/incidents/{id}/merge`. */
  "regroup",
  /** `POST /v1/incidents/{id}/split`. */
  "split",
  /** `POST /v1/cases/{id}/notes`. */
  "note",
] satisfies readonly (CaseCommandKind | "whistle" | "regroup" | "split" | "note")[]);
export type CaseAction = z.infer<typeof caseActionSchema>;

/** An action that the machine would take from this viewer now. */
export const actionOfferSchema = z.object({
  kind: caseActionSchema,
  /** To be sent as `as`; null where the action takes none. */
  as: actorSchema
    .omit({ department: true })
    .extend({ department: departmentCodeSchema.optional() })
    .nullable(),
  /** Dispatching what is not filed: `file` must be given before. */
  filesFirst: z.boolean(),
});
export type CaseActionOffer = z.infer<typeof actionOfferSchema>;

export const caseCommandAnswerSchema = z.object({
  caseId: caseIdSchema,
  state: caseStateSchema,
  version: z.number().int().positive(),
  level: escalationLevelSchema,
  light: supervisionLightSchema,
  /** What the sender may do next; absent in the answer to a department's system. */
  actions: z.array(actionOfferSchema).optional(),
  /** True when this command had been carried out before. */
  repeated: z.boolean(),
});
export type CaseCommandAnswer = z.infer<typeof caseCommandAnswerSchema>;

/** Body of `POST /v1/cases/{id}/notes`. A note decides nothing, so it asks for no version. */
export const newNoteSchema = z
  .object({
    text: wordsSchema(2_000),
    /** Who reads it: the control room, or the departments of the case too. */
    audience: z.enum(["room", "all"]).default("room"),
  })
  .strict();
export type NewNote = z.infer<typeof newNoteSchema>;

export const noteAnswerSchema = z.object({
  caseId: caseIdSchema,
  version: z.number().int().positive(),
  repeated: z.boolean(),
});
export type NoteAnswer = z.infer<typeof noteAnswerSchema>;

/** Body of `POST /v1/tasks/{taskId}/commands`, signed by the department's endpoint. */
export const taskCommandSchema = z
  .object({
    command: caseCommandSchema,
    expectedVersion: z.number().int().positive().optional(),
    /** Desk or crew that acts; it can then neither check nor close the case. */
    unit: wordsSchema(80).optional(),
  })
  .strict();
export type TaskCommand = z.infer<typeof taskCommandSchema>;
