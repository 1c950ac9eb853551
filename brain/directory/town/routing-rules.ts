/** Which rule of the town's routing counts: the best named type first, then the longest area. */
import { familyOf, type RoutingRule } from "../../../protocol/index.ts";

const DIGITS = 15;

export function createRouting(
  rules: readonly RoutingRule[],
): (eventType: string, gridCode: string | undefined) => RoutingRule | undefined {
  const byKey = new Map(rules.map((rule) => [`${rule.eventType} ${rule.area}`, rule]));
  return (eventType, gridCode = "") => {
    if (byKey.size === 0) {
      return undefined;
    }
    for (const type of [eventType, `${familyOf(eventType)}.*`, "*"]) {
      for (let length = Math.min(gridCode.length, DIGITS); length >= 0; length -= 1) {
        const rule = byKey.get(`${type} ${gridCode.slice(0, length)}`);
        if (rule !== undefined) {
          return rule;
        }
      }
    }
    return undefined;
  };
}
