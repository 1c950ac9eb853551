import { describe, expect, it } from "vitest";
import { operatorOfCase, operatorOfWhistle } from "../../../brain/casework/operator-actor.ts";
import { type AccountRole, accountRoleSchema, type Viewer } from "../../../protocol/index.ts";

const account = (roles: AccountRole[], department: string | null = null): Viewer => ({
  id: "0198c0de-0000-7000-8000-000000000001",
  name: "Li Wei",
  roles,
  department: department as Viewer["department"],
  jurisdiction: null,
});
const local: Viewer = { ...account([...accountRoleSchema.options]), id: "local" };

describe("somebody who acts on a case", () => {
  it("acts as the request says where nobody has an account", () => {
    expect(operatorOfCase(local, undefined, "file", "PS")).toEqual({
      role: "officer",
      id: "local",
      department: null,
    });
    const as = { role: "department" as const, id: "crew-7" };
    expect(operatorOfCase(local, as, "accept", "PS")).toEqual({
      role: "department",
      id: "crew-7",
      department: "PS",
    });
  });

  it("acts under the own name and in an own role with an account", () => {
    const operator = account(["operator", "checker"]);
    expect(operatorOfCase(operator, undefined, "check", "PS")).toMatchObject({
      role: "checker",
      id: operator.id,
    });
    for (const as of [
      { role: "officer" as const, id: "somebody-else" },
      { role: "supervisor" as const, id: operator.id },
    ]) {
      expect(() => operatorOfCase(operator, as, "file", "PS")).toThrow(/not your part/);
    }
  });

  it("leaves to the machine who may give a command that is none of the own role's", () => {
    expect(operatorOfCase(account(["checker"]), undefined, "file", "PS").role).toBe("checker");
    expect(() => operatorOfCase(account(["auditor"]), undefined, "file", "PS")).toThrow(
      /not your part/,
    );
  });

  it("speaks for the own department only", () => {
    const desk = account(["department"], "EM");
    expect(operatorOfCase(desk, undefined, "accept", "PS").department).toBe("EM");
    const other = { role: "department" as const, id: desk.id, department: "PS" as never };
    expect(() => operatorOfCase(desk, other, "accept", "PS")).toThrow(/not your part/);
    const answer = { kind: "take", department: "PS" } as never;
    expect(operatorOfWhistle(desk, undefined, answer).department).toBe("EM");
  });

  it("writes down as a dispatcher what a department says by telephone", () => {
    const dispatcher = account(["dispatcher"]);
    expect(operatorOfCase(dispatcher, undefined, "accept", "PS")).toEqual({
      role: "department",
      id: dispatcher.id,
      department: "PS",
    });
  });
});
