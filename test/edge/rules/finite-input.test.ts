/** No input of finite numbers makes a rule about movement or the picture throw or say nonsense. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ruleSchema } from "../../../config/index.ts";
import type { PictureState } from "../../../edge/gate/index.ts";
import { createRule, type AlarmSignal, type Rule, type Scene } from "../../../edge/rules/index.ts";

const zone = [
  [0.1, 0.1],
  [0.9, 0.1],
  [0.9, 0.9],
];
const CONFIGS = [
  { kind: "person-down", downS: 0.5, clearS: 0 },
  { kind: "running", holdS: 0.2, clearS: 0, speedHeightsPerS: 0.1 },
  { kind: "dispersal", count: 3, clearS: 0, speedHeightsPerS: 0.1 },
  { kind: "thrown-object", zone, minFall: 0.01, maxSize: 0.5 },
  { kind: "removed-object", zone, goneS: 1, clearS: 0 },
  { kind: "camera-tamper", checks: ["covered", "moved", "blurred", "dark", "frozen"], holdS: 0.5 },
];

const unit = fc.double({ min: 0, max: 1, noNaN: true });
const box = fc.record({ left: unit, top: unit, width: unit, height: unit });
const stepMs = fc.integer({ min: 0, max: 3000 });
const scene = fc.record({
  stepMs,
  objects: fc.array(
    fc.record({
      trackId: fc.integer({ min: 1, max: 4 }),
      label: fc.constantFrom("person", "bicycle", "car"),
      score: unit,
      box,
      frames: fc.nat(100),
    }),
    { maxLength: 6 },
  ),
});
const picture = fc.record({
  stepMs,
  moving: fc.array(box, { maxLength: 6 }),
  changes: fc.array(fc.record({ box, ageMs: fc.nat(5000) }), { maxLength: 3 }),
  objects: fc.array(box, { maxLength: 3 }),
  brightness: fc.double({ min: 0, max: 255, noNaN: true }),
  structure: unit,
  sharpness: fc.double({ min: 0, max: 3, noNaN: true }),
  alignment: unit,
  frozenMs: fc.option(fc.nat(90_000), { nil: undefined }),
});

class Checked {
  readonly #open = new Set<number>();

  take(signals: readonly AlarmSignal[], at: number): void {
    for (const signal of signals) {
      expect(this.#open.has(signal.key)).toBe(signal.kind !== "begin");
      if (signal.kind === "begin") {
        this.#open.add(signal.key);
        expect(signal.onset).toBeLessThanOrEqual(at);
      } else if (signal.kind === "end") {
        this.#open.delete(signal.key);
        expect(signal.endedAt).toBeLessThanOrEqual(at);
      }
      if (signal.kind !== "end") {
        expect(Object.values(signal.measures ?? {}).every(Number.isFinite)).toBe(true);
      }
    }
  }

  finish(rule: Rule, at: number): void {
    this.take(rule.end?.(at) ?? [], at);
    expect([...this.#open]).toEqual([]);
  }
}

describe.each(CONFIGS)("$kind", (input) => {
  const config = ruleSchema.parse({ id: "rule", eventType: "SEC.INTRUDE", ...input });

  it("takes any scenes", () => {
    fc.assert(
      fc.property(fc.array(scene, { maxLength: 40 }), (frames) => {
        const rule = createRule(config);
        const checked = new Checked();
        let at = 1_000_000;
        for (const { stepMs: step, objects } of frames) {
          at += step;
          const judged: Scene = { at, aspect: 16 / 9, objects };
          checked.take(rule.evaluate(judged), at);
        }
        checked.finish(rule, at);
      }),
      { seed: 1, numRuns: 60 },
    );
  });

  it("takes any pictures", () => {
    fc.assert(
      fc.property(fc.array(picture, { maxLength: 40 }), (frames) => {
        const rule = createRule(config);
        const checked = new Checked();
        let at = 1_000_000;
        for (const { stepMs: step, moving, changes, objects, frozenMs, ...quality } of frames) {
          at += step;
          const state: PictureState = {
            at,
            moving,
            objects,
            changes: changes.map((one) => ({ box: one.box, since: at - one.ageMs })),
            quality: {
              ...quality,
              frozenSince: frozenMs === undefined ? undefined : at - frozenMs,
            },
          };
          checked.take(rule.watch?.(state) ?? [], at);
        }
        checked.finish(rule, at);
      }),
      { seed: 2, numRuns: 60 },
    );
  });
});
