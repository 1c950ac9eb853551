import { type Clock, TransientError } from "../../protocol/index.ts";
import type { FrameHeader } from "./frame.ts";
import { parseHeldMs } from "./held-frame.ts";
import { LineReader } from "./line-reader.ts";
import { parseShowinfo, type ShowinfoFrame } from "./showinfo-parser.ts";

/** A damaged stream brings a few lines of complaints per picture; this is thousands. */
const MAX_BABBLE_BYTES = 1024 * 1024;

export interface HeaderReaderOptions {
  readonly clock: Clock;
  /** Whether FFmpeg's RTSP demuxer holds pictures; see `parseHeldMs`. */
  readonly isRtsp: boolean;
  onHeader(header: FrameHeader): void;
  /** A line about something else than a picture. */
  onComplaint(line: string): void;
}

/** Finds the pictures' headers in what a decoder says; anything it says may be garbage. */
export class HeaderReader {
  readonly #options: HeaderReaderOptions;
  readonly #lines = new LineReader((line) => this.#onLine(line));
  #expected = 0;
  #heldMs: number | undefined;
  #babbleBytes = 0;

  constructor(options: HeaderReaderOptions) {
    this.#options = options;
  }

  /** @throws TransientError where it contradicts itself or talks without end. */
  write(chunk: Uint8Array): void {
    this.#babbleBytes += chunk.byteLength;
    this.#lines.write(chunk);
    if (this.#babbleBytes > MAX_BABBLE_BYTES) {
      throw new TransientError("DECODER_FAILED", "The decoder babbles without a picture", {
        expected: `at most ${MAX_BABBLE_BYTES} bytes between pictures`,
      });
    }
  }

  end(): void {
    this.#lines.end();
  }

  #onLine(line: string): void {
    const { clock, isRtsp, onHeader, onComplaint } = this.#options;
    const frame = parseShowinfo(line);
    if (frame !== undefined) {
      this.#babbleBytes = 0;
      requireSequence(frame, this.#expected);
      requirePicture(frame);
      this.#expected = frame.n + 1;
      const { width, height, ptsS } = frame;
      onHeader({ width, height, ptsS, arrivalMs: clock.now() - (this.#heldMs ?? 0) });
    } else if (!line.startsWith("[Parsed_showinfo")) {
      // showinfo prints more than the one line per frame; it says nothing about failures.
      onComplaint(line);
      // The input is described first; the output's line has another codec.
      this.#heldMs ??= isRtsp ? parseHeldMs(line) : undefined;
    }
  }
}

/** A gap would pair every later picture with the wrong time. */
function requireSequence({ n }: ShowinfoFrame, expected: number): void {
  if (n !== expected && n !== 0) {
    throw new TransientError("DECODER_FAILED", "The decoder's pictures are out of step", {
      expected: `picture ${expected}`,
      got: `picture ${n}`,
    });
  }
}

/** The filters only let even sides pass. */
function requirePicture({ width, height }: ShowinfoFrame): void {
  if (width < 2 || height < 2 || width % 2 !== 0 || height % 2 !== 0) {
    throw new TransientError("DECODER_FAILED", "The decoder announces an impossible picture", {
      expected: "even sides of at least 2",
      got: `${width}x${height}`,
    });
  }
}
