/**
 * Cameras and their rules as the control room sees and changes them. A camera is named by its node
 * and its id: `/v1/cameras/{nodeId}/{cameraId}`, since two nodes may use the same id.
 */
import { z } from "zod";
import { eventTypeCodeSchema } from "./catalogue/index.ts";
import { wordsSchema } from "./command.ts";
import { problemSchema } from "./errors.ts";
import { gridCodeSchema, ruleIdSchema, sha256Schema } from "./ids.ts";
import { cameraStateSchema } from "./intake.ts";
import { cameraSceneSchema, plannedRuleSchema } from "./plan.ts";
import { timestampSchema } from "./time.ts";

/** Purpose of whoever may change a camera's rules and looks at a picture in order to draw them. */
export const SETUP_PURPOSE = "camera-setup";

const whoSchema = z.object({
  /** `operator:<account>`, as the audit names people. */
  id: z.string(),
  /** Name that is shown. */
  name: z.string(),
});

/** One camera of `GET /v1/cameras`. */
export const cameraItemSchema = z.object({
  /** `node/camera`. */
  ref: z.string(),
  nodeId: z.string(),
  cameraId: z.string(),
  name: z.string(),
  /** As in `GET /v1/health`; `never` also where the directory does not know the node. */
  node: z.enum(["up", "late", "never"]),
  /** What the node said last, however old: look at `node` too. `unknown`: it said nothing. */
  state: z.enum([...cameraStateSchema.options, "unknown"]),
  since: timestampSchema.nullable(),
  /** Why the camera is not live, in words. */
  reason: z.string().nullable(),
  /** Frames since the node started; null while nothing was heard. */
  frames: z
    .object({
      captured: z.number().int().nonnegative(),
      analysed: z.number().int().nonnegative(),
      dropped: z.number().int().nonnegative(),
      reconnects: z.number().int().nonnegative(),
    })
    .nullable(),
  /** In the directory or in the town's register. Events of others are refused. */
  registered: z.boolean(),
  /** May be analysed by its registration. */
  active: z.boolean(),
  gridCode: gridCodeSchema.nullable(),
  /** What the camera is registered for, else what its node says; may be empty. */
  purposes: z.array(z.string()),
  /** What the control room wants. Version 0: nobody has changed anything. */
  wanted: z.object({
    version: z.number().int().nonnegative(),
    analysed: z.boolean(),
    paused: z.array(ruleIdSchema),
  }),
  /** What the node says it does; null while it has not told. */
  inForce: z
    .object({
      version: z.number().int().nonnegative(),
      analysed: z.boolean(),
      rules: z.number().int().nonnegative(),
      paused: z.array(ruleIdSchema),
      toldAt: timestampSchema,
    })
    .nullable(),
  /** The wanted plan was refused by the node; the one before stays in force. */
  refused: problemSchema.nullable(),
  /** Cases of this camera that are not over, as far as the caller sees them. */
  openCases: z.number().int().nonnegative(),
});
export type CameraItem = z.infer<typeof cameraItemSchema>;

export const cameraItemsSchema = z.object({
  asOf: timestampSchema,
  items: z.array(cameraItemSchema),
});
export type CameraItems = z.infer<typeof cameraItemsSchema>;

/** One change of a camera's plan. */
export const planChangeSchema = z.object({
  version: z.number().int().positive(),
  at: timestampSchema,
  by: whoSchema,
  reason: z.string(),
  /** What this change did; `rules` also where rules went back to those of the node's file. */
  did: z.array(z.enum(["rules", "paused", "resumed", "stopped", "started"])),
  /** Rules whose definition, or whose pause, is another one than before. */
  ruleIds: z.array(ruleIdSchema),
});
export type PlanChange = z.infer<typeof planChangeSchema>;

/** The plan as the control room wants it, in full. */
export const wantedPlanSchema = z.object({
  version: z.number().int().nonnegative(),
  analysed: z.boolean(),
  paused: z.array(ruleIdSchema),
  /** null: the rules of the node's own file (`scene.fileRules`). */
  rules: z.array(plannedRuleSchema).nullable(),
});
export type WantedPlan = z.infer<typeof wantedPlanSchema>;

/** Answer of `GET /v1/cameras/{nodeId}/{cameraId}`, and of every change of its plan. */
export const cameraDetailSchema = z.object({
  asOf: timestampSchema,
  camera: cameraItemSchema,
  plan: wantedPlanSchema,
  /** What the node does and sees now; null while it has not told. */
  scene: cameraSceneSchema.nullable(),
  /** The newest 50 changes, newest first. */
  history: z.array(planChangeSchema),
  /** Facts of the directory; null for a camera that it does not know. */
  site: z
    .object({
      siteType: z.string(),
      managingUnit: z.string(),
      gridCode: gridCodeSchema.nullable(),
      gridName: z.object({ zh: z.string(), en: z.string() }).nullable(),
      retentionDays: z.number().int().nullable(),
      signPosted: z.boolean(),
      /** What it may tell of by its registration (device events always); null: anything. */
      eventTypes: z.array(eventTypeCodeSchema).nullable(),
    })
    .nullable(),
});
export type CameraDetail = z.infer<typeof cameraDetailSchema>;

/** Why somebody changes what is watched; kept with the change and in the audit. */
const reasonSchema = wordsSchema(300);

