/** Ties a mount's media ticks to wall time and to RTP timestamps. */
import type { EpochMs } from "../../protocol/index.ts";
import { TICKS_PER_MS } from "./clip.ts";

const RTP_RANGE = 2 ** 32;

export class MediaClock {
  #startMs: EpochMs;
  readonly #firstTimestamp: number;

  /** Tick 0 is due at `startMs` and carries `firstTimestamp`, which RFC 3550 wants random. */
  constructor(startMs: EpochMs, firstTimestamp: number) {
    this.#startMs = startMs;
    this.#firstTimestamp = firstTimestamp;
  }

  /** May have a fraction. */
  dueMs(ticks: number): EpochMs {
    return this.#startMs + ticks / TICKS_PER_MS;
  }

  ticksAt(atMs: EpochMs): number {
    return (atMs - this.#startMs) * TICKS_PER_MS;
  }

  rtpTimestamp(ticks: number): number {
    return modulo(this.#firstTimestamp + Math.round(ticks), RTP_RANGE);
  }

  /** The moment of a timestamp; of all moments with this timestamp the one nearest `nearMs`. */
  wallTimeOf(rtpTimestamp: number, nearMs: EpochMs): EpochMs {
    const nearTicks = Math.round(this.ticksAt(nearMs));
    const ahead = modulo(rtpTimestamp - this.rtpTimestamp(nearTicks), RTP_RANGE);
    const offset = ahead < RTP_RANGE / 2 ? ahead : ahead - RTP_RANGE;
    return this.dueMs(nearTicks + offset);
  }

  /** After a step of the wall clock: `ticks` is due at `atMs`. */
  reanchor(ticks: number, atMs: EpochMs): void {
    this.#startMs = atMs - ticks / TICKS_PER_MS;
  }
}

function modulo(value: number, range: number): number {
  return ((value % range) + range) % range;
}
