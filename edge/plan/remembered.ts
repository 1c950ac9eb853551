/** Reads a stretch of the track memory back as what the rules were given. */
import type { BoxNorm, EpochMs } from "../../protocol/index.ts";
import type { PictureState } from "../gate/index.ts";
import type { Scene, SceneObject } from "../rules/index.ts";
import {
  BOX_WORDS,
  BRIGHTNESS_STEPS,
  CHANGE_WORDS,
  FRACTION,
  HEAD_WORDS,
  KIND_SHIFT,
  LOOK_BIT,
  MISS_WORDS,
  OBJECT_WORDS,
  PICTURE,
  PICTURE_WORDS,
  SAME,
  SCENE,
  SHARPNESS_STEPS,
  type Chunk,
  type Stretch,
} from "./track-memory.kernel.ts";

export type Remembered =
  | {
      readonly kind: "scene";
      readonly at: EpochMs;
      readonly scene: Scene;
      readonly isLook: boolean;
      /** The objects are those of the scene before. */
      readonly isSame: boolean;
    }
  | { readonly kind: "picture"; readonly at: EpochMs; readonly picture: PictureState }
  | { readonly kind: "missed"; readonly at: EpochMs; readonly lastFrameAt: EpochMs };

/** In the order in which it was remembered; times are to the millisecond, boxes to 1/65535. */
export function* remembered({ from, chunks, labels }: Stretch): Generator<Remembered> {
  for (const chunk of chunks) {
    for (const one of readChunk(chunk, labels)) {
      if (one.at >= from) {
        yield one;
      }
    }
  }
}

function* readChunk(chunk: Chunk, labels: readonly string[]): Generator<Remembered> {
  const { words, used, aspect, baseAt } = chunk;
  let objects: readonly SceneObject[] = [];
  let next = 0;
  while (next < used) {
    const first = words[next] as number;
    const at = Math.round(baseAt + longAt(words, next + 1));
    const kind = first >> KIND_SHIFT;
    if (kind === SCENE || kind === SAME) {
      const count = kind === SAME ? 0 : first & (LOOK_BIT - 1);
      if (kind === SCENE) {
        objects = readObjects(words, next + HEAD_WORDS, count, labels);
      }
      const isLook = (first & LOOK_BIT) !== 0;
      yield { kind: "scene", at, scene: { at, aspect, objects }, isLook, isSame: kind === SAME };
      next += HEAD_WORDS + count * OBJECT_WORDS;
    } else if (kind === PICTURE) {
      yield { kind: "picture", at, picture: readPicture(words, next, at) };
      next += pictureWords(words, next);
    } else {
      const lastFrameAt = at - longAt(words, next + HEAD_WORDS);
      yield { kind: "missed", at, lastFrameAt };
      next += MISS_WORDS;
    }
  }
}

function readObjects(
  words: Uint16Array,
  from: number,
  count: number,
  labels: readonly string[],
): readonly SceneObject[] {
  return Array.from({ length: count }, (_, index) => {
    const at = from + index * OBJECT_WORDS;
    return {
      trackId: longAt(words, at),
      label: labels[words[at + 2] as number] ?? "",
      score: (words[at + 3] as number) / FRACTION,
      box: boxAt(words, at + 4),
      frames: words[at + 8] as number,
    };
  });
}

function pictureCounts(words: Uint16Array, at: number): readonly [number, number, number] {
  const moving = (words[at] as number) & ((1 << KIND_SHIFT) - 1);
  return [moving, words[at + 3] as number, words[at + 4] as number];
}

function pictureWords(words: Uint16Array, at: number): number {
  const [moving, changes, objects] = pictureCounts(words, at);
  return PICTURE_WORDS + (moving + objects) * BOX_WORDS + changes * CHANGE_WORDS;
}

function readPicture(words: Uint16Array, from: number, at: EpochMs): PictureState {
  const [movingCount, changeCount, objectCount] = pictureCounts(words, from);
  const movingAt = from + PICTURE_WORDS;
  const objectsAt = movingAt + movingCount * BOX_WORDS;
  const changesAt = objectsAt + objectCount * BOX_WORDS;
  const frozenMs = longAt(words, from + 9);
  return {
    at,
    moving: boxesAt(words, movingAt, movingCount),
    objects: boxesAt(words, objectsAt, objectCount),
    changes: Array.from({ length: changeCount }, (_, index) => {
      const place = changesAt + index * CHANGE_WORDS;
      return { box: boxAt(words, place), since: at - longAt(words, place + BOX_WORDS) };
    }),
    quality: {
      brightness: (words[from + 5] as number) / BRIGHTNESS_STEPS,
      structure: (words[from + 6] as number) / FRACTION,
      sharpness: (words[from + 7] as number) / SHARPNESS_STEPS,
      alignment: (words[from + 8] as number) / FRACTION,
      frozenSince: frozenMs === 0 ? undefined : at - (frozenMs - 1),
    },
  };
}

function boxesAt(words: Uint16Array, from: number, count: number): readonly BoxNorm[] {
  return Array.from({ length: count }, (_, index) => boxAt(words, from + index * BOX_WORDS));
}

function boxAt(words: Uint16Array, at: number): BoxNorm {
  return {
    left: (words[at] as number) / FRACTION,
    top: (words[at + 1] as number) / FRACTION,
    width: (words[at + 2] as number) / FRACTION,
    height: (words[at + 3] as number) / FRACTION,
  };
}

function longAt(words: Uint16Array, at: number): number {
  return (words[at] as number) + (words[at + 1] as number) * (FRACTION + 1);
}
