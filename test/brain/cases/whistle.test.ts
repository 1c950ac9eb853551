import { describe, expect, it } from "vitest";
import {
  createWorkTime,
  decideWhistle,
  DEFAULT_CALENDAR,
  fireWhistleTimer,
  openWhistle,
  unmetParties,
  type WhistleOutcome,
  type WhistleRecord,
  whistleTimers,
} from "../../../brain/cases/index.ts";
import type { Actor, Role, WhistleCommand, WhistleKind } from "../../../protocol/index.ts";

const NOW = Date.UTC(2026, 10, 23, 2); // A Monday, ten o'clock in Shanghai.
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const work = createWorkTime(DEFAULT_CALENDAR);
const SITE = { lat: 39.8, lon: 116.5, radiusM: 300 };

const by = (role: Role, department: string | null = null): Actor => ({
  role,
  id: department ?? role,
  department: department as Actor["department"],
});

function blow(kind: WhistleKind = "emergency"): WhistleRecord {
  const parties = [
    { department: "CG", required: true },
    { department: "GA", required: true },
    { department: "XF", required: false },
  ];
  return openWhistle(
    { kind, subject: "illegal market", site: SITE, parties: parties as never },
    by("hub"),
    NOW,
    work,
  );
}

interface Step {
  readonly kind: string;
  readonly [key: string]: unknown;
}

function give(whistle: WhistleRecord, command: Step, actor: Actor, now = NOW): WhistleOutcome {
  return decideWhistle(whistle, command as unknown as WhistleCommand, {
    actor,
    now,
    isValidCode: (code) => code === "right",
    work,
  });
}

function play(
  whistle: WhistleRecord,
  ...steps: readonly (readonly [Step, string | Actor])[]
): WhistleRecord {
  return steps.reduce(
    (current, [command, who]) =>
      give(
        current,
        typeof who === "string" ? { department: who, ...command } : command,
        typeof who === "string" ? by("department", who) : who,
      ).record,
    whistle,
  );
}

const HERE = { kind: "check-in", proof: { by: "place", lat: 39.801, lon: 116.5, accuracyM: 0 } };
const CODE = { kind: "check-in", proof: { by: "code", code: "right" } };
const TAKE = { kind: "take", measure: "we clear the road" };
const DONE = { kind: "feed-back", result: "cleared" };
const OPINION = { kind: "consult", opinion: "clear and fence" };

describe("a whistle", () => {
  it("goes from the call to both ratings", () => {
    const states: string[] = [];
    let whistle = blow();
    const step = (command: Step, who: string | Actor): void => {
      whistle = play(whistle, [command, who]);
      states.push(whistle.state);
    };
    step({ kind: "answer", coming: true }, "CG");
    step({ kind: "answer", coming: true }, "GA");
    step(HERE, "CG");
    step(CODE, "GA");
    step(OPINION, by("hub"));
    step(TAKE, "CG");
    step(TAKE, "GA");
    step(DONE, "CG");
    step(DONE, "GA");
    for (const department of ["CG", "GA"]) {
      step({ kind: "rate", department, direction: "of-party", score: 4 }, by("hub"));
      step({ kind: "rate", direction: "by-party", score: 5 }, department);
    }
    expect(states).toEqual([
      "BLOWN",
      "ANSWERED",
      "ANSWERED",
      "ARRIVED",
      "CONSULTED",
      "CONSULTED",
      "ASSIGNED",
      "ASSIGNED",
      "DONE",
      "DONE",
      "DONE",
      "DONE",
      "RATED",
    ]);
  });

  it("is not done while a required party has neither fed back nor been waived", () => {
    const whistle = play(
      blow(),
      [HERE, "CG"],
      [HERE, "GA"],
      [OPINION, by("hub")],
      [TAKE, "CG"],
      [TAKE, "GA"],
      [DONE, "CG"],
    );
    expect(unmetParties(whistle)).toEqual(["GA"]);
    const waived = give(
      whistle,
      { kind: "waive", department: "GA", reason: "called to a fire" },
      by("supervisor"),
    );
    expect(waived).toMatchObject({ record: { state: "DONE" }, ended: true });
    expect(unmetParties(waived.record)).toEqual([]);
  });

  it("lets no party waive or attest itself, nor speak for another", () => {
    const whistle = blow();
    const self = { role: "hub", id: "x", department: "GA" } as unknown as Actor;
    expect(() => give(whistle, { kind: "waive", department: "GA", reason: "r" }, self)).toThrow(
      /itself/,
    );
    const attest = { kind: "check-in", proof: { by: "attestation", note: "seen" } };
    expect(() => play(whistle, [attest, "GA"])).toThrow(/attests itself/);
    expect(() => give(whistle, { ...HERE, department: "GA" }, by("department", "CG"))).toThrow(
      /itself only/,
    );
  });
});

