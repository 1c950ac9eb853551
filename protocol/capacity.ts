/** Apart from the schemas, so that the page's first view need not carry them. */
import type { AccountRole } from "./account.ts";
import type { Role } from "./command.ts";

/**
 * In which capacities an account of each role may act on a case. A dispatcher is the hub, and
 * writes down what departments telephone.
 */
export const CAPACITIES: Readonly<Record<AccountRole, readonly Role[]>> = {
  operator: ["officer"],
  dispatcher: ["dispatcher", "hub", "department"],
  checker: ["checker"],
  supervisor: ["supervisor"],
  department: ["department"],
  "grid-worker": ["reporter"],
  auditor: [],
  administrator: [],
};
