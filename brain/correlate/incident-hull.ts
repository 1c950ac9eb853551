/** How far an incident reaches in space and time, and how far it may. */
import type { EpochMs } from "../../protocol/index.ts";
import type { AlarmView } from "./alarm-view.ts";
import { familyOf } from "./type-family.ts";

export interface IncidentHull {
  readonly start: EpochMs;
  readonly end: EpochMs;
  /** Mercator metres. */
  readonly minX: number;
  readonly maxX: number;
  readonly minY: number;
  readonly maxY: number;
  readonly scale: number;
  readonly capDiameterM: number;
  readonly capDurationMs: number;
}

export function hullOf(alarm: AlarmView): IncidentHull {
  const { capDiameterM, capDurationMs } = familyOf(alarm.code);
  let [minX, maxX, minY, maxY] = [Infinity, -Infinity, Infinity, -Infinity];
  for (const { x, y } of alarm.places) {
    minX = Math.min(minX, x);
    maxX = Math.max(maxX, x);
    minY = Math.min(minY, y);
    maxY = Math.max(maxY, y);
  }
  const scale = alarm.places[0]?.scale ?? 1;
  const { start, end } = alarm;
  return { start, end, minX, maxX, minY, maxY, scale, capDiameterM, capDurationMs };
}

/** The hull with the alarm in it: the same object where it reaches that far already. */
export function stretch(hull: IncidentHull, alarm: AlarmView): IncidentHull {
  const isWithin = alarm.places.every(
    ({ x, y }) => x >= hull.minX && x <= hull.maxX && y >= hull.minY && y <= hull.maxY,
  );
  if (isWithin && alarm.start >= hull.start && alarm.end <= hull.end) {
    return hull;
  }
  return joinHulls(hull, hullOf(alarm));
}

export function joinHulls(a: IncidentHull, b: IncidentHull): IncidentHull {
  return {
    start: Math.min(a.start, b.start),
    end: Math.max(a.end, b.end),
    minX: Math.min(a.minX, b.minX),
    maxX: Math.max(a.maxX, b.maxX),
    minY: Math.min(a.minY, b.minY),
    maxY: Math.max(a.maxY, b.maxY),
    scale: Math.min(a.scale, b.scale),
    capDiameterM: Math.max(a.capDiameterM, b.capDiameterM),
    capDurationMs: Math.max(a.capDurationMs, b.capDurationMs),
  };
}

export function excessOf(hull: IncidentHull): "diameter" | "duration" | undefined {
  const diameterM = Math.hypot(hull.maxX - hull.minX, hull.maxY - hull.minY) * hull.scale;
  if (diameterM > hull.capDiameterM) {
    return "diameter";
  }
  return hull.end - hull.start > hull.capDurationMs ? "duration" : undefined;
}
