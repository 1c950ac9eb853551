import { describe, expect, it } from "vitest";
import { MotionGate } from "../../../edge/gate/index.ts";
import type { BoxNorm } from "../../../protocol/index.ts";
import { HEIGHT, Street, WIDTH, covered, kinds, watch } from "./scene.ts";

/** A person-sized square that crosses the picture in about seven seconds. */
function walker(timeS: number): BoxNorm {
  return { left: 0.05 + 0.12 * (timeS - 2), top: 0.5, width: 0.03, height: 0.14 };
}

function calibrated(street: Street, options = {}, fps = 5): MotionGate {
  const gate = new MotionGate(options);
  expect(kinds(watch(gate, street, { fromS: 0, toS: 2, fps }))).toContain("calibrating");
  return gate;
}

describe("MotionGate", () => {
  it("calibrates first and then finds a noisy picture still", () => {
    const street = new Street(10);
    const gate = new MotionGate();
    expect(kinds(watch(gate, street, { fromS: 0, toS: 1.5 }))).toEqual(["calibrating"]);
    expect(kinds(watch(gate, street, { fromS: 1.6, toS: 6 }))).toEqual(["still"]);
  });

  it.each([2.5, 5, 10])("covers a walking person from its first frame at %d fps", (fps) => {
    const street = new Street();
    const gate = calibrated(street, {}, fps);
    const verdicts = watch(gate, street, { fromS: 2, toS: 7, fps }, (timeS) => ({
      square: walker(timeS),
    }));
    verdicts.forEach((verdict, n) => {
      expect(verdict.kind).toBe("motion");
      expect(covered(walker(2 + n / fps), verdict.regions)).toBeGreaterThan(0.9);
      const area = verdict.regions.reduce((sum, { width, height }) => sum + width * height, 0);
      expect(area).toBeLessThan(0.25);
    });
    expect(kinds(watch(gate, street, { fromS: 7, toS: 8, fps }))).toEqual(["still"]);
  });

  it("gives regions that do not overlap", () => {
    const street = new Street();
    const gate = calibrated(street);
    const square = { left: 0.1, top: 0.1, width: 0.1, height: 0.2 };
    const [one] = watch(gate, street, { fromS: 2, toS: 2.1 }, () => ({ square }));
    expect(one?.regions).toHaveLength(1);
    const { regions } = gate.look(
      street.frame({ square: { left: 0.5, top: 0.6, width: 0.2, height: 0.2 } }),
      WIDTH,
      HEIGHT,
      2200,
    );
    regions.forEach((a, i) => {
      regions.slice(i + 1).forEach((b) => expect(covered(a, [b])).toBe(0));
    });
  });

  it("tells a jump of light and is still in the next frame", () => {
    const street = new Street();
    const gate = calibrated(street);
    const lit = () => ({ light: 35 });
    const verdicts = watch(gate, street, { fromS: 2, toS: 4 }, lit);
    expect(verdicts[0]?.kind).toBe("lighting");
    expect(kinds(verdicts.slice(1))).toEqual(["still"]);
  });

  it("goes on seeing a person through a jump of light", () => {
    const street = new Street();
    const gate = calibrated(street);
    const verdicts = watch(gate, street, { fromS: 2, toS: 6 }, (timeS) => ({
      square: walker(timeS),
      light: timeS >= 4 ? 30 : 0,
    }));
    expect(verdicts[10]?.kind).toBe("lighting");
    verdicts.slice(11).forEach((verdict, n) => {
      expect(covered(walker(4.2 + n / 5), verdict.regions)).toBeGreaterThan(0.9);
    });
  });

  it("takes a slow ramp of light and gain for still", () => {
    const street = new Street();
    const gate = calibrated(street);
    const verdicts = watch(gate, street, { fromS: 2, toS: 12 }, (timeS) => ({
      light: 4 * (timeS - 2),
      gain: 1 - 0.02 * (timeS - 2),
    }));
    expect(kinds(verdicts)).toEqual(["still"]);
  });

  it("tells a moved camera and is still once the camera is", () => {
    const street = new Street();
    const gate = calibrated(street);
    const moving = watch(gate, street, { fromS: 2, toS: 4 }, (timeS) => ({
      shift: Math.round(80 * (timeS - 1.8)),
    }));
    expect(kinds(moving)).toEqual(["camera-moved"]);
    const last = () => ({ shift: 160 });
    expect(kinds(watch(gate, street, { fromS: 4, toS: 6 }, last).slice(1))).toEqual(["still"]);
  });

  it("sees nothing in a mask", () => {
    const street = new Street();
    const left = [
      [
        [0, 0],
        [0.6, 0],
        [0.6, 1],
        [0, 1],
      ],
    ] as const;
    const gate = calibrated(street, { masks: left });
    const verdicts = watch(gate, street, { fromS: 2, toS: 10 }, (timeS) => ({
      square: walker(timeS),
    }));
    expect(kinds(verdicts.slice(0, 20))).toEqual(["still"]);
    expect(kinds(verdicts.slice(28, 38))).toEqual(["motion"]);
  });

  it("sees nothing at all when all is masked", () => {
    const street = new Street();
    const all = [
      [
        [0, 0],
        [1, 0],
        [1, 1],
        [0, 1],
      ],
    ] as const;
    const gate = calibrated(street, { masks: all });
    const verdicts = watch(gate, street, { fromS: 2, toS: 4 }, (timeS) => ({
      light: 20 * timeS,
    }));
    expect(kinds(verdicts)).toEqual(["still"]);
  });

  it.each([2.5, 10])("rests when an object stops and sees it leave, at %d fps", (fps) => {
    const street = new Street();
    const gate = calibrated(street, {}, fps);
    const square = { left: 0.4, top: 0.5, width: 0.1, height: 0.2 };
    const parked = watch(gate, street, { fromS: 2, toS: 18, fps }, () => ({ square }));
    const kindAt = (timeS: number) => parked[Math.round((timeS - 2) * fps)]?.kind;
    expect([kindAt(2), kindAt(4.4), kindAt(6), kindAt(13.2)]).toEqual([
      "motion",
      "motion",
      "still",
      "still",
    ]);
    const gone = watch(gate, street, { fromS: 18, toS: 24, fps });
    expect(gone[0]?.kind).toBe("motion");
    expect(covered(square, gone[0]?.regions ?? [])).toBeGreaterThan(0.9);
    expect(gone.at(-1)?.kind).toBe("still");
  });

  it("leaves no trace of an object that stood for less than the time of absorption", () => {
    const street = new Street();
    const gate = calibrated(street);
    const square = { left: 0.4, top: 0.5, width: 0.1, height: 0.2 };
    watch(gate, street, { fromS: 2, toS: 10 }, () => ({ square }));
    expect(kinds(watch(gate, street, { fromS: 10, toS: 12 }))).toEqual(["still"]);
  });

  it("calibrates again when the frame's size changes", () => {
    const street = new Street();
    const gate = calibrated(street);
    const wide = new Uint8Array(320 * 180).fill(90);
    expect(gate.look(wide, 320, 180, 2000).kind).toBe("calibrating");
    expect(gate.look(wide, 320, 180, 2400).kind).toBe("calibrating");
    expect(gate.look(wide, 320, 180, 3000).kind).toBe("calibrating");
    expect(gate.look(wide, 320, 180, 3600).kind).toBe("still");
  });

  it.each([
    [2, 2],
    [30, 500],
    [4096, 16],
  ])("bears a frame of %d × %d", (width, height) => {
    const gate = new MotionGate();
    const frames = [0, 500, 1000, 2000, 2500].map(
      (at) => gate.look(new Uint8Array(width * height).fill(at / 50), width, height, at).kind,
    );
    expect(frames[0]).toBe("calibrating");
    expect(frames.slice(3)).not.toContain("calibrating");
  });

  it("refuses a frame with too few bytes and goes on with the next", () => {
    const street = new Street();
    const gate = calibrated(street);
    expect(() => gate.look(new Uint8Array(100), WIDTH, HEIGHT, 2000)).toThrow("too short");
    expect(() => gate.look(new Uint8Array(100), 0, 0, 2000)).toThrow("too short");
    expect(gate.look(street.frame(), WIDTH, HEIGHT, 2200).kind).toBe("still");
  });
});
