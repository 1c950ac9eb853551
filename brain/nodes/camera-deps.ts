/** What the routes of cameras are made of, and the camera that a request names. */
import type { FastifyRequest } from "fastify";
import { z } from "zod";
import {
  cameraIdSchema,
  type Clock,
  nodeIdSchema,
  PermanentError,
  purposeClassOf,
  type Viewer,
} from "../../protocol/index.ts";
import type { PlanGrounds } from "./check-plan.ts";
import { type KnownCamera, type KnownCamerasInput, readCameras } from "./known-cameras.ts";
import type { CameraName } from "./plan-book.ts";

export interface CameraDeps extends KnownCamerasInput {
  readonly clock: Clock;
}

export const cameraParamsSchema = z.object({ nodeId: nodeIdSchema, cameraId: cameraIdSchema });
export const CAMERA_URL = "/v1/cameras/:nodeId/:cameraId";

/** @throws PermanentError NOT_FOUND, also for a camera outside of the viewer's jurisdiction. */
export async function requireCamera(
  deps: CameraDeps,
  request: FastifyRequest,
): Promise<KnownCamera> {
  const { nodeId, cameraId } = request.params as z.infer<typeof cameraParamsSchema>;
  return findCamera(deps, request.viewer, { nodeId, cameraId });
}

export async function findCamera(
  deps: CameraDeps,
  viewer: Viewer,
  name: CameraName,
): Promise<KnownCamera> {
  const [camera] = await readCameras(deps, viewer, deps.clock.now(), name);
  if (camera === undefined) {
    throw new PermanentError("NOT_FOUND", "There is no such camera", {
      where: `${name.nodeId}/${name.cameraId}`,
    });
  }
  return camera;
}

export function groundsOf({ scene, registered }: KnownCamera): PlanGrounds {
  return {
    scene,
    mayTell: (eventType) =>
      registered === undefined ||
      purposeClassOf(eventType) === "device-health" ||
      registered.eventTypes.some((code) => code === eventType),
  };
}
