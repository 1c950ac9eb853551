import { describe, expect, it } from "vitest";
import {
  caseTimers,
  type CaseOutcome,
  type CaseRecord,
  createWorkTime,
  decideCase,
  DEFAULT_CALENDAR,
  delivered,
  fireCaseTimer,
  openRecord,
} from "../../../brain/cases/index.ts";
import type { Actor, CaseCommand, Role, ServiceLevel } from "../../../protocol/index.ts";

const NOW = Date.UTC(2026, 10, 23, 2); // A Monday, ten o'clock in Shanghai.
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const work = createWorkTime(DEFAULT_CALENDAR);

const by = (role: Role, id: string = role, department: string | null = null): Actor => ({
  role,
  id,
  department: department as Actor["department"],
});
const lead = by("department", "crew 7", "CG");

interface Step {
  readonly kind: string;
  readonly [key: string]: unknown;
}

/** Plays commands, one a minute; a step without an actor is the lead's. */
function play(record: CaseRecord, ...steps: readonly (readonly [Step, Actor?])[]): CaseRecord {
  return steps.reduce(
    ({ record: current, now }, [command, actor]) => ({
      record: give(current, command, actor ?? lead, now).record,
      now: now + MINUTE_MS,
    }),
    { record, now: NOW },
  ).record;
}

function give(record: CaseRecord, command: Step, actor: Actor, now = NOW): CaseOutcome {
  const filled = { co: [], means: "system", evidence: [], ...command };
  return decideCase(record, filled as unknown as CaseCommand, { actor, now });
}

function opened(serviceLevel: ServiceLevel = "S2"): CaseRecord {
  return openRecord({
    state: "REPORTED",
    serviceLevel,
    lead: "CG",
    onset: NOW - 1_000,
    reportedAt: NOW,
    filedAt: null,
    dispatchedAt: null,
    acceptedAt: null,
    containedAt: null,
  });
}

const FILE = [{ kind: "file", standard: "1.2" }, by("officer")] as const;
const SEND = [{ kind: "dispatch" }, by("dispatcher")] as const;
const dispatched = (level?: ServiceLevel): CaseRecord =>
  delivered(play(opened(level), FILE, SEND), "CG", NOW).record;
const handling = (level?: ServiceLevel): CaseRecord =>
  play(dispatched(level), [{ kind: "accept" }], [{ kind: "start" }]);
const checked = (): CaseRecord =>
  play(
    handling(),
    [{ kind: "handle", note: "swept" }],
    [{ kind: "check" }, by("checker")],
    [{ kind: "pass" }, by("checker")],
  );
const closed = (): CaseRecord => play(checked(), [{ kind: "close" }, by("officer")]);

describe("the closed loop", () => {
  it("leads from the report to the archive", () => {
    const evaluated = play(closed(), [
      { kind: "evaluate", responded: true, solved: true, satisfaction: 5 },
      by("reporter"),
    ]);
    expect(evaluated.state).toBe("EVALUATED");
    const [review] = caseTimers(evaluated, work);
    expect(review?.kind).toBe("review");
    const context = { work, now: review?.dueAt ?? 0, coDepartments: [] };
    expect(fireCaseTimer(evaluated, "review", context).record.state).toBe("ARCHIVED");
  });

  it("asks for each role its own commands", () => {
    expect(() => give(opened(), { kind: "file", standard: "1" }, by("dispatcher"))).toThrow(/role/);
    expect(() => give(play(opened(), FILE), { kind: "dispatch" }, by("officer"))).toThrow(/role/);
    expect(() => give(dispatched(), { kind: "accept" }, by("department", "x", "GA"))).toThrow(
      /Only the lead/,
    );
  });

  it("refuses a handled report without after-evidence", () => {
    expect(() => give(handling(), { kind: "handle" }, lead)).toThrow(/Nothing shows/);
    const shown = give(handling(), { kind: "handle", evidence: ["a".repeat(64)] }, lead);
    expect(shown.record.state).toBe("HANDLED");
  });

  it("lets nobody check or close what he handled, whatever his role is now", () => {
    const handled = play(handling(), [{ kind: "handle", note: "swept" }]);
    const sameHand = by("checker", "crew 7");
    const sameHouse = by("checker", "another", "CG");
    expect(() => give(handled, { kind: "check" }, sameHand)).toThrow(/handled a case/);
    expect(() => give(handled, { kind: "check" }, sameHouse)).toThrow(/handled a case/);
    expect(() => give(checked(), { kind: "close" }, by("officer", "crew 7"))).toThrow(
      /handled a case/,
    );
  });

  it("closes only after a passed check", () => {
    const checking = play(
      handling(),
      [{ kind: "handle", note: "swept" }],
      [{ kind: "check" }, by("checker")],
    );
    expect(() => give(checking, { kind: "close" }, by("officer"))).toThrow(/not been checked/);
  });

  it("sends failed work back, and its old evidence does not count", () => {
    const again = play(
      handling(),
      [{ kind: "handle", note: "swept" }],
      [{ kind: "check" }, by("checker")],
      [{ kind: "fail", reason: "still there" }, by("checker")],
    );
    expect(again).toMatchObject({ state: "REWORK", reworks: 1, afterEvidence: null });
    expect(play(again, [{ kind: "start" }]).state).toBe("HANDLING");
  });
});

