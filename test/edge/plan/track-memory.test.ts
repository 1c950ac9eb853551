import { describe, expect, it } from "vitest";
import { seeded } from "../../../bench/support/seeded.ts";
import type { PictureState } from "../../../edge/gate/index.ts";
import { remembered, TrackMemory, type Remembered } from "../../../edge/plan/index.ts";
import type { Scene, SceneObject } from "../../../edge/rules/index.ts";

const START = 1_700_000_000_000;

function object(trackId: number, left: number, label = "person"): SceneObject {
  const box = { left, top: 0.25, width: 0.1, height: 0.5 };
  return { trackId, label, score: 0.8, box, frames: 7 };
}

function scene(at: number, objects: readonly SceneObject[], aspect = 1.5): Scene {
  return { at, aspect, objects };
}

function recall(memory: TrackMemory, now: number): Remembered[] {
  return [...remembered(memory.stretch(now))];
}

function scenesOf(list: readonly Remembered[]): Extract<Remembered, { kind: "scene" }>[] {
  return list.flatMap((one) => (one.kind === "scene" ? [one] : []));
}

describe("TrackMemory", () => {
  it("gives back what the rules were given, finer than a pixel", () => {
    const random = seeded(3);
    const memory = new TrackMemory();
    const given = Array.from({ length: 500 }, (_, index) =>
      scene(
        START + index * 200,
        Array.from({ length: Math.floor(random() * 6) }, (_, id) =>
          object(70_000 + id, random() * 0.9, id % 2 === 0 ? "person" : "car"),
        ),
      ),
    );
    given.forEach((one) => memory.scene(one, true));
    const found = scenesOf(recall(memory, START + 100_000));
    expect(found).toHaveLength(given.length);
    found.forEach(({ scene: one, isLook }, index) => {
      const expected = given[index] as Scene;
      expect(isLook).toBe(true);
      expect([one.at, one.aspect]).toEqual([expected.at, expected.aspect]);
      expect(one.objects.map(({ trackId, label, frames }) => [trackId, label, frames])).toEqual(
        expected.objects.map(({ trackId, label, frames }) => [trackId, label, frames]),
      );
      one.objects.forEach((seen, place) => {
        const was = expected.objects[place] as SceneObject;
        expect(Math.abs(seen.box.left - was.box.left)).toBeLessThan(1 / 65_535);
        expect(Math.abs(seen.score - was.score)).toBeLessThan(1 / 65_535);
      });
    });
  });

  it("keeps a still scene in six bytes a picture, with its objects", () => {
    const memory = new TrackMemory();
    const standing = [object(1, 0.2), object(2, 0.6)];
    memory.scene(scene(START, standing), true);
    for (let index = 1; index <= 100; index++) {
      memory.scene(scene(START + index * 100, standing), false);
    }
    const { chunks } = memory.stretch(START + 10_100);
    expect(chunks.reduce((sum, { used }) => sum + used * 2, 0)).toBe(6 + 36 + 600);
    const last = scenesOf(recall(memory, START + 10_100)).at(-1);
    expect(last?.scene.objects.map(({ trackId }) => trackId)).toEqual([1, 2]);
    expect(last).toMatchObject({ isLook: false, isSame: true });
  });

  it("takes looks that are done after later pictures, in the order in which they came", () => {
    const memory = new TrackMemory();
    const picture: PictureState = {
      at: START + 400,
      moving: [object(1, 0.1).box],
      changes: [{ box: object(1, 0.3).box, since: START - 60_000 }],
      quality: {
        ...{ brightness: 90.5, structure: 0.75, sharpness: 1.25, alignment: 0.5 },
        frozenSince: START - 70_000,
      },
      objects: [],
    };
    memory.picture(picture);
    memory.scene(scene(START, [object(1, 0.5)]), true);
    memory.missed(START + 3_000, START + 400);
    const [first, second, third] = recall(memory, START + 5_000);
    expect(first).toMatchObject({ kind: "picture", at: START + 400 });
    const { quality, changes, moving } = (first as { picture: PictureState }).picture;
    expect(quality.brightness).toBeCloseTo(90.5, 2);
    expect(quality.sharpness).toBeCloseTo(1.25, 3);
    expect(quality.frozenSince).toBe(START - 70_000);
    expect(changes[0]?.since).toBe(START - 60_000);
    expect(moving).toHaveLength(1);
    expect(second).toMatchObject({ kind: "scene", at: START });
    expect(third).toEqual({ kind: "missed", at: START + 3_000, lastFrameAt: START + 400 });
  });

  it("forgets after an hour, and the oldest first when it is full", () => {
    const hours = new TrackMemory();
    for (let at = START; at < START + 2 * 3_600_000; at += 1_000) {
      hours.scene(scene(at, [object(1, ((at / 1_000) % 100) / 200)]), true);
    }
    const end = START + 2 * 3_600_000;
    expect(scenesOf(recall(hours, end))[0]?.at).toBe(end - 3_600_000);

    const maxBytes = 100_000;
    const full = new TrackMemory({ maxBytes });
    for (let index = 0; index < 20_000; index++) {
      full.scene(scene(START + index * 100, [object(index, 0.5), object(index + 1, 0.1)]), true);
      expect(full.bytes).toBeLessThanOrEqual(maxBytes);
    }
    const kept = scenesOf(recall(full, START + 2_000_000));
    expect(kept.at(-1)?.scene.objects[0]?.trackId).toBe(19_999);
    expect(kept.length).toBeGreaterThan(1_000);
  });

  it("is empty after it was cleared, while a stretch taken before stays as it was", () => {
    const memory = new TrackMemory();
    memory.scene(scene(START, [object(1, 0.5)]), true);
    const before = memory.stretch(START);
    memory.clear();
    memory.scene(scene(START + 100, []), true);
    expect(scenesOf([...remembered(before)])).toHaveLength(1);
    expect(recall(memory, START + 100)).toHaveLength(1);
  });
});
