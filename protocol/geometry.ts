/**
 * Picture geometry. Coordinates are normalised: x right and y down, 0–1 of the picture, so that a
 * zone drawn on one resolution holds on every other.
 */
import { z } from "zod";

const unit = z.number().min(0).max(1);

export const pointNormSchema = z.tuple([unit, unit]);
/** [x, y] in picture fractions. */
export type PointNorm = readonly [number, number];

/** At least three corners; closed implicitly from the last to the first. */
export const polygonNormSchema = z.array(pointNormSchema).min(3).max(64);
export type PolygonNorm = readonly PointNorm[];

/** Left, top, width, height in picture fractions. */
export const boxNormSchema = z
  .object({ left: unit, top: unit, width: unit, height: unit })
  .strict();
export interface BoxNorm {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Where a standing object touches the ground: the middle of the box's lower edge. */
export function footPoint(box: BoxNorm): PointNorm {
  return [box.left + box.width / 2, box.top + box.height];
}

/** Even–odd rule; a point on an edge may fall on either side. */
export function isInsidePolygon(point: PointNorm, polygon: PolygonNorm): boolean {
  const [x, y] = point;
  let inside = false;
  for (let i = 0, j = polygon.length - 1; i < polygon.length; j = i++) {
    const [xi, yi] = polygon[i] as PointNorm;
    const [xj, yj] = polygon[j] as PointNorm;
    if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) {
      inside = !inside;
    }
  }
  return inside;
}

/**
 * Twice the signed area of the triangle a→b→p: positive when p lies to the right of the direction
 * a→b as seen on the picture (y grows downwards), negative to the left, 0 on the line.
 */
export function sideOfLine(a: PointNorm, b: PointNorm, p: PointNorm): number {
  return (b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0]);
}

/** True when the segments a–b and p–q cross at an inner point of both. */
export function segmentsCross(a: PointNorm, b: PointNorm, p: PointNorm, q: PointNorm): boolean {
  return (
    sideOfLine(a, b, p) * sideOfLine(a, b, q) < 0 && sideOfLine(p, q, a) * sideOfLine(p, q, b) < 0
  );
}

/** Area that two boxes of one coordinate space share. */
export function sharedArea(a: BoxNorm, b: BoxNorm): number {
  const width = Math.min(a.left + a.width, b.left + b.width) - Math.max(a.left, b.left);
  const height = Math.min(a.top + a.height, b.top + b.height) - Math.max(a.top, b.top);
  return width > 0 && height > 0 ? width * height : 0;
}

/** Intersection over union of two boxes in one coordinate space, 0–1. */
export function iou(a: BoxNorm, b: BoxNorm): number {
  const shared = sharedArea(a, b);
  return shared === 0 ? 0 : shared / (a.width * a.height + b.width * b.height - shared);
}