describe("delivery and acknowledgement", () => {
  it("end in the same state whatever their order", () => {
    const sent = play(opened(), FILE, SEND);
    const usual = play(delivered(sent, "CG", NOW).record, [{ kind: "accept" }]);
    const overtaken = delivered(play(sent, [{ kind: "accept" }]), "CG", NOW + 5).record;
    expect(overtaken).toEqual(usual);
    expect(overtaken).toMatchObject({ state: "ACCEPTED", round: { dispatchedAt: NOW } });
  });

  it("move nothing when they are another department's, or nobody was sent", () => {
    const sent = play(opened(), FILE, SEND);
    expect(delivered(sent, "GA", NOW).record).toBe(sent);
    expect(delivered(opened(), "CG", NOW).record.state).toBe("REPORTED");
  });
});

describe("returning", () => {
  const GA = by("department", "desk", "GA");
  const back = { kind: "return", reason: "not ours" };
  const toGa = [{ kind: "dispatch", lead: "GA" }, by("dispatcher")] as const;

  it("is possible twice, then the hub rules while the clock keeps running", () => {
    const once = play(dispatched(), [back], toGa);
    const twice = play(delivered(once, "GA", NOW).record, [back, GA]);
    expect(twice.state).toBe("RETURNED");
    expect(() => give(twice, { kind: "dispatch", lead: "XF" }, by("dispatcher"))).toThrow(/ruling/);
    const contain = caseTimers(twice, work).find(({ kind }) => kind === "contain");
    expect(contain?.dueAt).toBe(NOW + 1.5 * HOUR_MS);
    const ruled = play(twice, [{ kind: "rule", lead: "CG", reason: "it is" }, by("hub")]);
    const sent = delivered(ruled, "CG", NOW + HOUR_MS).record;
    expect(sent).toMatchObject({ state: "DISPATCHED", round: { dispatchedAt: NOW } });
    expect(() => give(sent, back, lead)).toThrow(/ruled/);
  });

  it("is refused a second time to the same department", () => {
    const again = play(dispatched(), [back], [{ kind: "dispatch" }, by("dispatcher")]);
    expect(() => give(delivered(again, "CG", NOW).record, back, lead)).toThrow(/before/);
  });

  it("belongs to the lead that has the task now: the old one's delivery moves nothing", () => {
    const moved = play(dispatched(), [back], toGa);
    expect(delivered(moved, "CG", NOW).record).toBe(moved);
    expect(() => give(moved, { kind: "accept" }, lead)).toThrow(/Only the lead/);
  });

  it("takes back a message that has not gone out yet when another is sent instead", () => {
    const outcome = give(play(opened(), FILE, SEND), toGa[0], toGa[1]);
    expect(outcome.effects).toContainEqual({
      kind: "withdraw",
      department: "CG",
      cause: "reassigned",
      reason: "sent to GA instead",
      scope: "open",
    });
  });

  it("is merged by an officer while it is a report, and by the brain while nobody has it", () => {
    const merge = { kind: "merge", into: "0198c0de-0000-7000-8000-000000000001" };
    const brain = by("system");
    expect(give(opened(), merge, by("officer")).record.state).toBe("MERGED");
    for (const sent of [play(opened(), FILE, SEND), dispatched()]) {
      expect(() => give(sent, merge, by("officer"))).toThrow(/merge its incident/);
      const { record, effects } = give(sent, merge, brain);
      expect(record).toMatchObject({ state: "MERGED", mergedInto: merge.into });
      expect(effects).toContainEqual(
        expect.objectContaining({ kind: "withdraw", cause: "case-merged", department: null }),
      );
      expect(caseTimers(record, work)).toEqual([]);
    }
    expect(() => give(handling(), merge, brain)).toThrow(/cannot move from HANDLING to MERGED/);
  });

  it("tells those who have not answered that it is closed, and nobody who has", () => {
    const { effects } = give(checked(), { kind: "close" }, by("officer"));
    expect(effects).toContainEqual(
      expect.objectContaining({ kind: "withdraw", cause: "case-closed", scope: "unanswered" }),
    );
  });
});

