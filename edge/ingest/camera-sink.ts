import { CaptureClock, type CaptureTime } from "./capture-clock.ts";
import type { FrameHeader } from "./frame.ts";
import type { FrameRing } from "./frame-ring.ts";
import type { FrameSink } from "./frame-source.ts";

/** The sink of one life of the source: one time line, one count of frames. */
export class CameraSink implements FrameSink {
  readonly #ring: FrameRing;
  readonly #publish: (header: FrameHeader, pixels: Uint8Array, time: CaptureTime) => void;
  readonly #captureClock = new CaptureClock();
  #begun:
    | { readonly header: FrameHeader; readonly pixels: Uint8Array; readonly time: CaptureTime }
    | undefined;
  /** Pictures that came, dropped ones included. */
  frames = 0;

  constructor(
    ring: FrameRing,
    publish: (header: FrameHeader, pixels: Uint8Array, time: CaptureTime) => void,
  ) {
    this.#ring = ring;
    this.#publish = publish;
  }

  begin(header: FrameHeader): Uint8Array | undefined {
    const time = this.#captureClock.place(header.ptsS, header.arrivalMs);
    const pixels = this.#ring.begin(header.width, header.height);
    this.frames++;
    this.#begun = pixels && { header, pixels, time };
    return pixels;
  }

  commit(): void {
    if (this.#begun !== undefined) {
      const { header, pixels, time } = this.#begun;
      this.#begun = undefined;
      this.#publish(header, pixels, time);
    }
  }

  abandon(): void {
    this.#begun = undefined;
    this.#ring.abandon();
  }
}
