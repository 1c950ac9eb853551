/** The ground that a calibrated camera sees: picture ↔ metres. */
import type { CalibrationConfig } from "../../config/index.ts";
import { PermanentError, type PointNorm, type PolygonNorm } from "../../protocol/index.ts";
import {
  determinant,
  fitHomography,
  invert,
  project,
  scaled,
  weightAt,
  type Matrix3,
} from "./homography.ts";

/** Metres east and north of the camera's location. */
export type PointM = readonly [number, number];

/** A plane, seen by a camera without lens distortion. */
export interface Ground {
  /** `undefined` at or above the horizon. */
  toMetres(point: PointNorm): PointM | undefined;
  /** `undefined` behind the camera; a point beside the picture lies outside 0–1. */
  toPicture(point: PointM): PointNorm | undefined;
  /**
   * How far off `toMetres` may be at a point, metres, one standard deviation: the calibration's
   * error in the picture, times the metres that it covers there. Among the calibration's points it
   * is about right; far outside of them it is too low. `undefined` at or above the horizon.
   */
  accuracyM(point: PointNorm): number | undefined;
}

/** Nobody marks a point better than this, picture fractions: four pixels of a picture of 1920. */
const MARKING_NORM = 0.002;
/** Points that miss by more than this, picture fractions, contradict each other. */
const MAX_RESIDUAL_NORM = 0.05;
/** Nearer to the horizon than this share of the calibration points' distance is beyond it. */
const HORIZON_SHARE = 1e-4;

/** @throws PermanentError CONFIG_INVALID when the points do not determine a plane. */
export function createGround({ points }: CalibrationConfig): Ground {
  const picture = points.map((point): PointNorm => point.picture);
  const metres = points.map((point): PointM => point.groundM);
  const { toGround, horizon } = fit(picture, metres);
  const toSight = invert(toGround);
  const residualNorm = residual(toSight, picture, metres);
  const isOnGround = (point: PointNorm): boolean => weightAt(toGround, point) > horizon;
  return {
    toMetres: (point) => (isOnGround(point) ? project(toGround, point) : undefined),
    // The weight of the way back is one over the weight of the way there.
    toPicture: (point) => (weightAt(toSight, point) > 0 ? project(toSight, point) : undefined),
    accuracyM: (point) =>
      isOnGround(point) ? residualNorm * metresPerNorm(toGround, point) : undefined,
  };
}

/**
 * Area of a polygon of the picture on the ground, m²; `undefined` when a corner lies at or above the
 * horizon. Edges that cross each other cancel area.
 */
export function areaM2(ground: Pick<Ground, "toMetres">, polygon: PolygonNorm): number | undefined {
  const corners = polygon.map((corner) => ground.toMetres(corner));
  let doubled = 0;
  for (const [index, corner] of corners.entries()) {
    const next = corners[(index + 1) % corners.length];
    if (corner === undefined || next === undefined) {
      return undefined;
    }
    doubled += corner[0] * next[1] - corner[1] * next[0];
  }
  return Math.abs(doubled) / 2;
}

/** Picture → metres, with positive weights on the near side of the horizon. */
function fit(
  picture: readonly PointNorm[],
  metres: readonly PointM[],
): { readonly toGround: Matrix3; readonly horizon: number } {
  refuseLine(picture, "picture");
  refuseLine(metres, "groundM");
  const found = fitHomography(picture, metres);
  if (found === undefined) {
    throw invalid("four points of which no three lie on one line", "points that leave it open");
  }
  const weights = picture.map((point) => weightAt(found, point));
  const near = weights.filter((weight) => weight > 0).length;
  if (near !== 0 && near !== weights.length) {
    const odd = weights.findIndex((weight) => weight > 0 === near < weights.length / 2);
    throw invalid("all points on one side of the horizon", `point ${odd} on the other`);
  }
  const toGround = near === 0 ? scaled(found, -1) : found;
  // Seen from above, east is to the right of north; the picture's y grows downwards.
  if (determinant(toGround) > 0) {
    throw invalid(
      "the ground as it is seen from above, [east, north]",
      "its mirror image: points or axes are exchanged, or south or west lacks its minus",
    );
  }
  const mean = weights.reduce((sum, weight) => sum + Math.abs(weight), 0) / weights.length;
  return { toGround, horizon: HORIZON_SHARE * mean };
}

/** Root mean square of what the points miss in the picture, per coordinate that was free to miss. */
function residual(
  toSight: Matrix3,
  picture: readonly PointNorm[],
  metres: readonly PointM[],
): number {
  const missed = picture.map(([x, y], index) => {
    const [u, v] = project(toSight, metres[index] as PointM);
    return Math.hypot(u - x, v - y);
  });
  const worst = Math.max(...missed);
  if (worst > MAX_RESIDUAL_NORM) {
    throw invalid(
      "points that agree with each other",
      `point ${missed.indexOf(worst)} off by ${worst.toFixed(3)} of the picture`,
    );
  }
  const squares = missed.reduce((sum, value) => sum + value ** 2, 0);
  const free = 2 * picture.length - 8;
  return free === 0 ? MARKING_NORM : Math.max(MARKING_NORM, Math.sqrt(squares / free));
}

/** Metres that a step of 1 in the picture's worst direction would cover, seen from the point. */
function metresPerNorm(m: Matrix3, point: PointNorm): number {
  const [east, north] = project(m, point);
  const w = weightAt(m, point);
  const xx = (m[0] - east * m[6]) / w;
  const xy = (m[1] - east * m[7]) / w;
  const yx = (m[3] - north * m[6]) / w;
  const yy = (m[4] - north * m[7]) / w;
  const sum = xx ** 2 + xy ** 2 + yx ** 2 + yy ** 2;
  const det = xx * yy - xy * yx;
  return Math.sqrt((sum + Math.sqrt(Math.max(0, sum ** 2 - 4 * det ** 2))) / 2);
}

/** Tells the two plainest mistakes by name: one point twice, and all of them in a row. */
function refuseLine(points: readonly (readonly [number, number])[], where: string): void {
  const [origin] = points as readonly [PointM];
  const far = points.reduce((a, b) => (distance(origin, b) > distance(origin, a) ? b : a));
  const length = distance(origin, far);
  points.forEach((point, index) => {
    const twin = points.findIndex((other) => distance(point, other) <= 1e-6 * length);
    if (twin < index) {
      throw invalid("points apart from each other", `points ${twin} and ${index} as one`, where);
    }
  });
  const aside = points.map(
    ([x, y]) =>
      Math.abs((far[0] - origin[0]) * (y - origin[1]) - (far[1] - origin[1]) * (x - origin[0])) /
      length ** 2,
  );
  if (Math.max(...aside) < 0.002) {
    throw invalid("points that span an area", "all on one line", where);
  }
}

function distance(a: PointM, b: PointM): number {
  return Math.hypot(a[0] - b[0], a[1] - b[1]);
}

function invalid(expected: string, got: string, field?: string): PermanentError {
  const where = field === undefined ? "calibration.points" : `calibration.points[].${field}`;
  return new PermanentError("CONFIG_INVALID", "The points do not determine the ground", {
    where,
    expected,
    got,
  });
}
