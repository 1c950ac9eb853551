/** Rules on the picture with what the gate tells of synthetic frames: both mean the same by it. */
import { describe, expect, it } from "vitest";
import { ruleSchema } from "../../../config/index.ts";
import { MotionGate, PictureWatch, type GateSight } from "../../../edge/gate/index.ts";
import { createRule, type AlarmSignal } from "../../../edge/rules/index.ts";
import type { PolygonNorm } from "../../../protocol/index.ts";
import { HEIGHT, Street, WIDTH } from "../gate/scene.ts";
import { squareAt } from "./steps.ts";

const START_MS = 1_000_000;

type Signal = AlarmSignal & { readonly atS: number };

function watch(
  input: Readonly<Record<string, unknown>>,
  { fps, seconds }: { readonly fps: number; readonly seconds: number },
  frameAt: (timeS: number, street: Street) => Uint8Array,
): Signal[] {
  const rule = createRule(ruleSchema.parse({ id: "rule", eventType: "DEV.TAMPER", ...input }));
  const gate = new MotionGate();
  const zone = input.kind === "thrown-object" ? (input.zone as PolygonNorm) : undefined;
  const pictures = new PictureWatch(zone === undefined ? {} : { fineZones: [zone] });
  const street = new Street();
  return Array.from({ length: seconds * fps }, (_, frame) => {
    const at = START_MS + Math.round((frame * 1000) / fps);
    const luma = frameAt(frame / fps, street);
    const verdict = gate.look(luma, WIDTH, HEIGHT, at);
    const state = pictures.look(luma, verdict, gate.sight as GateSight, [], at);
    return (rule.watch?.(state) ?? []).map((signal) => ({
      ...signal,
      atS: (at - START_MS) / 1000,
    }));
  }).flat();
}

const onsetS = (signal: Signal | undefined): number =>
  signal?.kind === "begin" ? (signal.onset - START_MS) / 1000 : Number.NaN;

describe("a fall", () => {
  const rule = {
    kind: "thrown-object",
    zone: [
      [0.2, 0],
      [0.8, 0],
      [0.8, 1],
      [0.2, 1],
    ],
  };
  const fall = (timeS: number, street: Street, y: (s: number) => number): Uint8Array => {
    const s = timeS - 4;
    return street.frame(
      s > 0 && y(s) < 0.98
        ? { square: squareAt(0.45 + 0.03 * s, y(s), 0.012), squareLevel: 230 }
        : {},
    );
  };

  it.each([5, 10])("is told at %d frames a second", (fps) => {
    const signals = watch(rule, { fps, seconds: 10 }, (timeS, street) =>
      fall(timeS, street, (s) => 0.05 + 0.3 * s * s),
    );
    expect(signals.map(({ kind }) => kind)).toEqual(["begin", "end"]);
    expect(Math.abs(onsetS(signals[0]) - 4)).toBeLessThanOrEqual(0.3);
  });

  it("is not what falls at one speed", () => {
    const signals = watch(rule, { fps: 10, seconds: 9 }, (timeS, street) =>
      fall(timeS, street, (s) => 0.05 + 0.5 * s),
    );
    expect(signals).toEqual([]);
  });
});

describe("tampering", () => {
  const rule = { kind: "camera-tamper", checks: ["covered", "moved", "dark"], holdS: 5 };
  const rate = { fps: 2.5, seconds: 45 };
  const after = (timeS: number): boolean => timeS > 25;

  it.each([
    ["covered", { gain: 0.02, light: 60 }],
    ["moved", { shift: 137 }],
  ])("is told as %s", (check, change) => {
    const signals = watch(rule, rate, (timeS, street) => street.frame(after(timeS) ? change : {}));
    expect(signals).toMatchObject([{ kind: "begin", measures: { [check]: 1 } }]);
    expect(Math.abs(onsetS(signals[0]) - 25)).toBeLessThanOrEqual(0.5);
  });

  it("is not what another exposure does", () => {
    const signals = watch(rule, rate, (timeS, street) =>
      street.frame(after(timeS) ? { gain: 0.6, light: 30 } : {}),
    );
    expect(signals).toEqual([]);
  });
});

describe("a thing that has to be there", () => {
  const place = { left: 0.4, top: 0.4, width: 0.1, height: 0.2 };
  const rule = {
    kind: "removed-object",
    zone: [
      [0.4, 0.4],
      [0.5, 0.4],
      [0.5, 0.6],
      [0.4, 0.6],
    ],
    goneS: 8,
  };

  it("is missed when it has gone, not while it stands in another light", () => {
    const signals = watch(rule, { fps: 5, seconds: 45 }, (timeS, street) => {
      if (timeS < 20) {
        return street.frame({
          square: place,
          squareLevel: 230,
          ...(timeS < 10 ? {} : { gain: 0.8 }),
        });
      }
      const square = { ...place, left: place.left + 0.3 * (timeS - 20) };
      return street.frame({
        gain: 0.8,
        ...(square.left < 0.9 ? { square, squareLevel: 230 } : {}),
      });
    });
    expect(signals.map(({ kind }) => kind)).toEqual(["begin"]);
    expect(Math.abs(onsetS(signals[0]) - 20)).toBeLessThanOrEqual(1);
  });
});
