import { describe, expect, it } from "vitest";
import type { PictureState } from "../../../edge/gate/index.ts";
import { seeded } from "../../../bench/support/seeded.ts";
import { HEIGHT, Street, WIDTH } from "./scene.ts";
import { Watcher, blur, shade, type Shot } from "./watcher.ts";

const still = (): Shot => ({});

function qualityOf(states: readonly PictureState[]): PictureState["quality"] {
  const last = states.at(-1);
  if (last === undefined) {
    throw new Error("no frame was shown");
  }
  return last.quality;
}

/** A watcher that has seen enough of the street to know it. */
function learned(): Watcher {
  const watcher = new Watcher();
  watcher.play(15, still, 2.5);
  return watcher;
}

describe("PictureWatch on the quality of the picture", () => {
  it("says 1 until it knows the street, and about 1 while people walk there", () => {
    const watcher = new Watcher();
    const states = watcher.play(25, (timeS) => ({
      square: { left: 0.1 * (timeS % 9), top: 0.3, width: 0.08, height: 0.4 },
      light: timeS / 2,
    }));
    for (const { quality } of states) {
      expect(quality.structure).toBeGreaterThan(0.9);
      expect(quality.alignment).toBeGreaterThan(0.8);
      expect(quality.sharpness).toBeGreaterThan(0.8);
      expect(quality.sharpness).toBeLessThan(1.2);
      expect(quality.frozenSince).toBeUndefined();
    }
    expect(states[0]?.quality).toMatchObject({ structure: 1, alignment: 1, sharpness: 1 });
  });

  it("tells a covered lens at once, and for as long as it lasts", () => {
    const watcher = learned();
    const hand = () => ({ edit: (luma: Uint8Array) => luma.fill(70) });
    for (const { quality } of watcher.play(800, hand, 0.2)) {
      expect(quality.structure).toBeLessThan(0.1);
      expect(quality.alignment).toBeLessThan(0.1);
    }
    const { structure, alignment } = qualityOf(watcher.play(1));
    expect(Math.min(structure, alignment)).toBeGreaterThan(0.9);
  });

  it("tells a moved camera after the gate has forgotten how it was, and gives in after 10 min", () => {
    const watcher = learned();
    const moved = () => ({ shift: 77 });
    for (const { quality } of watcher.play(590, moved, 0.2)) {
      expect(quality.structure).toBeGreaterThan(0.6);
      expect(quality.alignment).toBeLessThan(0.3);
    }
    const { alignment } = qualityOf(watcher.play(30, moved, 2.5));
    expect(alignment).toBeGreaterThan(0.9);
    expect(qualityOf(watcher.play(1)).alignment).toBeLessThan(0.3);
  });

  it("knows the old view again when the camera is turned back", () => {
    const watcher = learned();
    watcher.play(60, () => ({ shift: 77 }), 0.5);
    expect(qualityOf(watcher.play(1)).alignment).toBeGreaterThan(0.9);
  });

  it.each([2, 5])("tells a lens out of focus by %d pixels", (radius) => {
    const watcher = learned();
    const { sharpness, structure } = qualityOf(watcher.play(5, () => ({ edit: blur(radius) })));
    expect(sharpness).toBeLessThan(0.45);
    expect(structure).toBeGreaterThan(0.5);
  });

  it("does not take a darker or flatter picture for one out of focus or moved", () => {
    const watcher = learned();
    const quality = qualityOf(watcher.play(5, () => ({ gain: 0.5, light: 20 })));
    expect(quality.sharpness).toBeGreaterThan(0.7);
    expect(quality.alignment).toBeGreaterThan(0.8);
  });

  it("tells darkness by brightness", () => {
    const watcher = learned();
    const { brightness, structure } = qualityOf(watcher.play(5, () => ({ gain: 0.05, light: 16 })));
    expect(brightness).toBeLessThan(30);
    expect(structure).toBeLessThan(0.2);
  });

  it("follows dusk without a word", () => {
    const watcher = learned();
    const dusk = (timeS: number) => ({ gain: 1 - timeS / 1200, light: timeS / 60 });
    for (const { quality } of watcher.play(600, dusk, 0.5)) {
      expect(quality.structure).toBeGreaterThan(0.75);
      expect(quality.alignment).toBeGreaterThan(0.8);
      expect(quality.sharpness).toBeGreaterThan(0.75);
    }
  });

  it("says nothing of a picture that never had edges, and learns the street when it comes", () => {
    const watcher = new Watcher();
    const fog = () => ({ edit: (luma: Uint8Array) => luma.fill(120) });
    expect(qualityOf(watcher.play(30, fog, 2.5))).toMatchObject({ structure: 1, alignment: 1 });
    watcher.play(25, still, 2.5);
    expect(qualityOf(watcher.play(5, () => ({ shift: 77 }))).alignment).toBeLessThan(0.3);
  });

  it("does not count what is masked", () => {
    const left = [
      [0, 0],
      [0.5, 0],
      [0.5, 1],
      [0, 1],
    ] as const; // prettier-ignore
    const watcher = new Watcher({ masks: [left] });
    watcher.play(15, still, 2.5);
    const edit = shade({ left: -1, top: -1, width: 1.45, height: 3 }, 0);
    expect(qualityOf(watcher.play(3, () => ({ edit })))).toMatchObject({
      brightness: expect.closeTo(115, -2) as number,
      structure: expect.closeTo(1, 1) as number,
    });
  });
});

