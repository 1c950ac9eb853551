import { describe, expect, it } from "vitest";
import {
  ACTION_KEYS,
  actionsFor,
  mostUrgent,
  nextActions,
  type ActionContext,
} from "../../../console/model/index.ts";
import type { CaseAction, CaseActionOffer } from "../../../protocol/index.ts";
import { scriptCase } from "../../support/fake-brain/index.ts";

const NOW_MS = Date.parse("2026-01-01T12:00:00.000Z");
const CASE = scriptCase(1, NOW_MS, { eventType: "FIR.SMOKE" });
const officer = { role: "officer", id: "officer-desk" } as const;

const offer = (kind: CaseAction, change: Partial<CaseActionOffer> = {}): CaseActionOffer => ({
  ...{ kind, as: officer, filesFirst: false },
  ...change,
});

function context(
  actions: readonly CaseActionOffer[] | null,
  change: Partial<ActionContext> = {},
): ActionContext {
  return { summary: CASE, work: null, actions, timeline: [], ...change };
}

describe("what may be done next", () => {
  it("has a key of its own for every action, beside those of the list", () => {
    const keys = [...Object.values(ACTION_KEYS), "j", "k", "n", "/", "?", "Enter", "Escape"];
    expect(new Set(keys).size).toBe(keys.length);
  });

  it("is what the brain lists, in the order of the buttons, with the part that it names", () => {
    const listed = [offer("cancel"), offer("reject"), offer("verify"), offer("escalate")];
    expect(nextActions(context(listed))).toMatchObject([
      { kind: "verify", key: "v", as: officer, isAside: false },
      { kind: "reject", key: "x", as: officer, isAside: false },
      { kind: "escalate", key: "^", as: officer, isAside: true },
      { kind: "cancel", key: "Delete", as: officer, isAside: true },
    ]);
    expect(nextActions(context([]))).toEqual([]);
    expect(nextActions(context(null))).toEqual([]);
  });

  it("merges incidents, so that what comes later joins the right case", () => {
    const kinds = nextActions(context([offer("merge"), offer("regroup", { as: null })]));
    expect(kinds.map(({ kind }) => kind)).toEqual(["regroup"]);
  });

  it("keeps dispatching again aside while the first is on its way", () => {
    const summary = { ...CASE, state: "FILED" } as const;
    const find = (timeline: ActionContext["timeline"]) =>
      nextActions(context([offer("dispatch")], { summary, timeline }))[0];
    expect(find([])?.isAside).toBe(false);
    expect(find([{ kind: "filed" }, { kind: "sent" }])?.isAside).toBe(true);
    const both = context([offer("dispatch", { filesFirst: true })]);
    expect(nextActions(both)[0]?.filesFirst).toBe(true);
  });

  it("takes the newest list, and none that was made for another state", () => {
    const reported = { state: "REPORTED", version: 3, actions: [offer("verify")] } as const;
    const verifying = { state: "VERIFYING", version: 4, actions: [offer("file")] } as const;
    expect(actionsFor({ state: "REPORTED" }, reported, null)).toBe(reported.actions);
    expect(actionsFor({ state: "VERIFYING" }, reported, verifying)).toBe(verifying.actions);
    expect(actionsFor({ state: "FILED" }, reported, verifying)).toBeNull();
    expect(actionsFor({ state: "REPORTED" }, null)).toBeNull();
    // An answer without a list, such as a conflict's, leaves what is known of the state.
    const told = { state: "REPORTED", version: 9 } as const;
    expect(actionsFor({ state: "REPORTED" }, reported, told)).toBe(reported.actions);
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
