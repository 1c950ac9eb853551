import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type CorrelationCommand,
  CorrelationState,
  createCameraGraph,
  explain,
} from "../../../brain/correlate/index.ts";
import { groupsOf, MINUTE, type Run, runAll, SECOND, sight, T0 } from "./sample-sighting.ts";

const explanations = ({ commands }: Run): string[] =>
  commands.flatMap((command) => ("explanation" in command ? [explain(command.explanation)] : []));

describe("correlation by hard keys", () => {
  it("keeps all phases of an alarm in one incident, whichever comes first", () => {
    const phases = (["end", "update", "new"] as const).map((phase) => sight({ alarm: "a", phase }));
    expect(runAll(phases).kinds).toEqual(["open", "join", "join"]);
  });

  it("leaves a repeated event alone", () => {
    const event = sight();
    expect(runAll([event, event]).kinds).toEqual(["open"]);
  });

  it("joins what carries the same entity key, however far apart", () => {
    const run = runAll([
      sight({ alarm: "a", keys: ["ticket:118"] }),
      sight({ alarm: "b", keys: ["ticket:118"], east: 3_000, at: 3_000, code: "UM.PILE" }),
    ]);
    expect(groupsOf(run)).toEqual([["a", "b"]]);
    expect(explanations(run)[1]).toContain("ticket:118");
  });
});

describe("correlation by score", () => {
  it("joins two cameras' alarms of one fight, and says why", () => {
    const run = runAll([
      sight({ alarm: "a", camera: "c1" }),
      sight({ alarm: "b", camera: "c2", east: 20, at: 15 }),
    ]);
    expect(groupsOf(run)).toEqual([["a", "b"]]);
    expect(explanations(run)).toEqual([
      "first event of its incident",
      "20 m and 13 s from SEC.FIGHT of camera n/c1 (score 0.81)",
    ]);
  });

  it.each([
    ["far away", { east: 400 }],
    ["long after", { at: 900 }],
    ["of another kind", { code: "UM.PARK" }],
    ["an exercise", { exercise: "exercise" }],
  ] as const)("keeps apart what is %s", (_, difference) => {
    const run = runAll([sight({ alarm: "a" }), sight({ alarm: "b", camera: "c2", ...difference })]);
    expect(groupsOf(run)).toEqual([["a"], ["b"]]);
  });

  it("corrects a clock that is two minutes off", () => {
    const skewed = { camera: "c2", node: "m", at: 120, seen: 120 };
    const first = sight({ alarm: "a" });
    const right = runAll([first, sight({ alarm: "b", ...skewed, skewMs: 120 * SECOND })]);
    expect(groupsOf(right)).toEqual([["a", "b"]]);
    const wrong = runAll([first, sight({ alarm: "b", ...skewed, skewMs: 0 })]);
    expect(groupsOf(wrong)).toEqual([["a"], ["b"]]);
  });

  it("follows a runner to the next camera in the time that the way takes", () => {
    const graph = createCameraGraph([
      { from: "n/c1", to: "n/c2", minMs: 60 * SECOND, maxMs: 200 * SECOND },
    ]);
    const intruder = { code: "SEC.INTRUDE", east: 450, camera: "c2" } as const;
    const first = sight({ alarm: "a", code: "SEC.INTRUDE" });
    const inTime = runAll([first, sight({ alarm: "b", ...intruder, at: 150 })], { graph });
    expect(groupsOf(inTime)).toEqual([["a", "b"]]);
    expect(explanations(inTime)[1]).toContain("as long as the way there takes");
    const tooSoon = runAll([first, sight({ alarm: "b", ...intruder, at: 20 })], { graph });
    expect(groupsOf(tooSoon)).toEqual([["a"], ["b"]]);
  });

  it("merges two incidents when an event shows that they are one; the older one stays", () => {
    const run = runAll([
      sight({ alarm: "a", camera: "c1" }),
      sight({ alarm: "b", camera: "c2", east: 90 }),
      sight({ alarm: "c", camera: "c3", east: 45, acceptedAt: T0 + 5_000 }),
    ]);
    expect(run.kinds).toEqual(["open", "open", "join", "merge"]);
    expect(run.commands[3]).toMatchObject({ winnerId: "i1", loserId: "i2" });
    expect(groupsOf(run)).toEqual([["a", "b", "c"]]);
  });

  it("stops a chain where the incident would be too far across, and says so", () => {
    const chain = Array.from({ length: 12 }, (_, i) =>
      sight({ alarm: `a${i}`, camera: `c${i}`, east: i * 45 }),
    );
    const run = runAll(chain);
    expect(groupsOf(run).length).toBeGreaterThan(1);
    expect(explanations(run).join()).toContain("too far across");
  });

  it("stops a chain where the incident would last too long", () => {
    const chain = Array.from({ length: 60 }, (_, i) => sight({ alarm: `a${i}`, at: i * 90 }));
    expect(groupsOf(runAll(chain)).length).toBe(2);
  });
});

