/** Which silence, if any, keeps back what a camera sees now. */
import type { CaseSummary, SilenceView } from "../../protocol/index.ts";

type Place = Pick<CaseSummary, "camera" | "eventType" | "location" | "serviceLevel">;

/** The active silence that would match an event like the case's; undefined without one. */
export function silenceOf(
  silences: readonly SilenceView[],
  { camera, eventType, location, serviceLevel }: Place,
): SilenceView | undefined {
  const meets = (one: string | null, other: string): boolean => one === null || one === other;
  return silences.find(
    (silence) =>
      silence.state === "active" &&
      meets(silence.nodeId, camera.nodeId) &&
      meets(silence.cameraId, camera.id) &&
      meets(silence.eventType, eventType) &&
      (silence.gridPrefix === null || (location.gridCode ?? "").startsWith(silence.gridPrefix)) &&
      (silence.lifeSafety || serviceLevel !== "S0"),
  );
}

export interface SilenceableCamera {
  readonly nodeId: string;
  readonly cameraId: string;
  readonly gridCode: string | null;
}

/** The active silence that keeps back some of what a camera sees; undefined without one. */
export function silenceOfCamera(
  silences: readonly SilenceView[],
  { nodeId, cameraId, gridCode }: SilenceableCamera,
): SilenceView | undefined {
  const isNamed = (one: string | null, other: string): boolean => one === null || one === other;
  return silences.find(
    (silence) =>
      silence.state === "active" &&
      isNamed(silence.nodeId, nodeId) &&
      isNamed(silence.cameraId, cameraId) &&
      (silence.gridPrefix === null || (gridCode ?? "").startsWith(silence.gridPrefix)),
  );
}
