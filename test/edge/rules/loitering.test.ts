import { describe, expect, it } from "vitest";
import { loiteringRuleSchema, type RuleConfigOf } from "../../../config/index.ts";
import { createRule, type AlarmSignal, type Scene } from "../../../edge/rules/index.ts";
import { personAt, scenes } from "./scene.ts";

const ENTRANCE: RuleConfigOf<"loitering"> = loiteringRuleSchema.parse({
  kind: "loitering",
  id: "entrance",
  eventType: "SEC.LOITER",
  zone: [
    [0.4, 0.4],
    [0.6, 0.4],
    [0.6, 0.6],
    [0.4, 0.6],
  ],
  dwellS: 10,
  gapS: 3,
  clearS: 5,
});

function play(frames: readonly Scene[]): (AlarmSignal & { at: number })[] {
  const rule = createRule(ENTRANCE);
  return frames.flatMap((scene) =>
    rule.evaluate(scene).map((signal) => ({ ...signal, at: scene.at })),
  );
}

describe("loitering", () => {
  it.each([2.5, 5, 10])("alarms after the dwell time at %d frames a second", (fps) => {
    const signals = play(
      scenes(fps, 30, (timeS) => (timeS >= 2 && timeS < 20 ? [personAt(0.5, 0.5)] : [])),
    );
    expect(signals.map(({ kind }) => kind)).toEqual(["begin", "end"]);
    expect(signals[0]).toMatchObject({
      at: 12_000,
      onset: 2000,
      measures: { count: 1, dwellS: 10 },
    });
    expect(signals[1]).toMatchObject({ endedAt: 20_000 - 1000 / fps });
  });

  it("does not add up visits", () => {
    const signals = play(scenes(5, 60, (timeS) => [personAt(timeS % 12 < 7 ? 0.5 : 0.36, 0.5)]));
    expect(signals).toEqual([]);
  });

  it("takes a step outside that is shorter than the gap for none", () => {
    const signals = play(
      scenes(5, 15, (timeS) => [personAt(timeS > 5 && timeS < 7.5 ? 0.38 : 0.42, 0.5)]),
    );
    expect(signals).toMatchObject([{ kind: "begin", onset: 0, at: 10_000 }]);
  });

  it("does not count two people's time together", () => {
    const signals = play(
      scenes(5, 24, (timeS) => [
        personAt(timeS < 8 ? 0.45 : 0.3, 0.5, 1),
        personAt(timeS >= 8 && timeS < 16 ? 0.55 : 0.7, 0.5, 2),
      ]),
    );
    expect(signals).toEqual([]);
  });

  it("goes on when one who loiters is lost for longer than the gap and appears in the zone", () => {
    const signals = play(
      scenes(5, 40, (timeS) =>
        timeS > 15 && timeS < 19 ? [] : [personAt(0.5, 0.5, timeS < 17 ? 1 : 2)],
      ),
    );
    expect(signals.filter(({ kind }) => kind !== "update")).toMatchObject([{ kind: "begin" }]);
  });

  it("ends when he has left and others only pass through", () => {
    const signals = play(
      scenes(5, 40, (timeS) => [
        personAt(timeS < 12 ? 0.5 : 0.3, 0.5, 1),
        personAt(0.2 + ((timeS * 0.1) % 0.6), 0.55, 2 + Math.floor(timeS / 6)),
      ]),
    );
    expect(signals.map(({ kind }) => kind)).toEqual(["begin", "end"]);
  });
});