describe("a pause", () => {
  const until = new Date(NOW + 3 * DAY_MS).toISOString();
  const ask = { kind: "suspend", reason: "spare part", until };

  it("is unknown to urgent levels", () => {
    for (const level of ["S0", "S1"] as const) {
      expect(() => give(handling(level), ask, lead)).toThrow(/no pause/);
    }
  });

  it("stops the clocks from its approval on, not from the asking", () => {
    const asked = give(handling("S3"), ask, lead, NOW + HOUR_MS).record;
    expect(caseTimers(asked, work).map(({ kind }) => kind)).toContain("close");
    const paused = give(
      asked,
      { kind: "approve-suspension" },
      by("supervisor"),
      NOW + 2 * HOUR_MS,
    ).record;
    expect(caseTimers(paused, work)).toEqual([{ kind: "suspension", dueAt: NOW + 3 * DAY_MS }]);
    const context = { work, now: NOW + 3 * DAY_MS, coDepartments: [] };
    const resumed = fireCaseTimer(paused, "suspension", context).record;
    expect(resumed.state).toBe("HANDLING");
    // Ten of twenty working days are the first warning; two hours had passed.
    const close = caseTimers(resumed, work).find(({ kind }) => kind === "close");
    expect(close?.dueAt).toBe(
      work.add("working-days", NOW + 3 * DAY_MS, 10 * DAY_MS - 2 * HOUR_MS),
    );
  });

  it("is not approved by the one who asks, and has an end", () => {
    const asked = give(handling(), ask, lead).record;
    const same = by("supervisor", lead.id);
    expect(() => give(asked, { kind: "approve-suspension" }, same)).toThrow(/somebody else/);
    const endless = { ...ask, until: new Date(NOW + 91 * DAY_MS).toISOString() };
    expect(() => give(handling(), endless, lead)).toThrow(/fitting end/);
  });
});

describe("cancelling", () => {
  it("takes two people of two roles", () => {
    const cancel = { kind: "cancel", reason: "drill" };
    const asked = play(dispatched(), [cancel, by("officer", "an")]);
    expect(asked.state).toBe("DISPATCHED");
    expect(() => give(asked, cancel, by("officer", "bo"))).toThrow(/takes two/);
    expect(() => give(asked, cancel, by("supervisor", "an"))).toThrow(/takes two/);
    const outcome = give(asked, cancel, by("supervisor", "bo"));
    expect(outcome.record.state).toBe("CANCELLED");
    expect(outcome.effects.map(({ kind }) => kind)).toEqual([
      "withdraw",
      "call-off-whistles",
      "note",
    ]);
    expect(() => give(closed(), cancel, by("supervisor", "bo"))).toThrow(/cannot move/);
  });
});

