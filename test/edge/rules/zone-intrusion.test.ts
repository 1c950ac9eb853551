import { describe, expect, it } from "vitest";
import { zoneRuleSchema, type ZoneRuleConfig } from "../../../config/index.ts";
import { createRule, type AlarmSignal, type Scene } from "../../../edge/rules/index.ts";
import { personAt, scenes } from "./scene.ts";

const ZONE: ZoneRuleConfig = zoneRuleSchema.parse({
  kind: "zone-intrusion",
  id: "zone",
  eventType: "SEC.INTRUDE",
  zone: [
    [0.4, 0.4],
    [0.6, 0.4],
    [0.6, 0.6],
    [0.4, 0.6],
  ],
  dwellS: 1,
  clearS: 2,
  cooldownS: 5,
});

interface Step {
  readonly at: number;
  readonly signal: AlarmSignal;
}

function play(config: ZoneRuleConfig, frames: readonly Scene[]): Step[] {
  const rule = createRule(config);
  return frames.flatMap((scene) =>
    rule.evaluate(scene).map((signal) => ({ at: scene.at, signal })),
  );
}

describe("zone intrusion", () => {
  it.each([2.5, 5, 10, 25])("alarms once per visit at %d frames a second", (fps) => {
    const inside = (timeS: number): boolean => timeS >= 2 && timeS < 6;
    const steps = play(
      ZONE,
      scenes(fps, 12, (timeS) => [inside(timeS) ? personAt(0.5, 0.5) : personAt(0.2, 0.5)]),
    );
    const frameMs = 1000 / fps;
    expect(steps.map((step) => step.signal.kind)).toEqual(["begin", "end"]);
    const [begin, end] = steps as [Step, Step];
    expect(begin.signal).toMatchObject({ kind: "begin", key: 1, onset: 2000 });
    expect(begin.at).toBeGreaterThanOrEqual(3000);
    expect(begin.at).toBeLessThanOrEqual(3000 + frameMs);
    expect(end.signal).toMatchObject({ kind: "end", key: 1 });
    expect(end.at - 6000).toBeGreaterThanOrEqual(2000 - frameMs);
    expect(end.at - 6000).toBeLessThanOrEqual(2000 + frameMs);
  });

  it("does not alarm for someone who passes through faster than the dwell time", () => {
    const frames = scenes(10, 4, (timeS) => [
      timeS > 1 && timeS < 1.9 ? personAt(0.5, 0.5) : personAt(0.1, 0.5),
    ]);
    expect(play(ZONE, frames)).toEqual([]);
  });

  it("measures where the object stands, not where its head is", () => {
    const frames = scenes(10, 4, () => [personAt(0.5, 0.65)]);
    expect(play(ZONE, frames)).toEqual([]);
  });

  it("does not restart the dwell time after a missed detection", () => {
    const frames = scenes(10, 3, (timeS) =>
      timeS > 0.4 && timeS < 0.9 ? [] : [personAt(0.5, 0.5)],
    );
    expect(play(ZONE, frames)[0]).toMatchObject({ at: 1000, signal: { onset: 0 } });
  });

  it("tells of more intruders in the alarm under way, at most every ten seconds", () => {
    const frames = scenes(10, 16, (timeS) => [
      personAt(0.5, 0.5, 1),
      ...(timeS < 2 ? [] : [personAt(0.45, 0.5, 2)]),
      ...(timeS < 4 ? [] : [personAt(0.55, 0.5, 3)]),
    ]);
    expect(play(ZONE, frames)).toMatchObject([
      { at: 1000, signal: { kind: "begin", measures: { count: 1, dwellS: 1 } } },
      { at: 3000, signal: { kind: "update", object: { trackId: 2 }, measures: { count: 2 } } },
      { at: 13_000, signal: { kind: "update", measures: { count: 3, dwellS: 13 } } },
    ]);
  });

  it("goes on when the track of one who stays gets another id", () => {
    const frames = scenes(10, 6, (timeS) =>
      timeS > 2.2 && timeS < 3.4 ? [] : [personAt(0.5, 0.5, timeS < 3 ? 1 : 7)],
    );
    expect(play({ ...ZONE, clearS: 0.5, dwellS: 3 }, frames)).toMatchObject([
      { at: 3400, signal: { kind: "begin", onset: 0 } },
    ]);
  });

  it("ends the alarm at once when it is told to", () => {
    const rule = createRule(ZONE);
    for (const scene of scenes(10, 3, () => [personAt(0.5, 0.5)])) {
      rule.evaluate(scene);
    }
    expect(rule.end?.(3000)).toEqual([{ kind: "end", key: 1, endedAt: 2900 }]);
    expect(rule.end?.(3100)).toEqual([]);
  });

  it("is silent for one who walks along the border and touches it now and then", () => {
    const frames = scenes(10, 10, (timeS) => [
      personAt(0.42 + 0.015 * timeS, Math.round(timeS * 10) % 3 === 0 ? 0.598 : 0.602),
    ]);
    expect(play(ZONE, frames)).toEqual([]);
  });

  it("counts one whom the lower border cuts as standing at the border", () => {
    const bottom: ZoneRuleConfig = {
      ...ZONE,
      zone: [
        [0.4, 0.8],
        [0.6, 0.8],
        [0.6, 1],
        [0.4, 1],
      ],
    };
    const frames = scenes(10, 3, () => [personAt(0.5, 1)]);
    expect(play(bottom, frames)).toHaveLength(1);
  });

  it("keeps silent for the cool-down and then alarms anew under a new key", () => {
    const visits = (timeS: number): boolean =>
      timeS < 2 || (timeS > 5 && timeS < 7) || (timeS > 12 && timeS < 14);
    const steps = play(
      ZONE,
      scenes(10, 17, (timeS) => (visits(timeS) ? [personAt(0.5, 0.5)] : [])),
    );
    expect(steps.map((step) => [step.signal.kind, step.signal.key])).toEqual([
      ["begin", 1],
      ["end", 1],
      ["begin", 2],
      ["end", 2],
    ]);
    expect((steps[2] as Step).at).toBeGreaterThan(12_000);
  });

  it("ignores other classes, weak detections and objects that are too small or too large", () => {
    const strict: ZoneRuleConfig = { ...ZONE, minScore: 0.5, minHeight: 0.05, maxHeight: 0.4 };
    const small = {
      ...personAt(0.5, 0.5),
      box: { left: 0.49, top: 0.48, width: 0.01, height: 0.02 },
    };
    for (const object of [
      { ...personAt(0.5, 0.5), label: "dog" },
      personAt(0.5, 0.5, 1, 0.45),
      small,
      { ...personAt(0.5, 0.5), box: { left: 0.4, top: 0.05, width: 0.2, height: 0.45 } },
    ]) {
      expect(
        play(
          strict,
          scenes(10, 3, () => [object]),
        ),
      ).toEqual([]);
    }
  });
});
