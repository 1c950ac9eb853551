/** Who must be told of a case. Routing is data: the catalogue names lead and co-departments. */
import type { DepartmentCode, EventType, RoutingRule, TaskRole } from "../../protocol/index.ts";

/** The hub (综治中心) that takes what no other department can be reached for. */
export const HUB_DEPARTMENT = "ZZ";

export interface Share {
  readonly department: DepartmentCode;
  readonly role: TaskRole;
  /** Endpoint to deliver to; null where the share is only to be read, or nobody can be reached. */
  readonly endpointId: string | null;
  /** True when the hub's endpoint stands in for a department that has none. */
  readonly fallback: boolean;
}

/** A type with who leads and acts beside at some place, as the town routes it. */
export interface RoutedType extends EventType {
  /** Disposal unit under the lead that is meant to do the work. */
  readonly unit?: string;
}

export type RouteType = (type: EventType, gridCode: string | undefined) => RoutedType;

/** What a rule of the town's routing makes of a type; without a rule the catalogue stands. */
export function routeBy(
  type: EventType,
  rule: Pick<RoutingRule, "lead" | "unit" | "co"> | undefined,
): RoutedType {
  if (rule === undefined) {
    return type;
  }
  const { lead, unit } = rule;
  // Whom the catalogue names as lead stays beside where a rule gives the lead to another.
  const co = rule.co ?? [type.lead, ...type.co];
  const others = [...new Set(co)].filter((code) => code !== lead);
  return { ...type, lead, co: others, ...(unit === "" ? {} : { unit }) };
}

/** Finds the endpoint of a department that can be delivered to now. */
export type FindEndpoint = (department: string) => string | undefined;

/** The lead first. Co-departments act at once at S0, otherwise they are informed and may read. */
export function routeCase(type: EventType, findEndpoint: FindEndpoint): Share[] {
  const coRole: TaskRole = type.sla === "S0" ? "co" : "informed";
  const others = [...new Set(type.co)].filter((code) => code !== type.lead);
  return [
    shareOf(type.lead, "lead", findEndpoint),
    ...others.map((code) => shareOf(code, coRole, findEndpoint)),
  ];
}

function shareOf(department: DepartmentCode, role: TaskRole, findEndpoint: FindEndpoint): Share {
  if (role === "informed") {
    return { department, role, endpointId: null, fallback: false };
  }
  const own = findEndpoint(department);
  if (own !== undefined) {
    return { department, role, endpointId: own, fallback: false };
  }
  const hub = findEndpoint(HUB_DEPARTMENT);
  return { department, role, endpointId: hub ?? null, fallback: hub !== undefined };
}
