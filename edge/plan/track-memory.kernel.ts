/**
 * What one camera's rules were given in the last hour, so that a new rule can be tried on it. It
 * never leaves the node, is not written to disk, and holds no pictures: times, classes and boxes.
 *
 * Records lie one after the other in chunks of 16-bit words. A chunk can be read without those
 * before it, ends after five minutes at the latest, and is dropped whole when it is too old or the
 * memory is full. A look with n objects takes 6 + 18 n bytes, a picture in which nothing moved 6.
 */
import type { BoxNorm, EpochMs } from "../../protocol/index.ts";
import type { PictureState } from "../gate/index.ts";
import type { Scene, SceneObject } from "../rules/index.ts";

/**
 * An hour of five looks a second with three objects in each takes 1.3 MiB. A busy square with
 * twenty objects fills this in about 18 minutes; 256 such cameras take half a gibibyte.
 */
const MAX_BYTES = 2 * 1024 * 1024;
const KEEP_MS = 3_600_000;
const CHUNK_WORDS = 16_384;
const CHUNK_MS = 300_000;
/** A look is remembered when it is done, after pictures that came later; further back is a clock set. */
const BACK_MS = 5_000;
/** More objects than a detector tells; a record has to fit a chunk. */
const MAX_OBJECTS = 1_000;
const MAX_BOXES = 200;
const MAX_LABELS = 256;
/** Rules about the picture measure in seconds; those about falling things cannot be tried at all. */
const PICTURE_STEP_MS = 500;

export const HEAD_WORDS = 3;
export const OBJECT_WORDS = 9;
export const BOX_WORDS = 4;
export const CHANGE_WORDS = BOX_WORDS + 2;
export const PICTURE_WORDS = HEAD_WORDS + 9;
export const MISS_WORDS = HEAD_WORDS + 2;
/** Kinds of records, in the two highest bits of the first word. */
export const SCENE = 0;
/** A scene with the objects of the scene before. */
export const SAME = 1;
export const PICTURE = 2;
export const MISS = 3;
export const KIND_SHIFT = 14;
/** Set in a scene's first word where it comes of a look; the bits below are the objects' number. */
export const LOOK_BIT = 1 << 13;
export const FRACTION = 65_535;
/** Sharpness may exceed 1; brightness goes to 255. */
export const SHARPNESS_STEPS = 8_192;
export const BRIGHTNESS_STEPS = 256;

export interface Chunk {
  /** Its records' times are counted from here. */
  readonly baseAt: EpochMs;
  readonly lastAt: EpochMs;
  readonly aspect: number;
  readonly words: Uint16Array;
  /** Words in use. */
  readonly used: number;
}

/** What was remembered at one moment; later additions do not change it. */
export interface Stretch {
  readonly from: EpochMs;
  readonly chunks: readonly Chunk[];
  readonly labels: readonly string[];
}

interface OpenChunk {
  baseAt: EpochMs;
  lastAt: EpochMs;
  aspect: number;
  words: Uint16Array;
  used: number;
}

export class TrackMemory {
  readonly #maxBytes: number;
  readonly #keepMs: number;
  #sealed: Chunk[] = [];
  #sealedBytes = 0;
  #open: OpenChunk | undefined;
  /** Where the last scene with objects of its own lies in the open chunk. */
  #sceneAt = -1;
  #sceneWords = 0;
  #pictureAt: EpochMs = -Infinity;
  #aspect = 1;
  readonly #labels: string[] = [];
  readonly #labelIndex = new Map<string, number>();

  constructor(options: { readonly maxBytes?: number; readonly keepMs?: number } = {}) {
    this.#maxBytes = options.maxBytes ?? MAX_BYTES;
    this.#keepMs = options.keepMs ?? KEEP_MS;
  }

  get bytes(): number {
    return this.#sealedBytes + (this.#open?.words.byteLength ?? 0);
  }

  /** @param isLook false where nobody looked, since nothing moved. */
  scene({ at, aspect, objects }: Scene, isLook: boolean): void {
    const count = Math.min(objects.length, MAX_OBJECTS);
    this.#aspect = aspect;
    const chunk = this.#room(at, HEAD_WORDS + count * OBJECT_WORDS);
    const { words, used } = chunk;
    let next = used + HEAD_WORDS;
    for (let index = 0; index < count; index++) {
      this.#putObject(words, next, objects[index] as SceneObject);
      next += OBJECT_WORDS;
    }
    const flags = isLook ? LOOK_BIT : 0;
    if (this.#isSame(words, used, next - used)) {
      this.#head(chunk, (SAME << KIND_SHIFT) | flags, at);
      chunk.used = used + HEAD_WORDS;
      return;
    }
    this.#head(chunk, (SCENE << KIND_SHIFT) | flags | count, at);
    chunk.used = next;
    this.#sceneAt = used;
    this.#sceneWords = next - used;
  }

