/** Silences and maintenance windows: what is kept and counted, and opens no case. */
import { z } from "zod";
import { eventTypeCodeSchema } from "./catalogue/index.ts";
import { wordsSchema } from "./command.ts";
import { cameraIdSchema, nodeIdSchema } from "./ids.ts";
import { timestampSchema } from "./time.ts";

/** Whoever needs longer says so again, so that no silence is forgotten. */
export const MAX_SILENCE_MS = 7 * 86_400_000;
export const MAX_MAINTENANCE_MS = 30 * 86_400_000;

export const silenceKindSchema = z.enum(["silence", "maintenance"]);
export type SilenceKind = z.infer<typeof silenceKindSchema>;

const scopeShape = {
  nodeId: nodeIdSchema.nullable().default(null),
  cameraId: cameraIdSchema.nullable().default(null),
  eventType: eventTypeCodeSchema.nullable().default(null),
  /** A grid or, as its first digits, a community or street. */
  gridPrefix: z
    .string()
    .regex(/^\d{6,15}$/, "expected 6 to 15 digits")
    .nullable()
    .default(null),
};

/** Body of `POST /v1/silences`. What is null matches everything; all null is refused. */
export const newSilenceSchema = z
  .object({
    kind: silenceKindSchema.default("silence"),
    ...scopeShape,
    /** Now where absent. */
    from: timestampSchema.optional(),
    until: timestampSchema,
    reason: wordsSchema(500),
    /** Life-safety events (S0) too. Said by a second confirmation alone. */
    lifeSafety: z.boolean().default(false),
  })
  .strict()
  .refine(
    ({ nodeId, cameraId, eventType, gridPrefix }) =>
      [nodeId, cameraId, eventType, gridPrefix].some((part) => part !== null),
    { path: ["cameraId"], error: "expected a camera, a node, an event type or a grid" },
  )
  .refine(({ nodeId, cameraId }) => cameraId === null || nodeId !== null, {
    path: ["nodeId"],
    error: "expected the camera's node",
  });
export type NewSilence = z.infer<typeof newSilenceSchema>;

export const silenceStateSchema = z.enum(["planned", "active", "over", "ended"]);
export type SilenceState = z.infer<typeof silenceStateSchema>;

export const silenceViewSchema = z.object({
  id: z.uuid(),
  kind: silenceKindSchema,
  /** `over`: its time has passed; `ended`: somebody ended it before. */
  state: silenceStateSchema,
  nodeId: z.string().nullable(),
  cameraId: z.string().nullable(),
  eventType: z.string().nullable(),
  gridPrefix: z.string().nullable(),
  from: timestampSchema,
  until: timestampSchema,
  reason: z.string(),
  lifeSafety: z.boolean(),
  createdBy: z.string(),
  createdAt: timestampSchema,
  endedBy: z.string().nullable(),
  endedAt: timestampSchema.nullable(),
  /** What it kept without a case. */
  suppressed: z.object({
    alarms: z.number().int().nonnegative(),
    events: z.number().int().nonnegative(),
    lastAt: timestampSchema.nullable(),
  }),
  /** Other silences that match some of the same, at some of the same time. */
  overlaps: z.array(z.uuid()),
});
export type SilenceView = z.infer<typeof silenceViewSchema>;

/** Answer of `GET /v1/silences`: planned and active first, then the newest that are past. */
export const silenceListSchema = z.object({ items: z.array(silenceViewSchema) });
export type SilenceList = z.infer<typeof silenceListSchema>;

export const silenceAnswerSchema = z.object({
  silence: silenceViewSchema,
  /** True when this command had been carried out before. */
  repeated: z.boolean(),
});
export type SilenceAnswer = z.infer<typeof silenceAnswerSchema>;
