/**
 * In which capacity somebody acts who is signed in. An account acts in its own roles and under its
 * own id; where nobody has an account, the request says who acts. What is left out follows from
 * the command.
 */
import {
  type Actor,
  type CaseCommandKind,
  type CaseCommandRequest,
  CAPACITIES,
  PermanentError,
  type Role,
  type Viewer,
  type WhistleCommand,
} from "../../protocol/index.ts";

type DeclaredActor = CaseCommandRequest["as"];

const ROLE_OF: Readonly<Record<CaseCommandKind, Role>> = {
  verify: "officer",
  reject: "officer",
  merge: "officer",
  file: "officer",
  dispatch: "dispatcher",
  rule: "hub",
  accept: "department",
  return: "department",
  start: "department",
  contain: "department",
  handle: "department",
  suspend: "department",
  "approve-suspension": "supervisor",
  "refuse-suspension": "supervisor",
  resume: "supervisor",
  check: "checker",
  pass: "checker",
  fail: "checker",
  close: "officer",
  evaluate: "officer",
  reopen: "supervisor",
  cancel: "officer",
  escalate: "supervisor",
  supervise: "supervisor",
};

/** For a department that answers by telephone, the control room writes down what it says. */
export function operatorOfCase(
  viewer: Viewer,
  as: DeclaredActor,
  kind: CaseCommandKind,
  lead: string,
): Actor {
  return actorOf(viewer, as, ROLE_OF[kind], lead);
}

export function operatorOfWhistle(
  viewer: Viewer,
  as: DeclaredActor,
  command: WhistleCommand,
): Actor {
  const speaksForParty =
    command.kind === "answer" ||
    command.kind === "take" ||
    command.kind === "feed-back" ||
    (command.kind === "check-in" && command.proof.by !== "attestation") ||
    (command.kind === "rate" && command.direction === "by-party");
  return speaksForParty
    ? actorOf(viewer, as, "department", command.department)
    : actorOf(viewer, as, command.kind === "waive" ? "supervisor" : "dispatcher", null);
}

export function operatorWhoBlows(viewer: Viewer, as: DeclaredActor): Actor {
  return actorOf(viewer, as, "dispatcher", null);
}

/**
 * Every capacity in which somebody may act on a case. Where nobody has an account each desk has a
 * name of its own, so that handling and checking stay apart.
 */
export function actorsOf(viewer: Viewer, lead: string): Actor[] {
  const roles = [...new Set(viewer.roles.flatMap((one) => CAPACITIES[one]))];
  return roles.map((role): Actor => {
    const own = viewer.department ?? (role === "department" ? lead : null);
    const desk = role === "department" ? lead : `${role}-desk`;
    return {
      role,
      id: hasAccount(viewer) ? viewer.id : desk,
      department: own as Actor["department"],
    };
  });
}

/** How an offered action names its actor: as a request repeats it in `as`. */
export function declared({ role, id, department }: Actor, viewer: Viewer): DeclaredActor {
  return hasAccount(viewer) || department === null ? { role, id } : { role, id, department };
}

/** @throws PermanentError ROLE_REFUSED for the brain's own role, and for another's role or name. */
function actorOf(viewer: Viewer, as: DeclaredActor, role: Role, department: string | null): Actor {
  const capacities = viewer.roles.flatMap((one) => CAPACITIES[one]);
  // Of a command that is not his the machine says who may give it.
  const fallback = hasAccount(viewer) && !capacities.includes(role) ? capacities[0] : role;
  const taken = as?.role ?? fallback ?? role;
  if (taken === "system") {
    throw new PermanentError("ROLE_REFUSED", "Nobody acts as the brain itself", {
      where: "as.role",
      expected: "a role of people",
      got: taken,
    });
  }
  const own = as?.department ?? (taken === "department" ? department : null);
  if (hasAccount(viewer)) {
    requireOwn(viewer, as, taken, capacities);
  }
  const id = hasAccount(viewer) ? viewer.id : (as?.id ?? viewer.id);
  return { role: taken, id, department: (viewer.department ?? own) as Actor["department"] };
}

const hasAccount = ({ id }: Viewer): boolean => id !== "local" && id !== "key";

function requireOwn(
  { id, department }: Viewer,
  as: DeclaredActor,
  role: Role,
  mayBe: readonly Role[],
): void {
  const isOther =
    (as?.id !== undefined && as.id !== id) ||
    (department !== null && as?.department !== undefined && as.department !== department);
  if (mayBe.includes(role) && !isOther) {
    return;
  }
  throw new PermanentError("ROLE_REFUSED", "That is not your part", {
    where: "as",
    expected: `yourself, as ${mayBe.join(" or ")}`,
    got: isOther ? "somebody else" : role,
  });
}