describe("late, silenced and cancelled events", () => {
  it("takes a late event as evidence that asks for no one", () => {
    const acceptedAt = T0 + 40 * MINUTE;
    const run = runAll([sight({ alarm: "a" }), sight({ alarm: "b", at: 5, acceptedAt })]);
    expect(run.commands[1]).toMatchObject({ kind: "join", attention: "review" });
    expect(explanations(run)[1]).toContain("40 min late");
    expect(runAll([sight({ acceptedAt })]).commands[0]).toMatchObject({ attention: "review" });
  });

  it("asks for somebody once an event of a late incident is fresh", () => {
    const late = sight({ alarm: "a", phase: "new", acceptedAt: T0 + 40 * MINUTE });
    const fresh = sight({ alarm: "a", phase: "update", seen: 41 * 60 });
    const { state } = runAll([late, fresh]);
    expect(state.incident("i1")?.attention).toBe("full");
  });

  it("keeps and counts what is silenced, and opens what is not beside it", () => {
    const silences = [
      {
        id: "s1",
        kind: "maintenance" as const,
        nodeId: "n",
        cameraId: "c1",
        code: null,
        gridPrefix: null,
        from: T0,
        until: T0 + MINUTE,
        lifeSafety: true,
      },
    ];
    const run = runAll(
      [sight({ alarm: "a", camera: "c1" }), sight({ alarm: "b", camera: "c2", at: 5 })],
      { silences },
    );
    expect(run.kinds).toEqual(["open", "suppress", "open", "merge"]);
    expect(run.commands[0]).toMatchObject({ attention: "none" });
    expect(run.commands[3]).toMatchObject({ winnerId: "i2", loserId: "i1" });
    expect(groupsOf(run)).toEqual([["a", "b"]]);
  });

  it("lets life safety slip through a silence that does not name it", () => {
    const silence = {
      ...{ id: "s1", kind: "silence" as const, nodeId: "n", cameraId: "c1", code: null },
      ...{ gridPrefix: null, from: T0, until: T0 + MINUTE },
    };
    const attentionUnder = (code: string, lifeSafety: boolean): unknown => {
      const run = runAll([sight({ alarm: "a", camera: "c1", code })], {
        silences: [{ ...silence, lifeSafety }],
      });
      return run.commands[0];
    };
    expect(attentionUnder("FIR.SMOKE", false)).toMatchObject({ attention: "full" });
    expect(attentionUnder("FIR.SMOKE", true)).toMatchObject({ attention: "none" });
    expect(attentionUnder("SEC.INTRUDE", false)).toMatchObject({ attention: "none" });
  });

  it("sends nobody out for an alarm whose cancellation came first", () => {
    const run = runAll([
      sight({ alarm: "a", phase: "cancel", at: 0, seen: 9 }),
      { ...sight({ alarm: "a", phase: "new" }), sequence: "000000000000" },
    ]);
    expect(run.state.incident("i1")?.attention).toBe("none");
  });

  it("clears an incident with the end of its last alarm", () => {
    const run = runAll([
      sight({ alarm: "a", camera: "c1" }),
      sight({ alarm: "b", camera: "c2", at: 2 }),
      sight({ alarm: "a", camera: "c1", phase: "end", seen: 20 }),
      sight({ alarm: "b", camera: "c2", phase: "end", at: 2, seen: 30 }),
    ]);
    expect(run.kinds).toEqual(["open", "join", "join", "join", "clear"]);
    expect(run.commands[4]).toMatchObject({ incidentId: "i1", outcome: "ended" });
  });
});

