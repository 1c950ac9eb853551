import { describe, expect, it } from "vitest";
import { permissionsOf } from "../../../brain/accounts/index.ts";
import { accountRoleSchema, dutyProblem, permissionSchema } from "../../../protocol/index.ts";

/** Written out a second time: a slip in the table shows here. */
const EXPECTED: Readonly<Record<string, string>> = {
  "session.own":
    "operator dispatcher checker supervisor department grid-worker auditor administrator",
  "catalogue.view":
    "operator dispatcher checker supervisor department grid-worker auditor administrator",
  "health.view": "operator dispatcher checker supervisor department administrator",
  "metrics.view": "supervisor administrator",
  "case.view": "operator dispatcher checker supervisor department grid-worker",
  "case.command": "operator dispatcher checker supervisor department",
  "case.export": "operator dispatcher checker supervisor department",
  "evidence.view": "operator dispatcher checker supervisor department grid-worker",
  "whistle.view": "operator dispatcher checker supervisor department",
  "whistle.blow": "operator dispatcher supervisor",
  "whistle.command": "operator dispatcher supervisor department",
  "whistle.code": "operator dispatcher supervisor",
  "delivery.view": "operator dispatcher checker supervisor department administrator",
  "delivery.replay": "dispatcher supervisor administrator",
  "quarantine.view": "operator supervisor administrator",
  "subscription.view": "supervisor administrator",
  "subscription.manage": "administrator",
  "report.view": "operator dispatcher checker supervisor department auditor",
  "report.export": "supervisor auditor",
  "people.report": "operator dispatcher checker supervisor grid-worker",
  "people.view": "operator dispatcher checker supervisor",
  "people.contact": "operator supervisor",
  "people.keys": "supervisor administrator",
  "audit.view": "auditor",
  "account.view": "auditor administrator",
  "account.manage": "administrator",
  "camera.view": "operator supervisor administrator",
  "camera.manage": "supervisor administrator",
  "incident.regroup": "operator dispatcher supervisor",
  "silence.view": "operator dispatcher checker supervisor administrator",
  "silence.manage": "supervisor",
  "directory.manage": "administrator",
  "endpoint.view": "supervisor administrator",
  "endpoint.manage": "administrator",
  "evidence.hold": "supervisor",
};

describe("permissions", () => {
  it("are given to the roles that are meant to have them, and to no other", () => {
    const actual = Object.fromEntries(
      permissionSchema.options.map((permission) => [
        permission,
        accountRoleSchema.options.filter((role) => permissionsOf([role]).has(permission)).join(" "),
      ]),
    );
    expect(actual).toEqual(EXPECTED);
  });

  it("of several roles are all that each has", () => {
    const both = permissionsOf(["checker", "administrator"]);
    expect(both.has("case.command")).toBe(true);
    expect(both.has("account.manage")).toBe(true);
    expect(both.has("audit.view")).toBe(false);
    expect(permissionsOf([]).size).toBe(0);
  });
});

describe("duties", () => {
  const duties = { roles: ["operator" as const], department: null, jurisdiction: null };
  const police = "PS" as never;

  it("fit together, or say what does not", () => {
    expect(dutyProblem(duties)).toBeUndefined();
    expect(dutyProblem({ ...duties, roles: ["operator", "checker", "administrator"] })).toBe(
      undefined,
    );
    expect(dutyProblem({ ...duties, roles: ["department"], department: police })).toBe(undefined);
    for (const wrong of [
      { ...duties, roles: ["operator" as const, "operator" as const] },
      { ...duties, department: police },
      { ...duties, roles: ["department" as const] },
      { ...duties, roles: ["department" as const, "operator" as const], department: police },
      { ...duties, roles: ["auditor" as const, "administrator" as const] },
      { ...duties, roles: ["grid-worker" as const] },
    ]) {
      expect(dutyProblem(wrong), wrong.roles.join(" ")).toBeTypeOf("string");
    }
  });
});
