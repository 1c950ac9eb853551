/** How near an object is to where a rule would change its mind. */
import type { RuleConfig } from "../config/index.ts";
import { footPoint, type BoxNorm, type PointNorm } from "../protocol/index.ts";

/** A walker covers about this much of the picture between two looks at five a second. */
const NEAR = 0.05;

/** Whether the object's foot point is near the rule's line or its zone's border. */
export function isNearShape(box: BoxNorm, rule: RuleConfig): boolean {
  const foot = footPoint(box);
  const isZone = rule.kind === "zone-intrusion";
  const points: readonly PointNorm[] = isZone ? rule.zone : rule.line;
  return points.some((from, index) => {
    const to = points[index + 1] ?? (isZone ? points[0] : undefined);
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