describe("storm protection", () => {
  const flood = Array.from({ length: 30 }, (_, i) =>
    sight({
      alarm: `a${i}`,
      code: ["UM.AD", "UM.ROAD", "UM.GREEN"][i % 3] as string,
      east: i * 300,
    }),
  );
  const policy = { stormLimit: 10, lateAfterMs: 30 * MINUTE };

  it("gathers what a camera has too much of, and counts it", () => {
    const run = runAll(flood, { policy });
    const opened = run.commands.filter(({ kind }) => kind === "open");
    expect(opened).toHaveLength(11);
    expect(opened[10]).toMatchObject({ storm: true });
    const suppressed = run.commands.filter(({ kind }) => kind === "suppress");
    expect(suppressed).toHaveLength(20);
    expect(run.state.incident("i11")?.alarmCount).toBe(20);
    expect(run.state.storms.peek(flood[0] as never)).toMatchObject({ opened: 10, suppressed: 20 });
  });

  it("does not hold other cameras back", () => {
    const other = sight({ camera: "c9", code: "UM.AD", east: 20_000 });
    const { commands } = runAll([...flood, other], { policy });
    expect(commands.at(-1)).toMatchObject({ kind: "open", storm: false });
  });
});

describe("what an operator has separated", () => {
  it("is not joined again by a bridging event", () => {
    const { state } = runAll([
      sight({ alarm: "a", camera: "c1" }),
      sight({ alarm: "b", camera: "c2", east: 90 }),
    ]);
    state.incident("i1")?.apart.add("i2");
    const bridge = sight({ alarm: "c", camera: "c3", east: 45 });
    const run = runAll([bridge], {}, state);
    expect(run.kinds).toEqual(["join"]);
    expect(explanations(run)[0]).toContain("an operator separated them");
  });
});

describe("the state", () => {
  it("forgets what nothing has touched since, and nothing else", () => {
    const { state } = runAll([
      sight({ alarm: "a" }),
      sight({ alarm: "b", at: 3_600, east: 900 }),
      sight({ alarm: "a", phase: "update", seen: 4_000 }),
    ]);
    state.forget(T0 + 3_800 * SECOND);
    expect(groupsOf({ state, commands: [], kinds: [] })).toEqual([["a"]]);
    expect(state.alarmCount).toBe(1);
    state.forget(T0 + 5_000 * SECOND);
    expect(state.index.cellCount).toBe(0);
  });
});

describe("the order of arrival", () => {
  const CODES = ["SEC.FIGHT", "SEC.CROWD", "MED.DOWN", "SEC.INTRUDE"];
  const alarm = fc.record({
    camera: fc.constantFrom("c1", "c2", "c3", "c4"),
    code: fc.constantFrom(...CODES),
    at: fc.nat({ max: 300 }),
    lasts: fc.nat({ max: 90 }),
    east: fc.nat({ max: 120 }),
  });

  it("does not change the incidents where no cap is met", () => {
    fc.assert(
      fc.property(
        fc.array(alarm, { minLength: 1, maxLength: 12 }),
        fc.infiniteStream(fc.nat()),
        (alarms, random) => {
          const events = alarms.flatMap(({ lasts, ...one }, index) => [
            sight({ ...one, alarm: `a${index}` }),
            sight({ ...one, alarm: `a${index}`, phase: "end", seen: one.at + lasts }),
          ]);
          const keyed = events.map((event) => ({ event, key: random.next().value as number }));
          const shuffled = keyed.sort((a, b) => a.key - b.key).map(({ event }) => event);
          const policy = { stormLimit: 1_000, lateAfterMs: Number.POSITIVE_INFINITY };
          const [ours, theirs] = [runAll(events, { policy }), runAll(shuffled, { policy })];
          fc.pre(![ours, theirs].some(hasRefused));
          expect(groupsOf(theirs)).toEqual(groupsOf(ours));
        },
      ),
    );
  });
});

function hasRefused({ commands }: Run): boolean {
  return commands.some(
    (command: CorrelationCommand) =>
      "explanation" in command && command.explanation.refused.length > 0,
  );
}

it("starts with nothing", () => {
  expect([...new CorrelationState().incidents()]).toEqual([]);
});
