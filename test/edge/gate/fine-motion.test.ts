import { describe, expect, it } from "vitest";
import type { BoxNorm, PolygonNorm } from "../../../protocol/index.ts";
import { HEIGHT, WIDTH } from "./scene.ts";
import { Watcher, fill } from "./watcher.ts";

/** The front of a building: the right half of the picture. */
const FRONT: PolygonNorm = [
  [0.5, 0],
  [1, 0],
  [1, 1],
  [0.5, 1],
]; // prettier-ignore

/** A stone that falls freely from the top from `fromS` on, over the picture's height in 1.4 s. */
function stone(timeS: number, fromS: number, sizePx: number, x = 0.707): BoxNorm | undefined {
  const top = 0.05 + 0.5 * Math.max(0, timeS - fromS) ** 2;
  return timeS < fromS || top > 0.95
    ? undefined
    : { left: x, top, width: sizePx / WIDTH, height: sizePx / HEIGHT };
}

function isAround(box: BoxNorm, inner: BoxNorm): boolean {
  const x = inner.left + inner.width / 2;
  const y = inner.top + inner.height / 2;
  return x >= box.left && x <= box.left + box.width && y >= box.top && y <= box.top + box.height;
}

describe("PictureWatch on small things that move", () => {
  it.each([5, 10, 25])("sees a stone of 4 pixels in every frame of its fall at %d fps", (fps) => {
    const watcher = new Watcher({ fineZones: [FRONT] });
    watcher.play(3, undefined, fps);
    let seen = 0;
    const states = watcher.play(
      3,
      (timeS) => {
        const box = stone(timeS, 1, 4);
        seen += box === undefined ? 0 : 1;
        return { edit: (luma) => box && fill(box, 5)(luma, timeS) };
      },
      fps,
    );
    const told = states.filter(({ at, moving }) => {
      const box = stone(at / 1000 - 3, 1, 4);
      expect(moving).toHaveLength(box === undefined ? 0 : 1);
      return box !== undefined && isAround(moving[0] as BoxNorm, box);
    });
    expect(told).toHaveLength(seen);
    for (const { moving } of told) {
      expect(moving[0]?.width).toBeLessThan(0.016);
      expect(moving[0]?.height).toBeLessThan(0.03);
    }
  });

  it("sees none of it in a camera without a zone for such things", () => {
    const watcher = new Watcher();
    watcher.play(3, undefined, 10);
    const states = watcher.play(
      3,
      (timeS) => {
        const box = stone(timeS, 1, 4);
        return { edit: (luma) => box && fill(box, 5)(luma, timeS) };
      },
      10,
    );
    expect(states.flatMap(({ moving }) => moving)).toEqual([]);
  });

  it("sees a stone of 8 pixels where the zone is the whole picture", () => {
    const whole = [
      [0, 0],
      [1, 0],
      [1, 1],
      [0, 1],
    ] as const; // prettier-ignore
    const watcher = new Watcher({ fineZones: [whole] });
    watcher.play(3, undefined, 10);
    for (let n = 0; n < 10; n++) {
      const box = {
        left: 0.31 + 0.037 * n,
        top: 0.1 + 0.07 * n,
        width: 8 / WIDTH,
        height: 8 / HEIGHT,
      };
      const [state] = watcher.play(0.1, () => ({ edit: fill(box, 5) }), 10);
      expect(state?.moving).toHaveLength(1);
      expect(isAround(state?.moving[0] as BoxNorm, box)).toBe(true);
    }
  });

  it("gives one box for somebody who walks in the zone, and the gate's beside it", () => {
    const watcher = new Watcher({ fineZones: [FRONT] });
    watcher.play(3, undefined, 10);
    const states = watcher.play(
      6,
      (timeS) => ({ square: { left: 0.1 + 0.12 * timeS, top: 0.4, width: 0.05, height: 0.3 } }),
      10,
    );
    for (const { at, moving } of states) {
      const left = 0.1 + 0.12 * (at / 1000 - 3);
      if (left < 0.4 || left > 0.52) {
        expect(moving).toHaveLength(1);
        expect(isAround(moving[0] as BoxNorm, { left, top: 0.4, width: 0.05, height: 0.3 })).toBe(
          true,
        );
      }
    }
  });

  it("takes noise, drifts and jumps of light for nothing", () => {
    const watcher = new Watcher({ fineZones: [FRONT] }, 10);
    const states = watcher.play(
      20,
      (timeS) => ({ light: 3 * timeS + (timeS > 8 ? 30 : 0), gain: 1 - 0.01 * timeS }),
      10,
    );
    expect(states.flatMap(({ moving }) => moving)).toEqual([]);
  });

  it("sees nothing in a mask, nor beside the zone", () => {
    const mask = [
      [0.6, 0],
      [0.8, 0],
      [0.8, 1],
      [0.6, 1],
    ] as const; // prettier-ignore
    const watcher = new Watcher({ fineZones: [FRONT], masks: [mask] });
    watcher.play(3, undefined, 10);
    const states = watcher.play(
      3,
      (timeS) => ({
        edit: (luma) => {
          for (const x of [0.2, 0.707]) {
            const box = stone(timeS, 1, 4, x);
            if (box !== undefined) {
              fill(box, 5)(luma, timeS);
            }
          }
        },
      }),
      10,
    );
    expect(states.flatMap(({ moving }) => moving)).toEqual([]);
  });

  it.each([
    [
      [0.5, 0.5],
      [0.5001, 0.5],
      [0.5, 0.5001],
    ],
    [
      [0.9, 0.9],
      [1, 0.9],
      [1, 1],
    ],
  ] as PolygonNorm[])("bears a tiny zone at %j", (...zone) => {
    const watcher = new Watcher({ fineZones: [zone] });
    expect(() =>
      watcher.play(3, () => ({ square: { left: 0, top: 0, width: 1, height: 1 } })),
    ).not.toThrow();
  }); // prettier-ignore
});
