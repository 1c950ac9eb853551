/**
 * What an administrator changes while the brain runs: addresses and secrets of departments, and the
 * directory. Every change names the version that was seen; another meanwhile answers VERSION_STALE.
 */
import { z } from "zod";
import { departmentCodeSchema, eventTypeCodeSchema } from "./catalogue/index.ts";
import { taskRoleSchema } from "./case.ts";
import { wordsSchema } from "./command.ts";
import { routingRuleSchema, townDepartmentSchema } from "./directory.ts";
import { timestampSchema } from "./time.ts";

const reasonSchema = wordsSchema(500);
const seenSchema = z.number().int().nonnegative();

/** Hours in which a secret of before still counts, where nothing else is asked for. */
export const OVERLAP_H = 24;
export const MAX_OVERLAP_H = 168;

/** No name and password in it, and nothing behind `#`: both would end up in places of no use. */
const endpointUrlSchema = z
  .url({ protocol: /^https?$/ })
  .max(2_000)
  .refine((url) => {
    const { username, password, hash } = new URL(url);
    return username === "" && password === "" && hash === "";
  }, "expected an address without user, password and fragment");

/** What the directory file says and the brain has not applied, as the control room rules here. */
const fileDifferenceSchema = z.object({
  what: z.array(z.enum(["url", "secret", "removed"])),
  url: z.string().nullable(),
  seenAt: timestampSchema,
});

const secretHolderShape = {
  version: seenSchema,
  managedBy: z.enum(["file", "room"]),
  /** Null where it was never rotated here. */
  rotatedAt: timestampSchema.nullable(),
  /** Until when a secret of before counts too; null outside of an overlap. */
  overlapUntil: timestampSchema.nullable(),
  changedAt: timestampSchema.nullable(),
  changedBy: z.string().nullable(),
  fileDiffers: fileDifferenceSchema.nullable(),
};

export const endpointViewSchema = z.object({
  id: z.uuid(),
  department: departmentCodeSchema,
  url: z.string(),
  enabled: z.boolean(),
  disabledReason: z.string().nullable(),
  /** `open`: one probe at a time; `parked`: people have been asked to look. */
  circuit: z.enum(["closed", "open", "parked"]),
  failures: z.number().int(),
  probeAt: timestampSchema.nullable(),
  lastAttemptAt: timestampSchema.nullable(),
  lastSuccessAt: timestampSchema.nullable(),
  lastError: z.string().nullable(),
  /** Messages that wait, and that were given up. */
  pending: z.number().int(),
  dead: z.number().int(),
  /** The newest first. */
  answers: z.array(
    z.object({
      at: timestampSchema,
      status: z.number().int().nullable(),
      durationMs: z.number(),
      error: z.string().nullable(),
    }),
  ),
  ...secretHolderShape,
});
export type EndpointView = z.infer<typeof endpointViewSchema>;

export const nodeSecretViewSchema = z.object({
  id: z.string(),
  enabled: z.boolean(),
  seenAt: timestampSchema.nullable(),
  ...secretHolderShape,
});
export type NodeSecretView = z.infer<typeof nodeSecretViewSchema>;

export const newEndpointSchema = z
  .object({ department: departmentCodeSchema, url: endpointUrlSchema, reason: reasonSchema })
  .strict();
export type NewEndpoint = z.infer<typeof newEndpointSchema>;

export const endpointChangeSchema = z
  .object({
    expectedVersion: seenSchema,
    reason: reasonSchema,
    url: endpointUrlSchema.optional(),
    enabled: z.boolean().optional(),
    /** Takes note of what the file says, so that it is not shown any more. */
    fileNoted: z.literal(true).optional(),
  })
  .strict();
export type EndpointChange = z.infer<typeof endpointChangeSchema>;

export const rotationSchema = z
  .object({
    expectedVersion: seenSchema,
    reason: reasonSchema,
    /** 0 ends the secret of before at once, as where it has become known. */
    overlapH: z.number().min(0).max(MAX_OVERLAP_H).default(OVERLAP_H),
  })
  .strict();
export type Rotation = z.infer<typeof rotationSchema>;

export const overlapEndSchema = z
  .object({ expectedVersion: seenSchema, reason: reasonSchema })
  .strict();
export type OverlapEnd = z.infer<typeof overlapEndSchema>;

/** The secret is shown this once. */
export const endpointSecretSchema = z.object({ endpoint: endpointViewSchema, secret: z.string() });
export type EndpointSecret = z.infer<typeof endpointSecretSchema>;
export const nodeSecretSchema = z.object({ node: nodeSecretViewSchema, secret: z.string() });
export type NodeSecret = z.infer<typeof nodeSecretSchema>;