describe("a check-in", () => {
  it("needs a place near the site", () => {
    const far = { kind: "check-in", proof: { by: "place", lat: 39.81, lon: 116.5, accuracyM: 0 } };
    expect(() => play(blow(), [far, "CG"])).toThrow(/not at the site/);
    const vague = {
      kind: "check-in",
      proof: { by: "place", lat: 39.81, lon: 116.5, accuracyM: 9_000 },
    };
    expect(() => play(blow(), [vague, "CG"])).toThrow(/within 600 m/);
    const near = play(blow(), [HERE, "CG"]).parties[0]?.checkIn;
    expect(near).toMatchObject({ by: "place", distanceM: 111 });
  });

  it("takes a signed code, or the word of somebody else who is there", () => {
    const wrong = { kind: "check-in", proof: { by: "code", code: "wrong" } };
    expect(() => play(blow(), [wrong, "CG"])).toThrow(/code/);
    const attest = {
      kind: "check-in",
      department: "GA",
      proof: { by: "attestation", note: "seen" },
    };
    expect(() => give(blow(), attest, by("department", "CG"))).toThrow(/not there/);
    const there = play(blow(), [CODE, "CG"]);
    expect(give(there, attest, by("department", "CG")).record.parties[1]?.checkIn).toMatchObject({
      by: "attestation",
      attestedBy: "department:CG",
    });
  });
});

describe("the time to report in", () => {
  it("is thirty minutes, four working hours or one working day by kind", () => {
    expect(blow("emergency").dueAt).toBe(NOW + 30 * MINUTE_MS);
    expect(blow("joint-enforcement").dueAt).toBe(NOW + 5.5 * HOUR_MS);
    expect(blow("key-work").dueAt).toBe(NOW + 24 * HOUR_MS);
  });

  it("ends in the district's hands when a required party is silent", () => {
    let whistle = play(blow(), [HERE, "CG"]);
    const escalations: unknown[] = [];
    for (let turn = 0; turn < 3; turn += 1) {
      const due = whistleTimers(whistle, work)[0]?.dueAt ?? 0;
      const fired = fireWhistleTimer(whistle, work, due);
      whistle = fired.record;
      escalations.push([(due - NOW) / MINUTE_MS, fired.escalateTo]);
    }
    expect(escalations).toEqual([
      [15, null],
      [24, null],
      [30, 4],
    ]);
    expect(whistle.parties.map(({ late }) => late)).toEqual([false, true, true]);
    expect(whistleTimers(whistle, work)).toEqual([]);
  });

  it("passes in peace when all that must be there are there", () => {
    let whistle = play(blow(), [HERE, "CG"], [HERE, "GA"]);
    for (let turn = 0; turn < 3; turn += 1) {
      const fired = fireWhistleTimer(whistle, work, NOW + HOUR_MS);
      expect(fired.escalateTo).toBeNull();
      whistle = fired.record;
    }
  });
});

describe("departments that are called later", () => {
  const LATER = NOW + 20 * MINUTE_MS;
  const summon = (department: string, required: boolean): Step => ({
    kind: "summon",
    parties: [{ department, required }],
    reason: "gas was smelled",
  });

  it("have the whole time from their own call, and are warned of and missed by themselves", () => {
    const called = give(blow(), summon("JZ", true), by("hub"), LATER);
    expect(called.effects).toMatchObject([{ entry: "whistle-summoned", facts: { called: "JZ" } }]);
    let whistle = called.record;
    expect(whistle.parties.at(-1)?.summons).toEqual({
      at: LATER,
      dueAt: LATER + 30 * MINUTE_MS,
    });
    whistle = play(whistle, [HERE, "CG"], [HERE, "GA"], [HERE, "XF"]);
    const said: unknown[] = [];
    for (let timer = whistleTimers(whistle, work)[0]; timer !== undefined; ) {
      const fired = fireWhistleTimer(whistle, work, timer.dueAt);
      whistle = fired.record;
      said.push([(timer.dueAt - NOW) / MINUTE_MS, fired.effects.length, fired.escalateTo]);
      timer = whistleTimers(whistle, work)[0];
    }
    // Nothing is said of those who are there; the new one is missed at its own end.
    expect(said).toEqual([
      [15, 0, null],
      [24, 0, null],
      [30, 0, null],
      [35, 1, null],
      [44, 1, null],
      [50, 1, 4],
    ]);
    expect(whistle.parties.map(({ late }) => late)).toEqual([false, false, false, true]);
  });

  it("hold the whistle up where they are required, and only then", () => {
    const worked = play(
      blow(),
      [HERE, "CG"],
      [HERE, "GA"],
      [OPINION, by("hub")],
      [TAKE, "CG"],
      [TAKE, "GA"],
      [DONE, "CG"],
    );
    const required = give(worked, summon("JZ", true), by("supervisor")).record;
    expect(required.state).toBe(worked.state);
    expect(unmetParties(required)).toEqual(["GA", "JZ"]);
    expect(play(required, [DONE, "GA"]).state).toBe("ASSIGNED");
    expect(play(required, [DONE, "GA"], [HERE, "JZ"], [TAKE, "JZ"], [DONE, "JZ"]).state).toBe(
      "DONE",
    );
    const optional = give(worked, summon("JZ", false), by("dispatcher")).record;
    expect(play(optional, [DONE, "GA"]).state).toBe("DONE");
  });

  it("are new ones, called by the town, while the whistle is under way", () => {
    expect(() => give(blow(), summon("GA", true), by("hub"))).toThrow(/called before/);
    expect(() => give(blow(), summon("JZ", true), by("department", "GA"))).toThrow(
      /call further departments/,
    );
    const over = give(blow(), { kind: "call-off", reason: "false" }, by("hub")).record;
    expect(() => give(over, summon("JZ", true), by("hub"))).toThrow(/joined by more/);
    const many = Array.from({ length: 13 }, (_, index) => ({
      department: `D${index}`,
      required: false,
    }));
    expect(() => give(blow(), { kind: "summon", parties: many, reason: "r" }, by("hub"))).toThrow(
      /Too many/,
    );
  });
});
