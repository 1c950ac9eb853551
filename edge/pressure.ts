/**
 * How hard the main thread is pressed, told by how late pictures come to it, and what to leave out
 * for it. Pictures that wait in pipes grow older with every one that is worked on before them, so
 * under overload fewer are looked into, from every camera alike, until those that are come in time.
 */
import type { EpochMs } from "../protocol/index.ts";

const WINDOW_MS = 1_000;
/** A picture that comes later than this tells of pressure; well before it is too late to be used. */
const PRESSED_MS = 200;
/** Share of late pictures from which less is taken, and below which more is tried. */
const TOO_MANY = 0.1;
const FEW = 0.02;
const FIRST_GAP_MS = 150;
/** Beyond this every camera is at its least anyway. */
const MAX_GAP_MS = 2_000;
const GROWTH = 1.5;
const SHRINKAGE = 0.85;
/** Calm windows in a row before more is taken: slower up than down, so that it does not swing. */
const CALM_WINDOWS = 3;

export class Pressure {
  #gapMs = 0;
  #windowFrom: EpochMs = -Infinity;
  #frames = 0;
  #late = 0;
  #calm = 0;

  /** Pictures of one camera that follow each other closer than this are left out; 0: none. */
  get gapMs(): number {
    return this.#gapMs;
  }

  /** Takes the age at which one picture came. */
  note(at: EpochMs, ageMs: number): void {
    if (at - this.#windowFrom >= WINDOW_MS) {
      this.#judge();
      this.#windowFrom = at;
      this.#frames = 0;
      this.#late = 0;
    }
    this.#frames++;
    if (ageMs > PRESSED_MS) {
      this.#late++;
    }
  }

  #judge(): void {
    const share = this.#frames === 0 ? 0 : this.#late / this.#frames;
    if (share > TOO_MANY) {
      this.#calm = 0;
      this.#gapMs = Math.min(MAX_GAP_MS, Math.max(FIRST_GAP_MS, this.#gapMs * GROWTH));
      return;
    }
    this.#calm = share < FEW ? this.#calm + 1 : 0;
    if (this.#calm >= CALM_WINDOWS) {
      this.#calm = 0;
      const less = this.#gapMs * SHRINKAGE;
      this.#gapMs = less < FIRST_GAP_MS ? 0 : less;
    }
  }
}
