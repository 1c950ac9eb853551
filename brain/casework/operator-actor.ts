/**
 * In which capacity the control room acts. Until there are accounts, one key opens the room and
 * the request says who acts there; what is left out follows from the command.
 */
import {
  type Actor,
  type CaseCommandKind,
  type CaseCommandRequest,
  PermanentError,
  type Role,
  type WhistleCommand,
} from "../../protocol/index.ts";

export const OPERATOR_ID = "operator";

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
export function operatorOfCase(as: DeclaredActor, kind: CaseCommandKind, lead: string): Actor {
  return actorOf(as, ROLE_OF[kind], lead);
}

export function operatorOfWhistle(as: DeclaredActor, command: WhistleCommand): Actor {
  const speaksForParty =
    command.kind === "answer" ||
    command.kind === "take" ||
    command.kind === "feed-back" ||
    (command.kind === "check-in" && command.proof.by !== "attestation") ||
    (command.kind === "rate" && command.direction === "by-party");
  return speaksForParty
    ? actorOf(as, "department", command.department)
    : actorOf(as, command.kind === "waive" ? "supervisor" : "dispatcher", null);
}

export function operatorWhoBlows(as: DeclaredActor): Actor {
  return actorOf(as, "dispatcher", null);
}

/** @throws PermanentError ROLE_REFUSED for the brain's own role. */
function actorOf(as: DeclaredActor, role: Role, department: string | null): Actor {
  const taken = as?.role ?? role;
  if (taken === "system") {
    throw new PermanentError("ROLE_REFUSED", "Nobody acts as the brain itself", {
      where: "as.role",
      expected: "a role of people",
      got: taken,
    });
  }
  const own = as?.department ?? (taken === "department" ? department : null);
  return {
    role: taken,
    id: as?.id ?? OPERATOR_ID,
    department: own as Actor["department"],
  };
}
