import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { countingRuleSchema, type RuleConfigOf } from "../../../config/index.ts";
import { createRule, type AlarmSignal, type Rule, type Scene } from "../../../edge/rules/index.ts";
import { personAt, scenes } from "./scene.ts";

const COUNTING: RuleConfigOf<"counting"> = countingRuleSchema.parse({
  kind: "counting",
  id: "gate",
  eventType: "SEC.CROWD",
  line: [
    [0.5, 0.9],
    [0.5, 0.3],
  ],
  clearS: 1,
});

function play(rule: Rule, frames: readonly Scene[]): (AlarmSignal & { at: number })[] {
  return frames.flatMap((scene) =>
    rule.evaluate(scene).map((signal) => ({ ...signal, at: scene.at })),
  );
}

/** Walks at 0.1 a second, about a height, through these places. */
function way(...xs: readonly [number, ...number[]]): (timeS: number) => number {
  return (timeS) => {
    let left = timeS * 0.1;
    for (let i = 1; i < xs.length; i++) {
      const [from, to] = [xs[i - 1] as number, xs[i] as number];
      const length = Math.abs(to - from);
      if (left <= length) {
        return from + Math.sign(to - from) * left;
      }
      left -= length;
    }
    return xs.at(-1) as number;
  };
}

describe("counting", () => {
  it.each([2.5, 5, 10])("counts one in and one out at %d frames a second", (fps) => {
    const rule = createRule(COUNTING);
    const path = way(0.3, 0.7, 0.3);
    play(
      rule,
      scenes(fps, 9, (timeS) => [personAt(path(timeS), 0.6)]),
    );
    expect(rule.counts?.()).toEqual({ in: 1, out: 1, inside: 0 });
  });

  it("counts every crossing of one who dithers, so that the number inside stays right", () => {
    const rule = createRule(COUNTING);
    const path = way(0.3, 0.54, 0.46, 0.54, 0.46, 0.7);
    play(
      rule,
      scenes(10, 9, (timeS) => [personAt(path(timeS), 0.6)]),
    );
    expect(rule.counts?.()).toEqual({ in: 3, out: 2, inside: 1 });
  });

  it("counts one whose track gets another id on the line", () => {
    const rule = createRule(COUNTING);
    const path = way(0.3, 0.7);
    play(
      rule,
      scenes(10, 4, (timeS) =>
        timeS > 1.8 && timeS < 2.4 ? [] : [personAt(path(timeS), 0.6, timeS < 2 ? 1 : 8)],
      ),
    );
    expect(rule.counts?.()).toMatchObject({ in: 1, out: 0 });
  });

  it("counts one who is seen once beyond the line and then no more", () => {
    const rule = createRule(COUNTING);
    const path = way(0.3, 0.7);
    play(
      rule,
      scenes(5, 5, (timeS) => (timeS < 2.3 ? [personAt(path(timeS), 0.6)] : [])),
    );
    expect(rule.counts?.()).toMatchObject({ in: 1 });
  });

  it("does not count a box that jumps over the line in one frame", () => {
    const rule = createRule(COUNTING);
    play(
      rule,
      scenes(10, 4, (timeS) => [personAt(timeS === 2 ? 0.53 : 0.47, 0.6)]),
    );
    expect(rule.counts?.()).toMatchObject({ in: 0, out: 0 });
  });

  it("never has fewer than nobody inside", () => {
    const rule = createRule(COUNTING);
    const path = way(0.7, 0.3);
    play(
      rule,
      scenes(10, 4, (timeS) => [personAt(path(timeS), 0.6)]),
    );
    expect(rule.counts?.()).toEqual({ in: 0, out: 1, inside: 0 });
  });

  it("alarms from the crossing that makes them too many until one has left", () => {
    const rule = createRule({ ...COUNTING, limit: 3, initial: 3 });
    const path = way(0.3, 0.7, 0.3);
    const signals = play(
      rule,
      scenes(10, 12, (timeS) => [personAt(path(timeS), 0.6)]),
    );
    expect(signals).toMatchObject([
      { kind: "begin", onset: 2100, measures: { count: 4 } },
      { kind: "end", endedAt: 6100 },
    ]);
  });

  it("ends the alarm at once when it is told to, and begins anew when it goes on", () => {
    const rule = createRule({ ...COUNTING, limit: 1, initial: 1, cooldownS: 0 });
    const path = way(0.3, 0.7);
    const frames = scenes(10, 4, (timeS) => [personAt(path(timeS), 0.6)]);
    expect(play(rule, frames).map((signal) => signal.kind)).toEqual(["begin"]);
    expect(rule.end?.(4000)).toMatchObject([{ kind: "end", key: 1 }]);
    expect(rule.evaluate({ at: 4100, aspect: 16 / 9, objects: [] })).toMatchObject([
      { kind: "begin", key: 2 },
    ]);
  });

  it("counts the mirrored scene the same, over the mirrored line", () => {
    const step = fc.tuple(fc.integer({ min: -20, max: 20 }), fc.integer({ min: -20, max: 20 }));
    fc.assert(
      fc.property(fc.array(step, { minLength: 10, maxLength: 80 }), (steps) => {
        const counts = [false, true].map((isMirrored) => {
          const line = isMirrored
            ? ([
                [0.5, 0.3],
                [0.5, 0.9],
              ] as [[number, number], [number, number]])
            : COUNTING.line;
          const rule = createRule({ ...COUNTING, line });
          let [x, y] = [0.47, 0.6];
          for (const [index, [dx, dy]] of steps.entries()) {
            x = Math.min(0.9, Math.max(0.1, x + dx / 1000));
            y = Math.min(0.9, Math.max(0.2, y + dy / 1000));
            const object = personAt(isMirrored ? 1 - x : x, y);
            rule.evaluate({ at: index * 200, aspect: 16 / 9, objects: [object] });
          }
          return rule.counts?.();
        });
        expect(counts[1]).toEqual(counts[0]);
      }),
    );
  });

  it("gives +1 −1 for any way that ends on the side on which it began", () => {
    const turns = fc.array(fc.double({ min: 0.15, max: 0.85, noNaN: true }), { maxLength: 6 });
    fc.assert(
      fc.property(turns, (places) => {
        const rule = createRule(COUNTING);
        const path = way(0.3, ...places, 0.3);
        play(
          rule,
          scenes(5, 60, (timeS) => [personAt(path(timeS), 0.6)]),
        );
        const { in: came, out: left, inside } = rule.counts?.() ?? {};
        expect(came).toBe(left);
        expect(inside).toBe(0);
      }),
      { numRuns: 50 },
    );
  });
});
