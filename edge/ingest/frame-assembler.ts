import { TransientError } from "../../protocol/index.ts";
import { frameBytes, type FrameHeader } from "./frame.ts";
import type { FrameSink } from "./frame-source.ts";

/** FFmpeg is never further ahead of its pipe than a few frames; far more means a lost pairing. */
const MAX_WAITING_HEADERS = 256;

/**
 * Pairs headers (from the child's stderr) with bytes (from its stdout) by their order and writes
 * each picture straight into its slot. The two pipes are read independently, so bytes may come
 * before their header: they are held, at most one chunk, and the writer is asked to pause.
 */
export class FrameAssembler {
  readonly #sink: FrameSink;
  readonly #headers: FrameHeader[] = [];
  #held: Uint8Array | undefined;
  #isOpen = false;
  #target: Uint8Array | undefined;
  #filledBytes = 0;
  #wantedBytes = 0;

  constructor(sink: FrameSink) {
    this.#sink = sink;
  }

  /** @returns whether more bytes are welcome. */
  header(header: FrameHeader): boolean {
    if (this.#headers.length >= MAX_WAITING_HEADERS) {
      throw new TransientError("DECODER_FAILED", "The decoder announces pictures it never sends", {
        expected: `at most ${MAX_WAITING_HEADERS} ahead`,
      });
    }
    this.#headers.push(header);
    const held = this.#held;
    if (held === undefined) {
      return true;
    }
    this.#held = undefined;
    return this.write(held);
  }

  /** @returns false when a header must come first: pause until `header` returns true. */
  write(chunk: Uint8Array): boolean {
    if (this.#held !== undefined) {
      throw new Error("write() before the header that was asked for");
    }
    let at = 0;
    while (at < chunk.byteLength) {
      if (!this.#isOpen && !this.#open()) {
        this.#held = chunk.subarray(at);
        return false;
      }
      at += this.#fill(chunk, at);
    }
    return true;
  }

  /** The stream ended: an incomplete picture is forgotten. */
  end(): void {
    if (this.#isOpen && this.#target !== undefined) {
      this.#sink.abandon();
    }
    this.#isOpen = false;
    this.#target = undefined;
    this.#held = undefined;
    this.#headers.length = 0;
  }

  #open(): boolean {
    const header = this.#headers.shift();
    if (header === undefined) {
      return false;
    }
    this.#wantedBytes = frameBytes(header.width, header.height);
    this.#filledBytes = 0;
    this.#target = this.#sink.begin(header);
    this.#isOpen = true;
    return true;
  }

  #fill(chunk: Uint8Array, at: number): number {
    const length = Math.min(chunk.byteLength - at, this.#wantedBytes - this.#filledBytes);
    this.#target?.set(chunk.subarray(at, at + length), this.#filledBytes);
    this.#filledBytes += length;
    if (this.#filledBytes === this.#wantedBytes) {
      this.#isOpen = false;
      if (this.#target !== undefined) {
        this.#target = undefined;
        this.#sink.commit();
      }
    }
    return length;
  }
}
