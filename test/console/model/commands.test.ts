import { describe, expect, it } from "vitest";
import {
  ACTION_KEYS,
  actorFor,
  mostUrgent,
  nextActions,
  type ActionContext,
} from "../../../console/model/index.ts";
import type { AccountRole, CaseState, CaseWorkView, SessionView } from "../../../protocol/index.ts";
import { scriptCase } from "../../support/fake-brain/index.ts";

const NOW_MS = Date.parse("2026-01-01T12:00:00.000Z");
const CASE = scriptCase(1, NOW_MS, { eventType: "FIR.SMOKE" });

function accountOf(roles: readonly AccountRole[], department: string | null = null): SessionView {
  const viewer = { id: "a-1", name: "A", roles, department, jurisdiction: null };
  return { mode: "accounts", signedIn: true, viewer } as SessionView;
}

function workOf(change: Partial<CaseWorkView> = {}): CaseWorkView {
  return {
    ...{ caseId: CASE.id, state: "REPORTED", version: 1, level: 0, light: "none", round: 1 },
    ...{ standard: null, clocks: [], returns: [], ruled: false, suspension: null, reworks: 0 },
    ...{ cancelAskedBy: null, whistles: [] },
    ...change,
  };
}

function context(
  state: CaseState,
  session: SessionView | null = null,
  change: Partial<ActionContext> = {},
): ActionContext {
  return { summary: { ...CASE, state }, work: workOf(), timeline: [], session, ...change };
}

const kinds = (of: ActionContext): string[] => nextActions(of).map(({ kind }) => kind);

describe("what may be done next", () => {
  it("has a key of its own for every action, beside those of the list", () => {
    const keys = [...Object.values(ACTION_KEYS), "j", "k", "n", "/", "?", "Enter", "Escape"];
    expect(new Set(keys).size).toBe(keys.length);
  });

  it("offers each role its own part", () => {
    expect(kinds(context("REPORTED", accountOf(["operator"])))).toEqual([
      "verify",
      "file",
      "reject",
      "merge",
      "escalate",
      "cancel",
    ]);
    expect(kinds(context("FILED", accountOf(["dispatcher"])))).toContain("dispatch");
    expect(kinds(context("HANDLED", accountOf(["checker"])))).toEqual(["check"]);
    expect(kinds(context("CLOSED", accountOf(["supervisor"])))).toContain("reopen");
    expect(kinds(context("REPORTED", accountOf(["auditor"])))).toEqual([]);
  });

  it("files and dispatches in one, for who may do both", () => {
    const both = accountOf(["operator", "dispatcher"]);
    const offer = nextActions(context("VERIFYING", both)).find(({ kind }) => kind === "dispatch");
    expect(offer?.filesFirst).toBe(true);
    expect(kinds(context("VERIFYING", accountOf(["dispatcher"])))).not.toContain("dispatch");
  });

  it("offers a department what it leads, and nothing of others", () => {
    const lead = accountOf(["department"], "XF");
    const other = accountOf(["department"], "GA");
    expect(kinds(context("DISPATCHED", lead))).toEqual(["accept", "return", "escalate"]);
    expect(kinds(context("DISPATCHED", other))).toEqual(["escalate"]);
  });

  it("lets nobody return what was ruled or returned before", () => {
    const returned = workOf({
      returns: [{ department: "XF", reason: "no", at: "2026-01-01T12:00:00.000Z" }],
    });
    const lead = accountOf(["department"], "XF");
    expect(kinds(context("DISPATCHED", lead, { work: returned }))).not.toContain("return");
    const ruled = workOf({ ruled: true });
    expect(kinds(context("DISPATCHED", lead, { work: ruled }))).not.toContain("return");
  });

  it("closes only what has passed its check", () => {
    const checking = [{ kind: "checking" }] as const;
    const passed = [...checking, { kind: "check-passed" }] as const;
    expect(kinds(context("CHECKING", null, { timeline: checking }))).toContain("pass");
    expect(kinds(context("CHECKING", null, { timeline: checking }))).not.toContain("close");
    expect(kinds(context("CHECKING", null, { timeline: passed }))).toContain("close");
    expect(kinds(context("CHECKING", null, { timeline: passed }))).not.toContain("pass");
  });

  it("knows no pause of urgent levels, and asks for one pause at a time", () => {
    expect(kinds(context("HANDLING"))).not.toContain("suspend");
    const slow = { ...CASE, state: "HANDLING", serviceLevel: "S3" } as const;
    expect(kinds(context("HANDLING", null, { summary: slow }))).toContain("suspend");
    const asked = workOf({ suspension: { reason: "rain", until: "2026-01-03T00:00:00.000Z" } });
    const offered = kinds(context("HANDLING", null, { summary: slow, work: asked }));
    expect(offered).toContain("approve-suspension");
    expect(offered).not.toContain("suspend");
  });

  it("keeps dispatching again aside while the first is on its way", () => {
    const find = (timeline: ActionContext["timeline"]) =>
      nextActions(context("FILED", null, { timeline })).find(({ kind }) => kind === "dispatch");
    expect(find([])?.isAside).toBe(false);
    expect(find([{ kind: "filed" }, { kind: "sent" }])?.isAside).toBe(true);
  });

  it("cancels by a second role after a first has asked", () => {
    const asked = context("FILED", null, { work: workOf({ cancelAskedBy: "officer" }) });
    expect(actorFor("cancel", asked)?.role).toBe("dispatcher");
    const same = { ...asked, session: accountOf(["operator"]) };
    expect(kinds(same)).not.toContain("cancel");
  });

  it("gives handling and checking different names where nobody has an account", () => {
    expect(actorFor("handle", context("HANDLING"))).toEqual({
      ...{ role: "department", id: "XF", department: "XF" },
    });
    expect(actorFor("check", context("HANDLED"))?.id).toBe("checker-desk");
    expect(actorFor("verify", context("REPORTED", accountOf(["operator"])))).toBeUndefined();
  });

  it("opens life safety first, then the gravest, then who waits longest", () => {
    const of = (serial: number, eventType: string, ageMs: number) =>
      scriptCase(serial, NOW_MS, { eventType, ageMs });
    const late = of(1, "SEC.INTRUDE", 90_000);
    const smoke = of(2, "FIR.SMOKE", 1_000);
    const fight = of(3, "SEC.FIGHT", 80_000);
    const done = scriptCase(4, NOW_MS, { eventType: "FIR.SMOKE", state: "DISPATCHED" });
    expect(mostUrgent([late, fight, smoke, done])).toBe(smoke.id);
    expect(mostUrgent([late, fight])).toBe(fight.id);
    expect(mostUrgent([done])).toBeNull();
  });
});
