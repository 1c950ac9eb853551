import type { FrameHeader } from "./frame.ts";

/** Where a source puts its pictures; all calls come from one thread, in the order of frames. */
export interface FrameSink {
  /**
   * Announces a picture and gives its room, or undefined when it is dropped: its bytes are
   * then skipped and neither `commit` nor `abandon` follows.
   * @throws TransientError when the size is not one the ring can hold.
   */
  begin(header: FrameHeader): Uint8Array | undefined;
  /** The picture begun last is complete. */
  commit(): void;
  /** The picture begun last will not be completed. */
  abandon(): void;
}

/**
 * An adapter for one kind of camera. It never retries: that is its handler's work.
 */
export interface FrameSource {
  /**
   * Delivers frames until it fails or `signal` aborts; everything it started is gone before it
   * settles. Rejects with a TransientError or PermanentError, or with the signal's reason; a
   * source that comes to its end resolves.
   */
  run(sink: FrameSink, signal: AbortSignal): Promise<void>;
}