/** Body of `PUT …/plan`: the whole plan. */
export const planEditSchema = z
  .object({
    /** The version that was read; another one meanwhile answers VERSION_STALE with who was first. */
    baseVersion: z.number().int().nonnegative(),
    analysed: z.boolean(),
    paused: z.array(ruleIdSchema).max(64),
    /** Each as `config/rules.ts` says; PLAN_INVALID names the place, such as `rules[2].zone`. */
    rules: z.array(z.looseObject({})).max(64).nullable(),
    reason: reasonSchema,
  })
  .strict();
export type PlanEdit = z.infer<typeof planEditSchema>;

/** Body of `POST …/pause`: one rule rests, or works again. */
export const rulePauseSchema = z
  .object({ rule: ruleIdSchema, paused: z.boolean(), reason: reasonSchema })
  .strict();
export type RulePause = z.infer<typeof rulePauseSchema>;

/** Body of `POST …/analysis`, and of `POST /v1/analysis` for every camera that the caller sees. */
export const analysisSwitchSchema = z
  .object({ analysed: z.boolean(), reason: reasonSchema })
  .strict();
export type AnalysisSwitch = z.infer<typeof analysisSwitchSchema>;

/** Answer of `POST /v1/analysis`. */
export const analysisSwitchedSchema = z.object({
  /** Cameras whose plan was another one before. */
  changed: z.number().int().nonnegative(),
  /** Cameras that now stand so. */
  cameras: z.number().int().nonnegative(),
});
export type AnalysisSwitched = z.infer<typeof analysisSwitchedSchema>;

/**
 * Answer of `POST …/snapshot` (no body), within about 10 s, else NODE_AWAY. Whoever may manage
 * cameras looks for SETUP_PURPOSE; others name a purpose of the camera (`?purpose=` or the header
 * `x-sesb-purpose`), for this and for the picture itself.
 */
export const cameraSnapshotSchema = z.object({
  sha256: sha256Schema,
  width: z.number().int().positive(),
  height: z.number().int().positive(),
  capturedAt: timestampSchema,
  /** Where the picture is: `/v1/cameras/{nodeId}/{cameraId}/snapshots/{sha256}`, image/jpeg. */
  url: z.string(),
});
export type CameraSnapshot = z.infer<typeof cameraSnapshotSchema>;

/** Body of `POST …/rule-test`; answered by `ruleTestSchema` within about 10 s, else NODE_AWAY. */
export const ruleTrialSchema = z.object({ rule: z.looseObject({}) }).strict();
export type RuleTrial = z.infer<typeof ruleTrialSchema>;

export const parameterUnitSchema = z.enum([
  "s",
  "m",
  "m/s",
  "deg",
  /** People per square metre. */
  "1/m2",
  /** Of the picture's height or width, 0–1. */
  "picture",
  /** Of a whole, 0–1: a score, a share. */
  "share",
  /** Heights of the object, where the camera is not calibrated. */
  "heights",
  "heights/s",
  /** A number of things. */
  "count",
]);
export type ParameterUnit = z.infer<typeof parameterUnitSchema>;

/** One parameter of a rule: a part of its JSON Schema, with its unit. */
export const ruleParameterSchema = z.looseObject({
  type: z.enum(["number", "integer", "boolean", "string", "array"]),
  minimum: z.number().optional(),
  exclusiveMinimum: z.number().optional(),
  maximum: z.number().optional(),
  enum: z.array(z.string()).optional(),
  /** JSON Schema of the elements of a list, with an `enum` where only some words are known. */
  items: z.looseObject({}).optional(),
  minItems: z.number().int().optional(),
  maxItems: z.number().int().optional(),
  default: z.unknown().optional(),
  unit: parameterUnitSchema.optional(),
  /** False counts only where the camera is not calibrated, true only where it is. */
  calibrated: z.boolean().optional(),
});
export type RuleParameter = z.infer<typeof ruleParameterSchema>;

export const ruleKindViewSchema = z.object({
  kind: z.string(),
  /** What has to be drawn, in picture fractions; empty for a rule of the whole picture. */
  geometry: z.array(
    z.object({
      field: z.enum(["zone", "line", "allowed"]),
      /** `arrow`: a line from its first point to its second, as `allowed` of wrong-way. */
      shape: z.enum(["polygon", "line", "arrow"]),
      required: z.boolean(),
    }),
  ),
  /** Every parameter but `id`, `kind`, `eventType`, `schedule` and the geometry, in form order. */
  parameters: z.record(z.string(), ruleParameterSchema),
  /** Parameters without a default that must be given. */
  required: z.array(z.string()),
  /** Of each list at least one parameter must be given. */
  anyOf: z.array(z.array(z.string())),
  /** Event types that a camera may tell of; a camera's registration may allow fewer. */
  eventTypes: z.array(eventTypeCodeSchema),
});
export type RuleKindView = z.infer<typeof ruleKindViewSchema>;

/** Answer of `GET /v1/rule-kinds`, cached by its ETag. */
export const ruleKindsSchema = z.object({
  kinds: z.array(ruleKindViewSchema),
  /** JSON Schema of `schedule`, the same for all kinds. */
  schedule: z.looseObject({}),
  /** Classes that the standard model tells; `classes` of a rule are of these. */
  classes: z.array(z.string()),
});
export type RuleKinds = z.infer<typeof ruleKindsSchema>;
