/** What an edge node and the brain say to each other beside the events themselves. */
import { z } from "zod";
import { problemSchema } from "./errors.ts";
import { cameraIdSchema, nodeIdSchema } from "./ids.ts";
import { timestampSchema } from "./time.ts";

/**
 * Header that names the sender of a signed request: a node's or an endpoint's id. The signature
 * itself follows Standard Webhooks (`webhook-id`, `webhook-timestamp`, `webhook-signature`) in
 * both directions, so that a secret never travels.
 */
export const SENDER_HEADER = "x-sesb-sender";

/** A problem as the other side tells it: a node must understand a newer brain's codes. */
const remoteProblemSchema = problemSchema.extend({ code: z.string() });
export type RemoteProblem = z.infer<typeof remoteProblemSchema>;

/**
 * What became of one event of a batch. `accepted` and `duplicate` let the node forget it;
 * `rejected` tells it to keep the event aside for a human: sending it again changes nothing.
 */
export const eventResultSchema = z.object({
  /** The event's id, or null where the event carried none that could be read. */
  id: z.string().nullable(),
  outcome: z.enum(["accepted", "duplicate", "rejected"]),
  problem: remoteProblemSchema.optional(),
});
export type EventResult = z.infer<typeof eventResultSchema>;

/** Answer to `POST /v1/events`: one result per event, in the order of the batch. */
export const intakeAnswerSchema = z.object({
  acceptedAt: timestampSchema,
  results: z.array(eventResultSchema),
});
export type IntakeAnswer = z.infer<typeof intakeAnswerSchema>;

export const cameraStateSchema = z.enum(["connecting", "live", "silent", "lost", "ended"]);
export type CameraState = z.infer<typeof cameraStateSchema>;

/** Counters of one camera since the node started. captured = analysed + Σ dropped + pending. */
export const cameraReportSchema = z.object({
  id: cameraIdSchema,
  name: z.string().max(80),
  state: cameraStateSchema,
  since: timestampSchema,
  captured: z.number().int().nonnegative(),
  analysed: z.number().int().nonnegative(),
  /** Frames not analysed, by cause. */
  dropped: z.record(z.string().max(32), z.number().int().nonnegative()),
  reconnects: z.number().int().nonnegative(),
  /** Why the camera is not live, in words, without credentials. */
  reason: z.string().max(300).optional(),
});
export type CameraReport = z.infer<typeof cameraReportSchema>;

/** Body of `POST /v1/heartbeat`, every few seconds. */
export const heartbeatSchema = z
  .object({
    nodeId: nodeIdSchema,
    sentAt: timestampSchema,
    startedAt: timestampSchema,
    version: z.string().max(32),
    model: z.string().max(64),
    provider: z.string().max(32),
    /** Events on disk that the brain has not acknowledged. */
    outboxDepth: z.number().int().nonnegative(),
    cameras: z.array(cameraReportSchema).max(256),
  })
  .strict();
export type Heartbeat = z.infer<typeof heartbeatSchema>;

/** Both clocks, so that the node can measure its skew. */
export const heartbeatAnswerSchema = z.object({
  receivedAt: timestampSchema,
  answeredAt: timestampSchema,
});
