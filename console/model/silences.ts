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
