import { describe, expect, it } from "vitest";
import { tailgatingRuleSchema, type RuleConfigOf } from "../../../config/index.ts";
import { createRule, type AlarmSignal, type Scene } from "../../../edge/rules/index.ts";
import { personAt, scenes } from "./scene.ts";

const GATE: RuleConfigOf<"tailgating"> = tailgatingRuleSchema.parse({
  kind: "tailgating",
  id: "gate",
  eventType: "GAT.BREACH",
  line: [
    [0.5, 0.9],
    [0.5, 0.3],
  ],
});

function play(
  config: RuleConfigOf<"tailgating">,
  frames: readonly Scene[],
): (AlarmSignal & { at: number })[] {
  const rule = createRule(config);
  return frames.flatMap((scene) =>
    rule.evaluate(scene).map((signal) => ({ ...signal, at: scene.at })),
  );
}

/** People walk at 0.1 a second, each on a line of his own, and cross at these times. */
function crossings(...timesS: readonly number[]): Scene[] {
  return scenes(10, 14, (timeS) =>
    timesS.flatMap((crossedS, index) => {
      const x = 0.5 + 0.1 * (timeS - crossedS);
      return x > 0.1 && x < 0.9 ? [personAt(x, 0.5 + 0.1 * index, index + 1)] : [];
    }),
  );
}

describe("tailgating", () => {
  it("alarms for the second of two, and says how soon after the first", () => {
    const [begin, end] = play(GATE, crossings(4.02, 5.02));
    expect(begin).toMatchObject({
      kind: "begin",
      onset: 5100,
      object: { trackId: 2 },
      measures: { count: 2, gapS: 1 },
    });
    expect(end).toMatchObject({ kind: "end", endedAt: 5100 });
  });

  it("is silent when the second comes after the gate has closed", () => {
    expect(play(GATE, crossings(4, 6.5))).toEqual([]);
    expect(play({ ...GATE, withinS: 3 }, crossings(4, 6.5))).toHaveLength(2);
  });

  it("is one alarm for a chain of followers, each close behind the one before", () => {
    const signals = play(GATE, crossings(4, 5.5, 7, 8.5));
    expect(signals.map((signal) => signal.kind)).toEqual(["begin", "update", "update", "end"]);
    expect(signals[2]).toMatchObject({ measures: { count: 4 } });
  });

  it("judges its own direction alone", () => {
    expect(play({ ...GATE, direction: "right-to-left" }, crossings(4, 5))).toEqual([]);
  });

  it("is silent for the cool-down after an alarm, where one is wanted", () => {
    const begins = (cooldownS: number): number =>
      play({ ...GATE, cooldownS }, crossings(2, 3, 7, 8)).filter(({ kind }) => kind === "begin")
        .length;
    expect(begins(0)).toBe(2);
    expect(begins(10)).toBe(1);
  });

  it("ends the alarm at once when it is told to", () => {
    const rule = createRule(GATE);
    const before = crossings(4, 5).filter(({ at }) => at < 5500);
    before.forEach((scene) => rule.evaluate(scene));
    expect(rule.end?.(5500)).toMatchObject([{ kind: "end", key: 1 }]);
    expect(rule.end?.(5600)).toEqual([]);
  });
});
