import type { FrameHeader, FrameSink } from "../../../edge/ingest/index.ts";
import { frameBytes } from "../../../edge/ingest/frame.ts";

/** Keeps what a source delivers. */
export class RecordingSink implements FrameSink {
  readonly frames: { readonly header: FrameHeader; readonly pixels: Uint8Array }[] = [];
  abandoned = 0;
  /** Frames to refuse, by position among all that are begun. */
  readonly #refused: ReadonlySet<number>;
  #begun = 0;
  #open: { readonly header: FrameHeader; readonly pixels: Uint8Array } | undefined;

  constructor(refused: Iterable<number> = []) {
    this.#refused = new Set(refused);
  }

  begin(header: FrameHeader): Uint8Array | undefined {
    if (this.#refused.has(this.#begun++)) {
      return undefined;
    }
    const pixels = new Uint8Array(frameBytes(header.width, header.height));
    this.#open = { header, pixels };
    return pixels;
  }

  commit(): void {
    if (this.#open === undefined) {
      throw new Error("commit() without begin()");
    }
    this.frames.push(this.#open);
    this.#open = undefined;
  }

  abandon(): void {
    this.abandoned++;
    this.#open = undefined;
  }
}
