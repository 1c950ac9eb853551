/** Single looks through a node: a picture of now, and what a rule would have told. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Readable } from "node:stream";
import { z } from "zod";
import {
  auditName,
  type CameraSnapshot,
  cameraSnapshotSchema,
  ERROR_CODES,
  type OrderResult,
  PermanentError,
  type Problem,
  problemSchema,
  type RuleTrial,
  ruleTestSchema,
  ruleTrialSchema,
  SETUP_PURPOSE,
  sha256Schema,
} from "../../protocol/index.ts";
import { appendAudit } from "../audit/index.ts";
import {
  CAMERA_URL,
  type CameraDeps,
  cameraParamsSchema,
  groundsOf,
  requireCamera,
} from "./camera-deps.ts";
import { checkRule } from "./check-plan.ts";
import type { KnownCamera } from "./known-cameras.ts";
import { type NewOrder, nodeAway, type OrderBook } from "./order-book.ts";
import { hangUpOf } from "./order-routes.ts";

export interface LookRouteInput extends CameraDeps {
  readonly orders: OrderBook;
  /** Aborted when the brain stops. */
  readonly closing: AbortSignal;
  /**
   * The purpose that a look is recorded under. Throws PURPOSE_REFUSED, with a row in the audit.
   */
  readonly requirePurpose: (
    request: FastifyRequest,
    look: {
      /** What a viewer without a word of his own looks for. */
      readonly byDefault: string | undefined;
      readonly purposes: readonly string[];
      readonly subject: string;
      readonly action: string;
    },
  ) => Promise<string>;
  readonly pictures: {
    has(sha256: string): Promise<boolean>;
    read(sha256: string): Readable;
  };
}

/** A node that has said nothing for so long is not waited for. */
const AWAY_MS = 60_000;
const RULE_BYTES = 65_536;
const querySchema = z.object({ purpose: z.string().optional() });
const pictureParamsSchema = cameraParamsSchema.extend({ sha256: sha256Schema });
const tags = ["console"];

export function lookRoutes(input: LookRouteInput): (app: FastifyInstance) => void {
  return (app) => {
    app.route({
      method: "POST",
      url: `${CAMERA_URL}/snapshot`,
      schema: {
        summary: "A picture of now, privacy masks blackened",
        description:
          "Whoever may manage cameras looks in order to draw; others name a purpose of the camera " +
          "(`?purpose=` or the header `x-sesb-purpose`). Every look leaves a trace. NODE_AWAY where " +
          "the node does not answer within 10 s.",
        tags,
        params: cameraParamsSchema,
        querystring: querySchema,
        response: { 200: cameraSnapshotSchema, default: problemSchema },
      },
      config: { permission: "camera.view" },
      handler: async (request, reply) => {
        const camera = await requireCamera(input, request);
        const { ref, nodeId, cameraId } = camera.item;
        await recordLook(input, request, camera, `camera:${ref}`, "camera.snapshot");
        requireAnalysed(camera);
        const order = { nodeId, cameraId, kind: "snapshot" } as const;
        const result = await carryOut(input, reply, order);
        return result.outcome === "snapshot"
          ? reply.send(toSnapshot(camera, result))
          : sendFailure(reply, result);
      },
    });
    pictureRoute(input)(app);
    trialRoute(input)(app);
  };
}

function pictureRoute(input: LookRouteInput): (app: FastifyInstance) => void {
  return (app) => {
    app.route({
      method: "GET",
      url: `${CAMERA_URL}/snapshots/:sha256`,
      schema: {
        summary: "Look at a picture that was ordered",
        description: "Every look leaves a trace. Such pictures are kept for a day at most.",
        tags,
        params: pictureParamsSchema,
        querystring: querySchema,
        response: { default: problemSchema },
      },
      config: { permission: "camera.view" },
      handler: async (request, reply) => {
        const { sha256 } = request.params as z.infer<typeof pictureParamsSchema>;
        const camera = await requireCamera(input, request);
        await requirePicture(input, camera, sha256);
        await recordLook(input, request, camera, `evidence:${sha256}`, "evidence.view");
        void reply
          .header("cache-control", "private, max-age=600, immutable")
          .header("content-disposition", "inline")
          .type("image/jpeg");
        return reply.send(input.pictures.read(sha256));
      },
    });
  };
}

