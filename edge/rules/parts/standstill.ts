/**
 * Whether a box stands still. It is compared with the average of where it stood so far, edge by edge:
 * what passes in front of an object cuts one side of its box, whereas moving shifts both.
 */
import type { BoxNorm, EpochMs } from "../../../protocol/index.ts";
import { sizeOf } from "./picture-space.ts";

/**
 * The place is averaged over this time, and then forgets with that time constant: a queue that creeps
 * must not take its places along, and a camera that sags in the sun must not move what stands.
 */
const FIRST_AVERAGE_MS = 5000;
const FORGET_MS = 300_000;
/** Coming nearer by a tenth is a way of some sizes for what is seen from afar: it counts double. */
const GROWTH_WEIGHT = 2;

/**
 * How far a box has moved from another, as a share of the first one's size. Along each axis it is
 * the smaller shift of both edges, none if they went opposite ways; growing or shrinking in width
 * and height alike is coming or going along the line of sight, while by unlike shares it is a box cut.
 */
export function shiftShare(from: BoxNorm, to: BoxNorm, aspect: number): number {
  const size = sizeOf(from, aspect);
  const dx = commonShift(to.left - from.left, to.left + to.width - from.left - from.width);
  const dy = commonShift(to.top - from.top, to.top + to.height - from.top - from.height);
  const [wider, higher] = [Math.log(to.width / from.width), Math.log(to.height / from.height)];
  const growth = GROWTH_WEIGHT * commonShift(wider, higher) - Math.abs(wider - higher);
  return Math.max(Math.hypot(dx * aspect, dy) / size, growth);
}

function commonShift(a: number, b: number): number {
  return a * b > 0 ? Math.min(Math.abs(a), Math.abs(b)) : 0;
}

export class Standstill {
  readonly #moveShare: number;
  #box: BoxNorm;
  #since: EpochMs;
  #lastStill: EpochMs;
  #samples = 1;

  /** @param moveShare a shift by less than this share of the object's size is standing. */
  constructor(moveShare: number, box: BoxNorm, at: EpochMs) {
    this.#moveShare = moveShare;
    this.#box = box;
    this.#since = at;
    this.#lastStill = at;
  }

  /** Where it stands, on average. */
  get box(): BoxNorm {
    return this.#box;
  }

  /** First frame there. */
  get since(): EpochMs {
    return this.#since;
  }

  /** Last frame there. */
  get lastStill(): EpochMs {
    return this.#lastStill;
  }

  isHere(box: BoxNorm, aspect: number): boolean {
    return shiftShare(this.#box, box, aspect) <= this.#moveShare;
  }

  /** It is here in this frame. */
  stay(box: BoxNorm, at: EpochMs): void {
    this.#samples++;
    const weight =
      at - this.#since < FIRST_AVERAGE_MS
        ? 1 / this.#samples
        : Math.min(1, Math.max(0, at - this.#lastStill) / FORGET_MS);
    // A cut box matches by its other edges; taking it in would shift the place.
    if (this.#isWhole(box)) {
      this.#box = {
        left: mix(this.#box.left, box.left, weight),
        top: mix(this.#box.top, box.top, weight),
        width: mix(this.#box.width, box.width, weight),
        height: mix(this.#box.height, box.height, weight),
      };
    }
    this.#lastStill = at;
  }

  /** From now on it stands here. */
  restart(box: BoxNorm, at: EpochMs): void {
    this.#box = box;
    this.#since = at;
    this.#lastStill = at;
    this.#samples = 1;
  }

  #isWhole(box: BoxNorm): boolean {
    const { width, height } = this.#box;
    return (
      Math.abs(box.width - width) <= this.#moveShare * width &&
      Math.abs(box.height - height) <= this.#moveShare * height
    );
  }
}

function mix(a: number, b: number, share: number): number {
  return a + (b - a) * share;
}
