import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { lineRuleSchema, type LineRuleConfig } from "../../../config/index.ts";
import { createRule, type AlarmSignal, type Scene } from "../../../edge/rules/index.ts";
import { personAt, scenes } from "./scene.ts";

/** A vertical line drawn upwards: left-to-right in the picture is left-to-right of the line. */
const LINE: LineRuleConfig = lineRuleSchema.parse({
  kind: "line-crossing",
  id: "line",
  eventType: "SEC.CROSS",
  line: [
    [0.5, 0.9],
    [0.5, 0.3],
  ],
});

function play(config: LineRuleConfig, frames: readonly Scene[]): (AlarmSignal & { at: number })[] {
  const rule = createRule(config);
  return frames.flatMap((scene) =>
    rule.evaluate(scene).map((signal) => ({ ...signal, at: scene.at })),
  );
}

/** Walks from x = 0.2 to 0.8 in three seconds. */
const walkRight = (timeS: number): number => 0.2 + 0.2 * timeS;

describe("line crossing", () => {
  it.each([2.5, 5, 10])(
    "alarms once, within a frame of the crossing, at %d frames a second",
    (fps) => {
      const signals = play(
        LINE,
        scenes(fps, 3, (timeS) => [personAt(walkRight(timeS), 0.6)]),
      );
      expect(signals.map((signal) => signal.kind)).toEqual(["begin", "end"]);
      expect(signals[0]?.at).toBeGreaterThanOrEqual(1500);
      expect(signals[0]?.at).toBeLessThanOrEqual(1500 + 2 * (1000 / fps));
    },
  );

  it("alarms only in the wanted direction", () => {
    const right = scenes(10, 3, (timeS) => [personAt(walkRight(timeS), 0.6)]);
    const left = scenes(10, 3, (timeS) => [personAt(1 - walkRight(timeS), 0.6)]);
    const only: LineRuleConfig = { ...LINE, direction: "left-to-right" };
    expect(play(only, right)).toHaveLength(2);
    expect(play(only, left)).toEqual([]);
    expect(play({ ...LINE, direction: "right-to-left" }, left)).toHaveLength(2);
  });

  it("is silent for a person who turns back before the line", () => {
    const frames = scenes(10, 4, (timeS) => [
      personAt(timeS < 2 ? 0.2 + 0.14 * timeS : 0.48 - 0.14 * (timeS - 2), 0.6),
    ]);
    expect(play(LINE, frames)).toEqual([]);
  });

  it("is silent for someone who walks around the line's end", () => {
    expect(
      play(
        LINE,
        scenes(10, 3, (timeS) => [personAt(walkRight(timeS), 0.2)]),
      ),
    ).toEqual([]);
  });

  it("takes dithering on the line for one crossing", () => {
    const frames = scenes(10, 6, (timeS) => [
      personAt(timeS < 1 ? 0.4 : 0.5 + 0.02 * Math.sin(timeS * 8), 0.6),
    ]);
    expect(play(LINE, frames).filter((signal) => signal.kind === "begin")).toHaveLength(1);
  });

  it("tells two people who cross together", () => {
    const frames = scenes(10, 3, (timeS) => [
      personAt(walkRight(timeS), 0.6, 1),
      personAt(walkRight(timeS), 0.7, 2),
    ]);
    const begun = play(LINE, frames).filter((signal) => signal.kind === "begin");
    expect(begun.map((signal) => signal.key)).toEqual([1, 2]);
  });

  it("is one incident while someone goes on dithering for longer than the cool-down", () => {
    const frames = scenes(10, 60, (timeS) => [
      personAt(timeS < 1 ? 0.45 : 0.5 + 0.03 * Math.sin(timeS), 0.6),
    ]);
    expect(play(LINE, frames).filter((signal) => signal.kind === "begin")).toHaveLength(1);
  });

  it("goes on over a break of the track's id, but not from one person to another", () => {
    const handover = (x: number): Scene[] =>
      scenes(10, 3, (timeS) =>
        timeS < 1.5
          ? [personAt(walkRight(timeS) - 0.02, 0.6, 1)]
          : [personAt(walkRight(timeS) - 0.02 + x, 0.6, 2)],
      );
    expect(play(LINE, handover(0.01))).toHaveLength(2);
    expect(play(LINE, handover(0.15))).toEqual([]);
  });

  it("takes some per cent of the height on the other side for jitter of the box", () => {
    const frames = scenes(10, 6, (timeS) => [
      personAt(timeS < 1 ? 0.48 : Math.floor(timeS * 3) % 2 === 0 ? 0.494 : 0.506, 0.6),
    ]);
    expect(play(LINE, frames)).toEqual([]);
  });

  it("tells of the crossing, not of the look that confirmed it", () => {
    const [begin, end] = play(
      LINE,
      scenes(5, 4, (timeS) => [personAt(walkRight(timeS), 0.6)]),
    );
    expect(begin).toMatchObject({ onset: 1600, at: 1800 });
    expect(end).toMatchObject({ endedAt: 1600, at: 1800 });
  });

  it("sees the mirrored scene in mirrored direction", () => {
    const step = fc.tuple(fc.integer({ min: -25, max: 25 }), fc.integer({ min: -25, max: 25 }));
    let crossings = 0;
    fc.assert(
      fc.property(fc.array(step, { minLength: 10, maxLength: 80 }), (steps) => {
        const frames = (mirror: boolean): Scene[] => {
          let [x, y] = [0.47, 0.6];
          return steps.map(([dx, dy], frame) => {
            x = Math.min(0.9, Math.max(0.1, x + dx / 1000));
            y = Math.min(0.9, Math.max(0.2, y + dy / 1000));
            return { at: frame * 200, aspect: 16 / 9, objects: [personAt(mirror ? 1 - x : x, y)] };
          });
        };
        const there = play({ ...LINE, direction: "left-to-right" }, frames(false));
        const mirrored = play({ ...LINE, direction: "right-to-left" }, frames(true));
        expect(mirrored.map((signal) => signal.at)).toEqual(there.map((signal) => signal.at));
        crossings += there.length;
      }),
      { seed: 7 },
    );
    expect(crossings).toBeGreaterThan(20);
  });
});
