import type { EpochMs } from "../../protocol/index.ts";

/**
 * What `captureTime` rests on: `stream` is the picture's own timestamp placed on the wall clock
 * (`CaptureClock`), `arrival` the moment it reached this node, where the stream carries none.
 */
export type CaptureClockKind = "stream" | "arrival";

/** All that is known of one frame beside its pixels. */
export interface FrameMeta {
  /** Counts the published frames of one camera from 0, over reconnects. */
  readonly sequence: number;
  /** When light reached the sensor, as well as it can be known. */
  readonly captureTime: EpochMs;
  readonly captureClock: CaptureClockKind;
  /** Position on the stream's own clock; restarts at every reconnect; NaN where there is none. */
  readonly ptsS: number;
  /** Size in pixels, both even; for the layout of the pixels see `frameBytes`. */
  readonly width: number;
  readonly height: number;
}

/** A frame's place and time as its source tells them. */
export interface FrameHeader {
  readonly width: number;
  readonly height: number;
  /** Position on the stream's clock, undefined where the stream carries no timestamp. */
  readonly ptsS: number | undefined;
  /** When the frame reached this node: its first sign here, less what is known to have held it. */
  readonly arrivalMs: EpochMs;
}

/**
 * Pictures are I420 (yuv420p, BT.601 in limited range): the plane Y of width × height bytes, then U
 * and V of half the width and half the height each, row by row, without padding.
 * @param width even, as `height`.
 */
export function frameBytes(width: number, height: number): number {
  return (width * height * 3) / 2;
}
