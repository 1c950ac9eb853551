import type { EpochMs } from "../../protocol/index.ts";
import type { CaptureClockKind } from "./frame.ts";

export interface CaptureClockOptions {
  /** How long the least-delayed frame anchors the stream; also heals clock drift and steps. */
  readonly windowMs?: number;
  /** A step of the stream against the wall clock beyond this is a new time line, not a delay. */
  readonly jumpMs?: number;
}

export interface CaptureTime {
  readonly captureTime: EpochMs;
  readonly captureClock: CaptureClockKind;
}

/** Drift of 100 ppm, more than a camera's crystal has, moves the anchor by 3 ms in 30 s. */
const DEFAULT_WINDOW_MS = 30_000;
/** Longer than a live stream ever lags, so a real delay is not taken for a new time line. */
const DEFAULT_JUMP_MS = 10_000;
const BUCKETS = 6;

/**
 * Places a stream's timestamps on the wall clock. A frame arrives at capture + delay, and the
 * delay varies while its minimum hardly does; so the anchor is the smallest `arrival − pts` of a
 * sliding window, and captureTime = pts + anchor. It still contains the smallest delay itself
 * (exposure, encoding, one network trip), which cannot be seen from here. The window lets the
 * anchor follow the drift between both clocks; where pts goes backwards, or steps away from the
 * arrival by more than `jumpMs`, the anchor starts anew. captureTime never exceeds the arrival
 * and, while pts ascends, never goes back.
 */
export class CaptureClock {
  readonly #bucketMs: number;
  readonly #jumpMs: number;
  /** Smallest `arrival − pts` by age of bucket; the last one is being filled. */
  #minima: number[] = [];
  #bucketStart = 0;
  #last: { readonly ptsMs: number; readonly arrivalMs: EpochMs } | undefined;

  constructor({
    windowMs = DEFAULT_WINDOW_MS,
    jumpMs = DEFAULT_JUMP_MS,
  }: CaptureClockOptions = {}) {
    this.#bucketMs = windowMs / BUCKETS;
    this.#jumpMs = jumpMs;
  }

  /** Forgets the stream: the next frame belongs to another time line. */
  reset(): void {
    this.#minima = [];
    this.#last = undefined;
  }

  /** @param ptsS seconds on the stream's clock, undefined where the stream carries none. */
  place(ptsS: number | undefined, arrivalMs: EpochMs): CaptureTime {
    if (ptsS === undefined || !Number.isFinite(ptsS)) {
      return { captureTime: arrivalMs, captureClock: "arrival" };
    }
    const ptsMs = ptsS * 1000;
    if (this.#isJump(ptsMs, arrivalMs)) {
      this.reset();
    }
    this.#last = { ptsMs, arrivalMs };
    this.#note(arrivalMs - ptsMs, arrivalMs);
    const captureTime = Math.min(arrivalMs, ptsMs + Math.min(...this.#minima));
    return { captureTime, captureClock: "stream" };
  }

  #isJump(ptsMs: number, arrivalMs: EpochMs): boolean {
    if (this.#last === undefined) {
      return false;
    }
    const ptsStep = ptsMs - this.#last.ptsMs;
    const arrivalStep = arrivalMs - this.#last.arrivalMs;
    return ptsStep < 0 || Math.abs(ptsStep - arrivalStep) > this.#jumpMs;
  }

  #note(offsetMs: number, arrivalMs: EpochMs): void {
    const age = arrivalMs - this.#bucketStart;
    if (this.#minima.length === 0 || age >= this.#bucketMs || age < 0) {
      this.#bucketStart = arrivalMs;
      this.#minima.push(offsetMs);
      if (this.#minima.length > BUCKETS) {
        this.#minima.shift();
      }
      return;
    }
    const newest = this.#minima.length - 1;
    this.#minima[newest] = Math.min(this.#minima[newest] ?? offsetMs, offsetMs);
  }
}