/** Type of the message that only asks whether somebody is there; answer it with 2xx. */
export const PING_TYPE = "endpoint.ping";
export const pingMessageSchema = z
  .object({
    type: z.literal(PING_TYPE),
    version: z.literal(1),
    timestamp: timestampSchema,
    data: z.object({ department: departmentCodeSchema }).strict(),
  })
  .strict();
export type PingMessage = z.infer<typeof pingMessageSchema>;

export const pingAnswerSchema = z.object({
  webhookId: z.string(),
  at: timestampSchema,
  status: z.number().int().nullable(),
  durationMs: z.number(),
  /** Null for 2xx. */
  error: z.string().nullable(),
});
export type PingAnswer = z.infer<typeof pingAnswerSchema>;

/** Files of the directory that may be written from the page; grids and cameras come by command. */
export const EDITABLE_FILES = [
  "departments.csv",
  "units.csv",
  "routing.csv",
  "responders.csv",
  "roster.csv",
  "working-hours.csv",
  "calendar.csv",
  "settings.csv",
] as const;
export const editableFileSchema = z.enum(EDITABLE_FILES);
export type EditableFile = z.infer<typeof editableFileSchema>;

const changeShape = { expectedVersion: seenSchema, reason: reasonSchema };
export const departmentEditSchema = z
  .object({ ...changeShape, department: townDepartmentSchema })
  .strict();
export type DepartmentEdit = z.input<typeof departmentEditSchema>;
export const departmentRemovalSchema = z.object(changeShape).strict();
export const routingEditSchema = z
  .object({ ...changeShape, rules: z.array(routingRuleSchema).max(5_000) })
  .strict();
export type RoutingEdit = z.input<typeof routingEditSchema>;
export const fileEditSchema = z
  .object({
    ...changeShape,
    text: z.string().max(2_000_000),
    /** Does everything and takes it back. */
    dryRun: z.boolean().default(false),
  })
  .strict();
export type FileEdit = z.input<typeof fileEditSchema>;

export const directoryProblemSchema = z.object({
  severity: z.enum(["error", "warning"]),
  where: z.string(),
  message: z.string(),
  expected: z.string().optional(),
  got: z.string().optional(),
});
export type DirectoryProblem = z.infer<typeof directoryProblemSchema>;

export const directoryEditAnswerSchema = z.object({
  outcome: z.enum(["unchanged", "imported", "tried", "refused"]),
  /** In force now. */
  version: seenSchema,
  changes: z.array(
    z.object({ file: z.string(), added: z.number().int(), removed: z.number().int() }),
  ),
  problems: z.array(directoryProblemSchema),
});
export type DirectoryEditAnswer = z.infer<typeof directoryEditAnswerSchema>;

export const directoryViewSchema = z.object({
  /** 0 while no town has been imported: the catalogue's departments are in force. */
  version: seenSchema,
  departments: z.array(
    townDepartmentSchema.extend({
      /** Open tasks; a department that has some cannot be removed. */
      openTasks: z.number().int(),
    }),
  ),
  units: z.array(
    z.object({
      code: z.string(),
      department: departmentCodeSchema,
      zh: z.string(),
      en: z.string(),
    }),
  ),
  rules: z.array(routingRuleSchema),
  /** The newest first. */
  history: z.array(
    z.object({
      version: seenSchema,
      at: timestampSchema,
      actor: z.string(),
      reason: z.string().nullable(),
    }),
  ),
});
export type DirectoryView = z.infer<typeof directoryViewSchema>;

export const proposalQuerySchema = z
  .object({
    eventType: eventTypeCodeSchema,
    gridCode: z
      .string()
      .regex(/^\d{2,15}$/, "expected 2 to 15 digits")
      .optional(),
  })
  .strict();
export type ProposalQuery = z.infer<typeof proposalQuerySchema>;

/** Who would be told of a case of that type in that grid, and why. */
export const proposalSchema = z.object({
  eventType: eventTypeCodeSchema,
  gridCode: z.string().nullable(),
  /** Null where the catalogue decides. */
  rule: routingRuleSchema.nullable(),
  shares: z.array(
    z.object({
      department: departmentCodeSchema,
      role: taskRoleSchema,
      unit: z.string().nullable(),
      /** Where its message goes: its own system, the hub's in its stead, or nowhere. */
      via: z.enum(["own", "hub", "none"]),
      /** Why it is not sent to, where the department is disabled. */
      disabled: z.string().nullable(),
      /** First on duty there now. */
      onDuty: z.string().nullable(),
    }),
  ),
});
export type Proposal = z.infer<typeof proposalSchema>;
