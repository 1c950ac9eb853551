/** Where a mount is in its endless video: pure, moved by its mount. */
import type { AccessUnit, Clip } from "./clip.ts";

/** Counts media ticks from the mount's start, over all loops: they only ever grow. */
export class Timeline {
  #clip: Clip;
  #nextClip: Clip | undefined;
  #index = 0;
  #loopStartTicks = 0;
  /** From the previous unit to the current one. */
  #gapTicks = 0;

  constructor(clip: Clip) {
    this.#clip = clip;
  }

  get clip(): Clip {
    return this.#clip;
  }

  /** The unit that is due next. */
  get unit(): AccessUnit {
    return unitAt(this.#clip, this.#index);
  }

  get ticks(): number {
    return this.#loopStartTicks + this.unit.offsetTicks;
  }

  get gapTicks(): number {
    return this.#gapTicks;
  }

  /** When the next key frame is due, the current unit included. */
  get nextKeyTicks(): number {
    const key = this.#clip.units.slice(this.#index).find(({ isKey }) => isKey);
    // A loop begins with a key frame, whichever clip it shows.
    return this.#loopStartTicks + (key?.offsetTicks ?? this.#clip.durationTicks);
  }

  advance(): void {
    const before = this.ticks;
    this.#index += 1;
    if (this.#index === this.#clip.units.length) {
      this.#beginLoop();
    }
    this.#gapTicks = this.ticks - before;
  }

  /** Moves to the first key frame that is due at `ticks` or later; never back. */
  skipTo(ticks: number): void {
    if (this.#nextClip !== undefined && ticks >= this.#loopEndTicks) {
      this.#beginLoop();
    }
    const loops = Math.floor((ticks - this.#loopStartTicks) / this.#clip.durationTicks);
    if (loops > 0) {
      this.#loopStartTicks += loops * this.#clip.durationTicks;
      this.#index = 0;
    }
    while (this.ticks < ticks || !this.unit.isKey) {
      this.advance();
    }
    this.#gapTicks = 0;
  }

  /** Shows `clip` from the next loop on; the latest wish wins. */
  switchAtSeam(clip: Clip): void {
    this.#nextClip = clip;
  }

  get #loopEndTicks(): number {
    return this.#loopStartTicks + this.#clip.durationTicks;
  }

  #beginLoop(): void {
    this.#loopStartTicks = this.#loopEndTicks;
    this.#index = 0;
    this.#clip = this.#nextClip ?? this.#clip;
    this.#nextClip = undefined;
  }
}

function unitAt(clip: Clip, index: number): AccessUnit {
  const unit = clip.units[index];
  if (unit === undefined) {
    throw new RangeError(`${clip.path} has no access unit ${String(index)}`);
  }
  return unit;
}
