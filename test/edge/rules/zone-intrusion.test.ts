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

  it("adds a second intruder to the alarm under way", () => {
    const frames = scenes(10, 4, (timeS) =>
      timeS < 2 ? [personAt(0.5, 0.5, 1)] : [personAt(0.5, 0.5, 1), personAt(0.45, 0.5, 2)],
    );
    const steps = play(ZONE, frames);
    expect(steps.map((step) => [step.signal.kind, step.signal.key])).toEqual([
      ["begin", 1],
      ["update", 1],
    ]);
    expect(steps[1]).toMatchObject({ at: 3000, signal: { object: { trackId: 2 } } });
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

  it("ignores other classes, weak detections and objects that are too small", () => {
    const strict: ZoneRuleConfig = { ...ZONE, minScore: 0.5, minHeight: 0.05 };
    const small = {
      ...personAt(0.5, 0.5),
      box: { left: 0.49, top: 0.48, width: 0.01, height: 0.02 },
    };
    for (const object of [
      { ...personAt(0.5, 0.5), label: "dog" },
      personAt(0.5, 0.5, 1, 0.45),
      small,
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
