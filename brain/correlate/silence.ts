/** Silences and maintenance windows: what they match is stored and linked, and opens no case. */
import { type EpochMs, findEventType, PERSON_NODE } from "../../protocol/index.ts";
import type { Sighting } from "./sighting.ts";

export interface Silence {
  readonly id: string;
  readonly kind: "silence" | "maintenance";
  /** Each null matches everything; a silence with nothing but nulls matches nothing. */
  readonly nodeId: string | null;
  readonly cameraId: string | null;
  readonly code: string | null;
  /** A grid or, as its first digits, a community or street. */
  readonly gridPrefix: string | null;
  readonly from: EpochMs;
  readonly until: EpochMs;
  /** False: events of life safety (S0) slip through. */
  readonly lifeSafety: boolean;
}

/** What a silence can be asked about: an event, or a case. */
export type Silenceable = Pick<Sighting, "nodeId" | "cameraId" | "code" | "gridCode" | "end">;

/**
 * By the time of the event, not of its arrival: a late event does not slip through. What a person
 * tells is never silenced.
 */
export function findSilence(silences: readonly Silence[], of: Sighting): Silence | undefined {
  if (of.nodeId === PERSON_NODE) {
    return undefined;
  }
  return silences.find((silence) => matches(silence, of));
}

export function isLifeSafety(code: string): boolean {
  return findEventType(code)?.sla === "S0";
}

function matches(silence: Silence, of: Silenceable): boolean {
  const { nodeId, cameraId, code, gridPrefix } = silence;
  if (nodeId === null && cameraId === null && code === null && gridPrefix === null) {
    return false;
  }
  return (
    of.end >= silence.from &&
    of.end < silence.until &&
    (nodeId === null || nodeId === of.nodeId) &&
    (cameraId === null || cameraId === of.cameraId) &&
    (code === null || code === of.code) &&
    (gridPrefix === null || (of.gridCode ?? "").startsWith(gridPrefix)) &&
    (silence.lifeSafety || !isLifeSafety(of.code))
  );
}
