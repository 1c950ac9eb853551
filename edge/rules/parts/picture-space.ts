/** Distances in the picture; x is widened by the aspect, so that both axes have one unit. */
import {
  footPoint,
  isInsidePolygon,
  type BoxNorm,
  type PointNorm,
  type PolygonNorm,
} from "../../../protocol/index.ts";

/** A box cut by the lower border still has to be able to stand in a zone that reaches it. */
const LOWEST = 0.999;

/** Where it stands: the middle of the lower edge; of a box that the border cuts, the lowest seen. */
export function standPoint(box: BoxNorm): PointNorm {
  const [x, y] = footPoint(box);
  return [x, Math.min(LOWEST, y)];
}

/** Out of a zone only when this far out, in heights of the object: foot points jitter by hundredths. */
const BORDER_HEIGHTS = 0.1;

/** Whether it stands in a zone; who was in before is still in a little outside of the border. */
export function standsIn(zone: PolygonNorm, box: BoxNorm, wasIn: boolean, aspect: number): boolean {
  const point = standPoint(box);
  return (
    isInsidePolygon(point, zone) ||
    (wasIn && distanceToBorder(point, zone, aspect) < BORDER_HEIGHTS * box.height)
  );
}

/** How a box's lowest quarter is sampled; its outer tenths are seldom the object. */
const FOOTPRINT_X = [0.1, 0.26, 0.42, 0.58, 0.74, 0.9];
const FOOTPRINT_Y = [0.79, 0.87, 0.95];

/** Share of a box's lowest quarter in a zone: about where a long object touches the ground. */
export function footprintShare(zone: PolygonNorm, box: BoxNorm): number {
  let inside = 0;
  for (const x of FOOTPRINT_X) {
    for (const y of FOOTPRINT_Y) {
      inside += isInsidePolygon([box.left + x * box.width, box.top + y * box.height], zone) ? 1 : 0;
    }
  }
  return inside / (FOOTPRINT_X.length * FOOTPRINT_Y.length);
}

/** In picture heights. */
export function pictureDistance(a: PointNorm, b: PointNorm, aspect: number): number {
  return Math.hypot((a[0] - b[0]) * aspect, a[1] - b[1]);
}

/** Mean of both sides, in picture heights: unlike each side it hardly depends on the view. */
export function sizeOf(box: BoxNorm, aspect: number): number {
  return Math.sqrt(box.width * aspect * box.height);
}

/** To the nearest edge, from inside as from outside, in picture heights. */
export function distanceToBorder(point: PointNorm, polygon: PolygonNorm, aspect: number): number {
  return Math.min(
    ...polygon.map((from, index) =>
      distanceToSegment(point, from, polygon[(index + 1) % polygon.length] as PointNorm, aspect),
    ),
  );
}

function distanceToSegment(p: PointNorm, from: PointNorm, to: PointNorm, aspect: number): number {
  const [dx, dy] = [(to[0] - from[0]) * aspect, to[1] - from[1]];
  const [px, py] = [(p[0] - from[0]) * aspect, p[1] - from[1]];
  const length = dx * dx + dy * dy;
  const share = length === 0 ? 0 : Math.min(1, Math.max(0, (px * dx + py * dy) / length));
  return Math.hypot(px - share * dx, py - share * dy);
}

/** The smallest box around all; at least one. */
export function boxAround(boxes: readonly BoxNorm[]): BoxNorm {
  const left = Math.min(...boxes.map((box) => box.left));
  const top = Math.min(...boxes.map((box) => box.top));
  return {
    left,
    top,
    width: Math.max(...boxes.map((box) => box.left + box.width)) - left,
    height: Math.max(...boxes.map((box) => box.top + box.height)) - top,
  };
}