  /** Call it for every picture that was watched; two a second are kept. */
  picture(state: PictureState): void {
    const { at, moving, changes, objects, quality } = state;
    if (Math.abs(at - this.#pictureAt) < PICTURE_STEP_MS) {
      return;
    }
    this.#pictureAt = at;
    const counts = [moving, changes, objects].map((list) => Math.min(list.length, MAX_BOXES));
    const [movingCount, changeCount, objectCount] = counts as [number, number, number];
    const boxWords = (movingCount + objectCount) * BOX_WORDS + changeCount * CHANGE_WORDS;
    const chunk = this.#room(at, PICTURE_WORDS + boxWords);
    const { words, used } = chunk;
    this.#head(chunk, (PICTURE << KIND_SHIFT) | movingCount, at);
    words[used + 3] = changeCount;
    words[used + 4] = objectCount;
    words[used + 5] = clampTo(quality.brightness * BRIGHTNESS_STEPS, FRACTION);
    words[used + 6] = clampTo(quality.structure * FRACTION, FRACTION);
    words[used + 7] = clampTo(quality.sharpness * SHARPNESS_STEPS, FRACTION);
    words[used + 8] = clampTo(quality.alignment * FRACTION, FRACTION);
    // 0: not frozen.
    const { frozenSince } = quality;
    putLong(words, used + 9, frozenSince === undefined ? 0 : Math.max(0, at - frozenSince) + 1);
    words[used + 11] = 0;
    let next = used + PICTURE_WORDS;
    next = putBoxes(words, next, moving, movingCount);
    next = putBoxes(words, next, objects, objectCount);
    for (let index = 0; index < changeCount; index++) {
      const { box, since } = changes[index] as PictureState["changes"][number];
      putBox(words, next, box);
      putLong(words, next + BOX_WORDS, Math.max(0, at - since));
      next += CHANGE_WORDS;
    }
    chunk.used = next;
  }

  /** No picture has come since `lastFrameAt`. */
  missed(at: EpochMs, lastFrameAt: EpochMs): void {
    const chunk = this.#room(at, MISS_WORDS);
    this.#head(chunk, MISS << KIND_SHIFT, at);
    putLong(chunk.words, chunk.used + HEAD_WORDS, Math.max(0, at - lastFrameAt));
    chunk.used += MISS_WORDS;
  }

  clear(): void {
    this.#sealed = [];
    this.#sealedBytes = 0;
    this.#open = undefined;
    this.#sceneAt = -1;
    this.#pictureAt = -Infinity;
  }

  /** What is remembered now and is not too old at `now`. */
  stretch(now: EpochMs): Stretch {
    const from = now - this.#keepMs;
    const open = this.#open === undefined || this.#open.used === 0 ? [] : [{ ...this.#open }];
    const chunks = [...this.#sealed, ...open].filter((chunk) => chunk.lastAt >= from);
    return { from, chunks, labels: [...this.#labels] };
  }

  /** The open chunk, with so much room. */
  #room(at: EpochMs, words: number): OpenChunk {
    const open = this.#open;
    if (
      open !== undefined &&
      open.used + words <= CHUNK_WORDS &&
      at >= open.baseAt &&
      at - open.baseAt <= CHUNK_MS &&
      open.aspect === this.#aspect
    ) {
      return open;
    }
    this.#seal();
    this.#forget(at);
    this.#sceneAt = -1;
    const chunk = {
      ...{ baseAt: at - BACK_MS, lastAt: at, aspect: this.#aspect, used: 0 },
      words: new Uint16Array(CHUNK_WORDS),
    };
    this.#open = chunk;
    return chunk;
  }

  #seal(): void {
    const open = this.#open;
    if (open !== undefined && open.used > 0) {
      const words = open.words.slice(0, open.used);
      this.#sealed.push({ ...open, words });
      this.#sealedBytes += words.byteLength;
    }
  }

  #forget(at: EpochMs): void {
    const limit = this.#maxBytes - CHUNK_WORDS * 2;
    let [oldest] = this.#sealed;
    while (
      oldest !== undefined &&
      (this.#sealedBytes > limit || oldest.lastAt < at - this.#keepMs)
    ) {
      this.#sealedBytes -= oldest.words.byteLength;
      this.#sealed.shift();
      [oldest] = this.#sealed;
    }
  }

  #head(chunk: OpenChunk, first: number, at: EpochMs): void {
    chunk.words[chunk.used] = first;
    putLong(chunk.words, chunk.used + 1, at - chunk.baseAt);
    chunk.lastAt = Math.max(at, chunk.lastAt);
  }

  /** Whether the objects just written are those of the scene before. */
  #isSame(words: Uint16Array, used: number, length: number): boolean {
    if (this.#sceneAt < 0 || length !== this.#sceneWords) {
      return false;
    }
    for (let offset = HEAD_WORDS; offset < length; offset++) {
      if (words[used + offset] !== words[this.#sceneAt + offset]) {
        return false;
      }
    }
    return true;
  }

  #putObject(words: Uint16Array, at: number, object: SceneObject): void {
    putLong(words, at, object.trackId);
    words[at + 2] = this.#labelOf(object.label);
    words[at + 3] = Math.round(object.score * FRACTION);
    putBox(words, at + 4, object.box);
    words[at + 8] = Math.min(object.frames, FRACTION);
  }

  #labelOf(label: string): number {
    let index = this.#labelIndex.get(label);
    if (index === undefined) {
      index = Math.min(this.#labels.length, MAX_LABELS);
      this.#labelIndex.set(label, index);
      this.#labels[index] = label;
    }
    return index;
  }
}

function clampTo(value: number, max: number): number {
  return Math.min(max, Math.max(0, Math.round(value)));
}

/** 32 bits, of whole milliseconds or an id. */
function putLong(words: Uint16Array, at: number, value: number): void {
  const whole = Math.round(value);
  words[at] = whole & FRACTION;
  words[at + 1] = (whole / (FRACTION + 1)) & FRACTION;
}

function putBox(words: Uint16Array, at: number, { left, top, width, height }: BoxNorm): void {
  words[at] = clampTo(left * FRACTION, FRACTION);
  words[at + 1] = clampTo(top * FRACTION, FRACTION);
  words[at + 2] = clampTo(width * FRACTION, FRACTION);
  words[at + 3] = clampTo(height * FRACTION, FRACTION);
}

function putBoxes(
  words: Uint16Array,
  at: number,
  boxes: readonly BoxNorm[],
  count: number,
): number {
  for (let index = 0; index < count; index++) {
    putBox(words, at + index * BOX_WORDS, boxes[index] as BoxNorm);
  }
  return at + count * BOX_WORDS;
}
