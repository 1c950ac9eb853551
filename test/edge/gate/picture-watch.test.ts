import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MotionGate, PictureWatch, type PictureState } from "../../../edge/gate/index.ts";
import { Street } from "./scene.ts";
import { Watcher, fill } from "./watcher.ts";

const WHOLE = [
  [0, 0],
  [1, 0],
  [1, 1],
  [0, 1],
] as const; // prettier-ignore

function figuresOf({ moving, changes, quality }: PictureState): number[] {
  const boxes = [...moving, ...changes.map(({ box }) => box)];
  const { brightness, structure, sharpness, alignment } = quality;
  return [
    ...boxes.flatMap(({ left, top, width, height }) => [left, top, left + width, top + height]),
    ...[brightness / 255, structure, sharpness / 100, alignment],
  ];
}

describe("PictureWatch", () => {
  it("bears pictures of any size and content, at any times", () => {
    const side = fc.integer({ min: 1, max: 200 });
    const levels = fc.array(fc.integer({ min: 0, max: 255 }), { minLength: 1, maxLength: 50 });
    const step = fc.integer({ min: -5000, max: 20_000 });
    const frames = fc.array(fc.tuple(levels, step), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(side, side, frames, (width, height, shots) => {
        const gate = new MotionGate();
        const watch = new PictureWatch({ fineZones: [WHOLE] });
        let at = 1_000_000;
        for (const [pattern, stepMs] of shots) {
          at += stepMs;
          const luma = new Uint8Array(width * height).map(
            (_, i) => pattern[i % pattern.length] as number,
          );
          const verdict = gate.look(luma, width, height, at);
          const state = gate.sight && watch.look(luma, verdict, gate.sight, [], at);
          for (const figure of state === undefined ? [NaN] : figuresOf(state)) {
            expect(figure).toBeGreaterThanOrEqual(0);
            expect(figure).toBeLessThanOrEqual(1 + 1e-9);
          }
        }
      }),
      { seed: 3, numRuns: 100 },
    );
  });

  it("starts anew when the clock is set back", () => {
    const watcher = new Watcher();
    watcher.play(20);
    const street = new Street();
    const bag = fill({ left: 0.5, top: 0.6, width: 0.05, height: 0.09 }, 215);
    const states = Array.from({ length: 60 }, (_, n) => {
      const luma = street.frame();
      if (n >= 40) {
        bag(luma, n);
      }
      return watcher.show(luma, 5 + n / 2.5);
    });
    expect(states[0]?.quality).toMatchObject({ structure: 1, alignment: 1, sharpness: 1 });
    expect(states.at(-1)?.changes).toHaveLength(1);
    expect(states.at(-1)?.changes[0]?.since).toBe(21_000);
  });

  it("starts anew when the size of the picture changes", () => {
    const gate = new MotionGate();
    const watch = new PictureWatch({ fineZones: [WHOLE] });
    const show = (width: number, at: number) => {
      const luma = new Uint8Array(width * 90).map((_, i) => 60 + 90 * ((i >> 4) % 2));
      const verdict = gate.look(luma, width, 90, at);
      return gate.sight && watch.look(luma, verdict, gate.sight, [], at);
    };
    for (let at = 0; at < 20_000; at += 400) {
      show(160, at);
    }
    expect(show(320, 20_000)).toMatchObject({ moving: [], changes: [], quality: { alignment: 1 } });
  });
});
