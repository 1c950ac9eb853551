/** Where a rule lies in the picture, and how near an object is to where it would change its mind. */
import type { RuleConfig } from "../config/index.ts";
import { footPoint, type BoxNorm, type PointNorm } from "../protocol/index.ts";

/** A walker covers about this much of the picture between two looks at five a second. */
const NEAR = 0.05;

export interface RuleShape {
  readonly kind: "zone" | "line";
  readonly points: readonly PointNorm[];
}

/** `undefined` for a rule about the whole picture. */
export function shapeOf(rule: RuleConfig): RuleShape | undefined {
  if ("line" in rule) {
    return { kind: "line", points: rule.line };
  }
  return "zone" in rule && rule.zone !== undefined
    ? { kind: "zone", points: rule.zone }
    : undefined;
}

/** Whether the object's foot point is near the rule's line or its zone's border. */
export function isNearShape(box: BoxNorm, rule: RuleConfig): boolean {
  const shape = shapeOf(rule);
  if (shape === undefined) {
    return false;
  }
  const foot = footPoint(box);
  return shape.points.some((from, index) => {
    const to = shape.points[index + 1] ?? (shape.kind === "zone" ? shape.points[0] : undefined);
    return to !== undefined && distanceToSegment(foot, from, to) < NEAR;
  });
}

function distanceToSegment(point: PointNorm, from: PointNorm, to: PointNorm): number {
  const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
  const length = dx * dx + dy * dy;
  const along = length === 0 ? 0 : ((point[0] - from[0]) * dx + (point[1] - from[1]) * dy) / length;
  const share = Math.min(1, Math.max(0, along));
  return Math.hypot(point[0] - from[0] - share * dx, point[1] - from[1] - share * dy);
}