describe("PictureWatch on a source that hangs", () => {
  const random = seeded(5);
  const street = new Street();

  function play(frameAt: (n: number) => Uint8Array, seconds: number, fps = 2): PictureState[] {
    const watcher = new Watcher();
    return Array.from({ length: seconds * fps }, (_, n) => watcher.show(frameAt(n), n / fps));
  }

  /** The same picture with other noise here and there, as a keyframe brings it. */
  function withNoise(luma: Uint8Array): Uint8Array {
    return luma.map((value) => value + Math.round(random()));
  }

  it("tells it after a minute, from its first repeated frame on", () => {
    const last = street.frame();
    const states = play((n) => (n < 40 ? street.frame() : last), 100);
    const told = states.filter(({ quality }) => quality.frozenSince !== undefined);
    expect(told[0]?.at).toBe(80_500);
    expect(told[0]?.quality.frozenSince).toBe(20_500);
    expect(told.at(-1)?.at).toBe(99_500);
  });

  it("tells it from its first repeated frame on although somebody was walking", () => {
    const walk = (n: number) => ({ left: (n % 10) / 12, top: 0.4, width: 0.1, height: 0.3 });
    const last = street.frame({ square: walk(39) });
    const states = play((n) => (n < 40 ? street.frame({ square: walk(n) }) : last), 90);
    expect(states.at(-1)?.quality.frozenSince).toBe(20_500);
  });

  it("ends with the first new picture", () => {
    const last = street.frame();
    const states = play((n) => (n >= 40 && n < 190 ? last : street.frame()), 100);
    expect(states[189]?.quality.frozenSince).toBe(20_500);
    expect(states[190]?.quality.frozenSince).toBeUndefined();
  });

  it("does not take a still scene for one: every keyframe brings new noise", () => {
    let picture = street.frame();
    const states = play((n) => {
      picture = n % 20 === 0 ? withNoise(picture) : picture;
      return picture;
    }, 200);
    expect(states.every(({ quality }) => quality.frozenSince === undefined)).toBe(true);
  });

  it("tells a source that hangs before an encoder which repeats itself from key to key", () => {
    const last = street.frame();
    const group = Array.from({ length: 20 }, () => withNoise(last));
    const states = play((n) => group[n % 20] as Uint8Array, 100);
    expect(states.at(-1)?.quality.frozenSince).toBe(11_000);
  });

  it("does not take a clip that is shown again and again for one", () => {
    const clip = Array.from({ length: 20 }, (_, n) =>
      street.frame({ square: { left: n / 25, top: 0.4, width: 0.1, height: 0.3 } }),
    );
    const states = play((n) => clip[n % 20] as Uint8Array, 100);
    expect(states.every(({ quality }) => quality.frozenSince === undefined)).toBe(true);
  });

  it("does not take a black picture for one", () => {
    const black = new Uint8Array(WIDTH * HEIGHT).fill(16);
    const states = play(() => black, 100);
    expect(states.every(({ quality }) => quality.frozenSince === undefined)).toBe(true);
  });
});
