/**
 * What the control room asks of an edge node: a camera's plan (which rules run, and whether it is
 * analysed at all) and single orders that are answered within seconds. The node asks for both
 * (`POST /v1/orders/next`, signed), so that it needs no open port.
 */
import { z } from "zod";
import { problemSchema } from "./errors.ts";
import { boxNormSchema } from "./geometry.ts";
import { alarmIdSchema, cameraIdSchema, nodeIdSchema, ruleIdSchema, sha256Schema } from "./ids.ts";
import { timestampSchema } from "./time.ts";

/** One rule as `config/rules.ts` describes it; both sides check it against that schema. */
export const plannedRuleSchema = z.looseObject({
  id: ruleIdSchema,
  kind: z.string().max(40),
  eventType: z.string().max(40),
});
export type PlannedRule = z.infer<typeof plannedRuleSchema>;

/** What a camera's plan may change of its configuration file. */
export const cameraPlanSchema = z.object({
  camera: cameraIdSchema,
  /** Grows with every change; 0 is the node's own file, unchanged. */
  version: z.number().int().nonnegative(),
  /** The kill switch: false stops every analysis of this camera; its stream stays connected. */
  analysed: z.boolean(),
  /** Rules that rest, by id. */
  paused: z.array(ruleIdSchema).max(64),
  /** All rules of the camera; null keeps those of the node's file. */
  rules: z.array(plannedRuleSchema).max(64).nullable(),
});
export type CameraPlan = z.infer<typeof cameraPlanSchema>;

/** How a plan fared at the node. */
export const planStateSchema = z.object({
  camera: cameraIdSchema,
  /** The plan that is in force. */
  version: z.number().int().nonnegative(),
  /** Why a newer plan was refused; the one before stays in force. */
  refused: z.object({ version: z.number().int().nonnegative(), problem: problemSchema }).optional(),
});
export type PlanState = z.infer<typeof planStateSchema>;

/** What a camera looks like now, for whoever draws zones: told at start and after every change. */
export const cameraSceneSchema = z.object({
  camera: cameraIdSchema,
  name: z.string().max(80),
  /** Pixels of the analysed picture; 0 while none has come. */
  width: z.number().int().nonnegative(),
  height: z.number().int().nonnegative(),
  calibrated: z.boolean(),
  purpose: z.string().max(80),
  analysed: z.boolean(),
  paused: z.array(ruleIdSchema).max(64),
  /** The rules in force, with every default filled in. */
  rules: z.array(plannedRuleSchema).max(64),
  /** The rules of the node's own file, which a plan with `rules: null` goes back to. */
  fileRules: z.array(plannedRuleSchema).max(64),
});
export type CameraScene = z.infer<typeof cameraSceneSchema>;

const orderBase = { id: z.uuid(), camera: cameraIdSchema, until: timestampSchema } as const;

export const nodeOrderSchema = z.discriminatedUnion("kind", [
  /** A picture of now, privacy masks blackened; refused (CAMERA_INACTIVE) by the kill switch. */
  z.object({ ...orderBase, kind: z.literal("snapshot") }),
  /** What this rule would have told about the tracks that the node remembers. */
  z.object({ ...orderBase, kind: z.literal("test-rule"), rule: plannedRuleSchema }),
]);
export type NodeOrder = z.infer<typeof nodeOrderSchema>;

/** Body of `POST /v1/orders/next`. */
export const ordersQuestionSchema = z
  .object({
    nodeId: nodeIdSchema,
    plans: z.array(planStateSchema).max(256),
    /** Scenes that changed since they were last told. */
    scenes: z.array(cameraSceneSchema).max(256),
    /** How long the brain may wait for something to say, ms. */
    waitMs: z.number().int().min(0).max(25_000),
  })
  .strict();
export type OrdersQuestion = z.infer<typeof ordersQuestionSchema>;

export const ordersAnswerSchema = z.object({
  /** Plans that differ from what the node told. */
  plans: z.array(cameraPlanSchema),
  /** Each is told once; an answer after `until` is refused. */
  orders: z.array(nodeOrderSchema),
});
export type OrdersAnswer = z.infer<typeof ordersAnswerSchema>;

/** One alarm of a tested rule. */
export const testedAlarmSchema = z.object({
  id: alarmIdSchema,
  onset: timestampSchema,
  /** Absent where it was still open at the end of what is remembered. */
  ended: timestampSchema.optional(),
  /** The object at its onset, where the rule judges objects. */
  box: boxNormSchema.optional(),
});

/** Why a rule's test may have missed alarms, for words in the reader's language. */
export const testGapSchema = z.enum([
  /** The rule needs every picture (things that fall), and pictures are not remembered: untested. */
  "fine-motion",
  /** What the picture itself told was not watched in all of the stretch. */
  "picture",
  /** The model was not asked for a class of the rule in all of the stretch. */
  "classes",
  /** In a part of the stretch the rule rested by its own schedule. */
  "schedule",
]);
export type TestGap = z.infer<typeof testGapSchema>;

export const ruleTestSchema = z.object({
  /** The stretch of remembered tracks, and its size; `looks` 0: nothing is remembered yet. */
  from: timestampSchema.optional(),
  to: timestampSchema.optional(),
  looks: z.number().int().nonnegative(),
  /** Empty: every alarm that the rule would have told is here. */
  incomplete: z.array(testGapSchema).max(4),
  tracks: z.number().int().nonnegative(),
  /** The first 200. */
  alarms: z.array(testedAlarmSchema).max(200),
  alarmCount: z.number().int().nonnegative(),
  /** Where remembered objects touched the ground, for the drawing: [x, y], at most 2 000. */
  footprints: z.array(z.tuple([z.number(), z.number()])).max(2_000),
});
export type RuleTest = z.infer<typeof ruleTestSchema>;

/**
 * Body of `POST /v1/orders/{id}/result`. A snapshot is uploaded before, by `PUT /v1/evidence/{sha256}`
 * as pictures of events are; the brain takes it while the node has an open snapshot order.
 */
export const orderResultSchema = z.discriminatedUnion("outcome", [
  z.object({
    outcome: z.literal("snapshot"),
    sha256: sha256Schema,
    width: z.number().int().positive(),
    height: z.number().int().positive(),
    capturedAt: timestampSchema,
  }),
  z.object({ outcome: z.literal("tested"), test: ruleTestSchema }),
  z.object({ outcome: z.literal("failed"), problem: problemSchema }),
]);
export type OrderResult = z.infer<typeof orderResultSchema>;
