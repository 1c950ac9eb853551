import { describe, expect, it } from "vitest";
import type { PictureState } from "../../../edge/gate/index.ts";
import type { BoxNorm } from "../../../protocol/index.ts";
import { HEIGHT, WIDTH } from "./scene.ts";
import { Watcher, fill, shade, squares } from "./watcher.ts";

const BAG: BoxNorm = { left: 0.5, top: 0.6, width: 0.05, height: 0.09 };

/** Somebody who comes from the left, reaches the bag's place at 4 s, and goes on. */
function walker(timeS: number): BoxNorm {
  return { left: 0.48 + 0.12 * (timeS - 4), top: 0.45, width: 0.04, height: 0.24 };
}

/** Walks past; from the fifth second on there is, or is no longer, a bag. */
function visit(isBagBefore: boolean, isBagAfter: boolean) {
  return (timeS: number) => ({
    square: walker(timeS),
    edit: (luma: Uint8Array) => {
      if (timeS < 4.5 ? isBagBefore : isBagAfter) {
        bag(luma, timeS);
      }
    },
  });
}

const bag = fill(BAG, 215);
const withBag = () => ({ edit: bag });

function boxesOf(states: readonly PictureState[]): BoxNorm[] {
  return states.flatMap(({ changes }) => changes.map(({ box }) => box));
}

/** Shared area ÷ area of both together. */
function overlap(a: BoxNorm, b: BoxNorm): number {
  const width = Math.min(a.left + a.width, b.left + b.width) - Math.max(a.left, b.left);
  const height = Math.min(a.top + a.height, b.top + b.height) - Math.max(a.top, b.top);
  const shared = Math.max(0, width) * Math.max(0, height);
  return shared / (a.width * a.height + b.width * b.height - shared);
}

