import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  answerTask,
  type CaseProgress,
  caseNumber,
  localDay,
  moveCase,
  newerEvent,
  openCase,
  readClocks,
  routeCase,
} from "../../../brain/cases/index.ts";
import {
  CASE_MOVES,
  CLOCK_POLICIES,
  caseStateSchema,
  catalogue,
  type EventType,
  findEventType,
} from "../../../protocol/index.ts";

const NOW = 1_790_000_000_000;
const anyState = fc.constantFrom(...caseStateSchema.options);
const fresh: CaseProgress = {
  state: "REPORTED",
  filedAt: null,
  dispatchedAt: null,
  acceptedAt: null,
};

describe("a case's moves", () => {
  it("follow the contract's table, and every other move is refused", () => {
    fc.assert(
      fc.property(anyState, anyState, (from, to) => {
        const progress = { ...fresh, state: from };
        if (CASE_MOVES[from].includes(to)) {
          expect(moveCase(progress, to, NOW).state).toBe(to);
        } else {
          expect(() => moveCase(progress, to, NOW)).toThrow(/cannot move/);
        }
      }),
    );
  });

  it("set each time once: walking any path never moves a time that stands", () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 5 }), { maxLength: 30 }), (choices) => {
        let progress = fresh;
        choices.forEach((choice, step) => {
          const options = CASE_MOVES[progress.state];
          const to = options[choice % Math.max(1, options.length)];
          if (to === undefined) {
            return;
          }
          const next = moveCase(progress, to, NOW + step);
          for (const key of ["filedAt", "dispatchedAt", "acceptedAt"] as const) {
            if (progress[key] !== null) {
              expect(next[key]).toBe(progress[key]);
            }
          }
          progress = next;
        });
      }),
    );
  });
});

describe("an acknowledgement", () => {
  it("that repeats the first answer changes nothing; another one is refused", () => {
    expect(answerTask("ACCEPTED", "accepted")).toEqual({ taskState: "ACCEPTED", repeated: true });
    expect(() => answerTask("ACCEPTED", "returned")).toThrow(/answered before/);
    expect(() => answerTask("WITHDRAWN", "accepted")).toThrow(/withdrawn/);
    expect(answerTask("DELIVERED", "returned")).toEqual({ taskState: "RETURNED", repeated: false });
  });
});

describe("routing", () => {
  it("gives every type of the catalogue one lead and each other department once", () => {
    for (const type of catalogue.eventTypes) {
      const shares = routeCase(type, (code) => `endpoint-${code}`);
      const codes = shares.map(({ department }) => department);
      expect(new Set(codes).size).toBe(codes.length);
      expect(
        shares.filter(({ role }) => role === "lead").map(({ department }) => department),
      ).toEqual([type.lead]);
      const expected = type.sla === "S0" ? "co" : "informed";
      expect(shares.slice(1).every(({ role }) => role === expected)).toBe(true);
      expect(
        shares.every(({ role, endpointId }) => (role === "informed") === (endpointId === null)),
      ).toBe(true);
    }
  });

  it("falls to the hub where a department has no endpoint, and to nobody without a hub", () => {
    const type = findEventType("SEC.INTRUDE") as EventType;
    const onlyHub = (code: string): string | undefined => (code === "ZZ" ? "hub" : undefined);
    expect(routeCase(type, onlyHub)[0]).toMatchObject({ endpointId: "hub", fallback: true });
    expect(routeCase(type, () => undefined)[0]).toMatchObject({
      endpointId: null,
      fallback: false,
    });
  });
});

describe("opening a case", () => {
  const type = findEventType("SEC.INTRUDE") as EventType;
  const input = {
    type,
    phase: "new",
    reportedAt: NOW,
    now: NOW,
    filing: { automatic: ["S1"] },
    findEndpoint: () => "e",
  } as const;

  it("files at once where the level is automatic, and waits for an operator elsewhere", () => {
    expect(openCase(input).progress).toMatchObject({ state: "FILED", filedAt: NOW });
    const waiting = openCase({ ...input, filing: { automatic: ["S0"] } });
    expect(waiting).toMatchObject({ progress: { state: "REPORTED" }, shares: [] });
  });

  it("sends nobody out for an alarm that was cancelled first", () => {
    const opened = openCase({ ...input, phase: "cancel" });
    expect(opened).toMatchObject({ progress: { state: "REJECTED" }, shares: [] });
  });
});

describe("the clocks", () => {
  it("run from found to reported to dispatched to contained", () => {
    const times = { onset: NOW, reportedAt: NOW + 1_000, dispatchedAt: null, containedAt: null };
    const limits = CLOCK_POLICIES.S1;
    const before = readClocks(limits, times);
    expect(before.report).toMatchObject({ startedAt: NOW, stoppedAt: NOW + 1_000 });
    expect(before.dispatch).toMatchObject({ dueAt: NOW + 1_000 + 300_000, stoppedAt: null });
    expect(before.contain).toMatchObject({ startedAt: null, dueAt: null });
    const after = readClocks(limits, { ...times, dispatchedAt: NOW + 2_000 });
    expect(after.contain.dueAt).toBe(NOW + 2_000 + 3 * 3_600_000);
  });
});

describe("numbers and order", () => {
  it("counts cases per local day", () => {
    const noon = new Date(2026, 10, 24, 12).getTime();
    expect(caseNumber(localDay(noon), 17)).toBe("20261124-000017");
  });

  it("shows the phase of the highest sequence, in whatever order events come", () => {
    const events = [
      { phase: "new", sequence: "000000000001" },
      { phase: "update", sequence: "000000000002" },
      { phase: "end", sequence: "000000000003" },
    ] as const;
    fc.assert(
      fc.property(fc.shuffledSubarray([...events], { minLength: 3 }), (order) => {
        expect(
          order.reduce<(typeof events)[number]>(
            (a, b) => newerEvent(a, b) as typeof a,
            order[0] as (typeof events)[number],
          ).phase,
        ).toBe("end");
      }),
    );
  });
});
