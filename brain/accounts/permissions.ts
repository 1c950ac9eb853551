/** What each role may do. What it sees of it is narrowed by department and jurisdiction. */
import {
  type AccountRole,
  accountRoleSchema,
  type Permission,
  permissionSchema,
} from "../../protocol/index.ts";

const EVERYBODY = accountRoleSchema.options;
/** The control room: works on cases of every department. */
const ROOM = ["operator", "dispatcher", "checker", "supervisor"] as const;

const ROLES_WITH: Readonly<Record<Permission, readonly AccountRole[]>> = {
  "session.own": EVERYBODY,
  "catalogue.view": EVERYBODY,
  "health.view": [...ROOM, "department", "administrator"],
  "metrics.view": ["supervisor", "administrator"],
  "case.view": [...ROOM, "department", "grid-worker"],
  "case.command": [...ROOM, "department"],
  "case.export": [...ROOM, "department"],
  "evidence.view": [...ROOM, "department", "grid-worker"],
  // Keeps a case from retention, for a court or an inquiry.
  "evidence.hold": ["supervisor"],
  "whistle.view": [...ROOM, "department"],
  "whistle.blow": ["operator", "dispatcher", "supervisor"],
  "whistle.command": ["operator", "dispatcher", "supervisor", "department"],
  // Who stands at the site proves it with this code: a department must not read it from afar.
  "whistle.code": ["operator", "dispatcher", "supervisor"],
  "delivery.view": [...ROOM, "department", "administrator"],
  "delivery.replay": ["dispatcher", "supervisor", "administrator"],
  "quarantine.view": ["operator", "supervisor", "administrator"],
  "subscription.view": ["supervisor", "administrator"],
  "subscription.manage": ["administrator"],
  "report.view": [...ROOM, "department", "auditor"],
  "report.export": ["supervisor", "auditor"],
  // What people tell: for a channel that is not open to everybody, and the reports of a case.
  "people.report": [...ROOM, "grid-worker"],
  "people.view": ROOM,
  "people.contact": ["operator", "supervisor"],
  "people.keys": ["supervisor", "administrator"],
  "audit.view": ["auditor"],
  "account.view": ["auditor", "administrator"],
  "account.manage": ["administrator"],
  // Which rules watch a camera, and stopping all analysis of it.
  "camera.view": ["operator", "supervisor", "administrator"],
  "camera.manage": ["supervisor", "administrator"],
  "incident.regroup": ["operator", "dispatcher", "supervisor"],
  "silence.view": [...ROOM, "administrator"],
  "silence.manage": ["supervisor"],
  "directory.manage": ["administrator"],
  "endpoint.view": ["supervisor", "administrator"],
  "endpoint.manage": ["administrator"],
};

export const ALL_ROLES: readonly AccountRole[] = EVERYBODY;

/** All that one of the roles may do. */
export function permissionsOf(roles: readonly AccountRole[]): ReadonlySet<Permission> {
  return new Set(
    permissionSchema.options.filter((permission) =>
      ROLES_WITH[permission].some((role) => roles.includes(role)),
    ),
  );
}
