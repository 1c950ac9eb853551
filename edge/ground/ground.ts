import type { CalibrationConfig } from "../../config/index.ts";
import { PermanentError, type PointNorm } from "../../protocol/index.ts";

/** Metres east and north of the camera's location. */
export type PointM = readonly [number, number];

/** A plane, seen by a camera without lens distortion. */
export interface Ground {
  /** `undefined` at or above the horizon. */
  toMetres(point: PointNorm): PointM | undefined;
  toPicture(point: PointM): PointNorm | undefined;
}

/** @throws PermanentError CONFIG_INVALID when the points do not determine a plane. */
export function createGround(_config: CalibrationConfig): Ground {
  throw new PermanentError("CONFIG_INVALID", "Not built yet");
}