describe("PictureWatch on lasting changes", () => {
  it.each([2.5, 5, 10])("tells what somebody leaves behind, and since when, at %d fps", (fps) => {
    const watcher = new Watcher();
    expect(boxesOf(watcher.play(12, undefined, fps))).toEqual([]);
    watcher.play(10, visit(false, true), fps);
    const states = watcher.play(20, withBag, fps);
    for (const { changes } of states) {
      expect(changes).toHaveLength(1);
    }
    const [change] = states.at(-1)?.changes ?? [];
    expect(overlap(change?.box as BoxNorm, BAG)).toBeGreaterThan(0.7);
    expect(change?.since).toBeGreaterThan(15_000);
    expect(change?.since).toBeLessThan(17_000);
  });

  it("tells what somebody takes away, and that it is back", () => {
    const watcher = new Watcher();
    expect(boxesOf(watcher.play(12, withBag))).toEqual([]);
    watcher.play(10, visit(true, false));
    const [change] = watcher.play(10).at(-1)?.changes ?? [];
    expect(overlap(change?.box as BoxNorm, BAG)).toBeGreaterThan(0.7);
    watcher.play(10, visit(false, true));
    expect(boxesOf(watcher.play(5, withBag).slice(10))).toEqual([]);
  });

  it("finds things of 20 pixels wherever they lie", () => {
    const places = Array.from({ length: 6 }, (_, n) => [41 + 95 * n, 40 + 47 * n] as const);
    const watcher = new Watcher();
    watcher.play(12);
    const { changes } = watcher.play(8, () => ({ edit: squares(places, 20, 40) })).at(-1) ?? {
      changes: [],
    };
    const found = places.filter(([x, y]) =>
      changes.some(
        ({ box }) =>
          overlap(box, {
            left: x / WIDTH,
            top: y / HEIGHT,
            width: 20 / WIDTH,
            height: 20 / HEIGHT,
          }) > 0.6,
      ),
    );
    expect(found).toEqual(places);
  });

  it("finds nothing where people come and go", () => {
    const watcher = new Watcher();
    const busy = watcher.play(40, (timeS) => ({ square: walker(timeS % 8) }));
    expect(boxesOf(busy)).toEqual([]);
  });

  it("holds a change while somebody passes in front of it", () => {
    const watcher = new Watcher();
    watcher.play(12);
    watcher.play(10, visit(false, true));
    const states = watcher.play(10, visit(true, true));
    expect(states.every(({ changes }) => changes.length >= 1)).toBe(true);
  });

  it("does not learn somebody who is there at the start and leaves", () => {
    const objects = [BAG];
    const watcher = new Watcher();
    watcher.play(30, () => ({ edit: bag, objects }));
    expect(boxesOf(watcher.play(30))).toEqual([]);
  });

  it("takes a change for normal after its time, and its end for nothing new", () => {
    const watcher = new Watcher({ forgetMs: 60_000 });
    watcher.play(12);
    watcher.play(10, visit(false, true));
    const states = watcher.play(80, withBag, 2.5);
    const told = states.filter(({ changes }) => changes.length > 0);
    expect(told.at(-1)?.at).toBeGreaterThan(75_000);
    expect(told.at(-1)?.at).toBeLessThan(79_000);
    watcher.play(10, visit(true, false));
    expect(boxesOf(watcher.play(10))).toEqual([]);
    watcher.play(10, visit(false, true));
    expect(boxesOf(watcher.play(10, withBag))).not.toEqual([]);
  });

  it("forgets all changes when the camera moves", () => {
    const watcher = new Watcher();
    watcher.play(12);
    watcher.play(10, visit(false, true));
    expect(boxesOf(watcher.play(2, withBag))).not.toEqual([]);
    expect(boxesOf(watcher.play(20, () => ({ shift: 77, edit: bag })))).toEqual([]);
  });

  it("sees nothing in a mask", () => {
    const watcher = new Watcher({
      masks: [
        [
          [0.4, 0.5],
          [0.7, 0.5],
          [0.7, 0.8],
          [0.4, 0.8],
        ],
      ], // prettier-ignore
    });
    watcher.play(12);
    watcher.play(10, visit(false, true));
    expect(boxesOf(watcher.play(5, withBag))).toEqual([]);
  });

  const light: readonly (readonly [string, (timeS: number) => object])[] = [
    ["a slow ramp of light", (timeS) => ({ light: timeS, gain: 1 - 0.01 * timeS })],
    ["lamps that go on and off", (timeS) => ({ light: timeS % 12 > 6 ? 45 : 0 })],
    [
      "the shadow of a cloud that drifts",
      (timeS) => ({
        edit: shade({ left: timeS / 20 - 0.6, top: -1, width: 0.5, height: 3 }, 0.55, 60),
      }),
    ],
    [
      "a sharp shadow that creeps",
      (timeS) => ({
        edit: shade({ left: -1, top: -1, width: 1.2 + timeS / 3000, height: 3 }, 0.5),
      }),
    ],
    [
      "the sun that comes out and throws sharp shadows",
      (timeS) => ({
        gain: timeS > 5 ? 1.2 : 1,
        edit: (luma: Uint8Array) => {
          for (const left of timeS > 5 ? [0.05, 0.25, 0.45, 0.65, 0.85] : []) {
            shade({ left, top: 0.1, width: 0.1, height: 0.8 }, 0.5)(luma, timeS);
          }
        },
      }),
    ],
    [
      "a spot of light that sweeps over the ground",
      (timeS) => ({
        edit: shade({ left: (timeS % 7) / 5 - 0.3, top: 0.4, width: 0.2, height: 0.3 }, 1.8, 30),
      }),
    ],
    [
      "the large sharp shadow of something out of sight that comes and goes",
      (timeS) => ({
        edit: shade({ left: 0.3, top: 0.2, width: 0.35, height: 0.6 }, timeS % 20 > 10 ? 0.5 : 1),
      }),
    ],
  ];

  it.each(light)("takes %s for light", (_name, shotAt) => {
    const watcher = new Watcher();
    watcher.play(12, () => shotAt(0), 2.5);
    expect(boxesOf(watcher.play(30, shotAt, 2.5))).toEqual([]);
  });
});