describe("rating and reopening", () => {
  const reopen = { kind: "reopen", reason: "it is back" };
  const rate = { kind: "evaluate", responded: true, solved: false, satisfaction: 2 };
  const closedAt = (record: CaseRecord): number => record.round.closedAt ?? 0;

  it("are possible for seven days, to the millisecond", () => {
    const record = closed();
    const last = closedAt(record) + 7 * DAY_MS;
    for (const [command, actor] of [
      [reopen, by("supervisor")],
      [rate, by("reporter")],
    ] as const) {
      expect(() => give(record, command, actor, last)).not.toThrow();
      expect(() => give(record, command, actor, last + 1)).toThrow(/no longer/);
    }
    expect(caseTimers(record, work)).toEqual([{ kind: "review", dueAt: last + 1 }]);
  });

  it("begin a new round with clocks and evidence of its own", () => {
    const again = give(closed(), reopen, by("reporter"), NOW + DAY_MS).record;
    expect(again).toMatchObject({ state: "REOPENED", rounds: 2, afterEvidence: null, check: null });
    const [dispatch] = caseTimers(again, work);
    expect(dispatch).toEqual({ kind: "dispatch", dueAt: NOW + DAY_MS + 150_000 });
    expect(again.handlers).toContain("department:CG");
  });
});

describe("the clocks", () => {
  it("warn at 50 and 80, light up and escalate at 100 and at each doubling, up to L4", () => {
    let record = opened("S2");
    const seen: unknown[] = [];
    for (let turn = 0; turn < 5; turn += 1) {
      const timer = caseTimers(record, work).find(({ kind }) => kind === "dispatch");
      const now = timer?.dueAt ?? 0;
      record = fireCaseTimer(record, "dispatch", { work, now, coDepartments: [] }).record;
      seen.push([(now - NOW) / MINUTE_MS, record.light, record.level]);
    }
    expect(seen).toEqual([
      [2.5, "none", 2],
      [4, "yellow", 2],
      [5, "red", 3],
      [10, "red", 4],
      [20, "red", 4],
    ]);
  });

  it("hold an acceptance of S0 to five minutes, of S1 to fifteen, and no other level", () => {
    const due = (level: ServiceLevel): number | undefined =>
      caseTimers(dispatched(level), work).find(({ kind }) => kind === "accept")?.dueAt;
    expect(due("S0")).toBe(NOW + 2.5 * MINUTE_MS);
    expect(due("S1")).toBe(NOW + 7.5 * MINUTE_MS);
    expect(due("S2")).toBeUndefined();
  });

  it("alarm the others once when sixty seconds bring no acceptance", () => {
    const record = dispatched("S1");
    const alarm = caseTimers(record, work).find(({ kind }) => kind === "alarm");
    expect(alarm?.dueAt).toBe((record.round.sentAt ?? 0) + MINUTE_MS);
    const context = { work, now: alarm?.dueAt ?? 0, coDepartments: ["GA", "CG"] };
    const fired = fireCaseTimer(record, "alarm", context);
    expect(fired.effects).toContainEqual({
      kind: "send",
      shares: [
        { department: "ZZ", role: "co" },
        { department: "GA", role: "co" },
      ],
    });
    expect(caseTimers(fired.record, work).some(({ kind }) => kind === "alarm")).toBe(false);
    const accepted = play(record, [{ kind: "accept" }]);
    expect(caseTimers(accepted, work).some(({ kind }) => kind === "alarm")).toBe(false);
  });

  it("ignore a timer that the case does not wait for any more, or not yet", () => {
    const record = handling();
    const context = { work, now: NOW, coDepartments: [] };
    for (const kind of ["dispatch", "alarm", "review", "contain"] as const) {
      expect(fireCaseTimer(record, kind, context)).toEqual({ record, effects: [] });
    }
  });

  it("follow the policy that the case opened with", () => {
    const base = opened("S1");
    const slow = {
      ...base,
      policy: {
        ...base.policy,
        clocks: {
          ...base.policy.clocks,
          dispatch: { base: "continuous", limitMs: HOUR_MS } as const,
        },
      },
    };
    expect(caseTimers(slow, work)[0]?.dueAt).toBe(NOW + HOUR_MS / 2);
  });
});