function trialRoute(input: LookRouteInput): (app: FastifyInstance) => void {
  return (app) => {
    app.route({
      method: "POST",
      url: `${CAMERA_URL}/rule-test`,
      bodyLimit: RULE_BYTES,
      schema: {
        summary: "What a rule would have told about what the node remembers",
        description: "Changes nothing. NODE_AWAY where the node does not answer within 10 s.",
        tags,
        params: cameraParamsSchema,
        body: ruleTrialSchema,
        response: { 200: ruleTestSchema, default: problemSchema },
      },
      config: { permission: "camera.manage" },
      handler: async (request, reply) => {
        const camera = await requireCamera(input, request);
        const rule = checkRule((request.body as RuleTrial).rule, groundsOf(camera), "rule");
        const { nodeId, cameraId } = camera.item;
        const result = await carryOut(input, reply, { nodeId, cameraId, kind: "test-rule", rule });
        return result.outcome === "tested" ? reply.send(result.test) : sendFailure(reply, result);
      },
    });
  };
}

async function carryOut(
  { orders, closing, clock, db }: LookRouteInput,
  reply: FastifyReply,
  order: NewOrder,
): Promise<OrderResult> {
  const node = await db
    .selectFrom("node")
    .select("seen_at")
    .where("id", "=", order.nodeId)
    .where("enabled", "=", true)
    .executeTakeFirst();
  const seenAt = node?.seen_at?.getTime();
  if (seenAt === undefined || clock.now() - seenAt > AWAY_MS) {
    throw nodeAway(
      order.nodeId,
      seenAt === undefined ? "never a sign of life" : "no sign of life for a minute",
    );
  }
  return orders.order(order, AbortSignal.any([hangUpOf(reply), closing]));
}

/** Whoever may draw rules looks in order to draw them; nobody else without a purpose. */
async function recordLook(
  input: LookRouteInput,
  request: FastifyRequest,
  { item }: KnownCamera,
  subject: string,
  action: string,
): Promise<void> {
  const mayDraw = request.entry?.permissions.has("camera.manage") === true;
  const purpose = await input.requirePurpose(request, {
    byDefault: mayDraw ? SETUP_PURPOSE : undefined,
    purposes: mayDraw ? [...item.purposes, SETUP_PURPOSE] : item.purposes,
    ...{ subject, action },
  });
  await appendAudit(input.db, [
    {
      at: input.clock.now(),
      actor: auditName(request.viewer),
      ...{ action, subject, purpose },
      address: request.ip,
      facts: { camera: item.ref },
    },
  ]);
}

/** Stopped means that nobody looks through it either. */
function requireAnalysed({ item }: KnownCamera): void {
  if (!item.wanted.analysed || !item.active) {
    throw new PermanentError("CAMERA_INACTIVE", "The camera may not be looked through now", {
      where: item.ref,
      expected: item.active ? "analysis that is not stopped" : "an active registration",
    });
  }
}

async function requirePicture(
  { db, pictures }: LookRouteInput,
  { item: { nodeId, cameraId } }: KnownCamera,
  sha256: string,
): Promise<void> {
  const row = await db
    .selectFrom("camera_snapshot")
    .innerJoin("evidence", "evidence.sha256", "camera_snapshot.sha256")
    .select("evidence.sha256")
    .where("node_id", "=", nodeId)
    .where("camera_id", "=", cameraId)
    .where("evidence.sha256", "=", sha256)
    .where("evidence.state", "=", "stored")
    .executeTakeFirst();
  if (row === undefined || !(await pictures.has(sha256))) {
    throw new PermanentError("EVIDENCE_UNKNOWN", "The picture is not here", {
      where: sha256,
      expected: "a picture of this camera that was ordered less than a day ago",
    });
  }
}

function toSnapshot(
  { item: { nodeId, cameraId } }: KnownCamera,
  { sha256, width, height, capturedAt }: Extract<OrderResult, { outcome: "snapshot" }>,
): CameraSnapshot {
  const url = `/v1/cameras/${nodeId}/${cameraId}/snapshots/${sha256}`;
  return { sha256, width, height, capturedAt, url };
}

/** The node's own problem, as it told it. */
function sendFailure(reply: FastifyReply, result: OrderResult): FastifyReply {
  const problem: Problem =
    result.outcome === "failed"
      ? result.problem
      : { code: "INTERNAL", message: "The node answered another order" };
  return reply.code(ERROR_CODES[problem.code]).send(problem);
}
