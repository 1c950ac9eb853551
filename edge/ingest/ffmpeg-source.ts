import { access, constants, stat } from "node:fs/promises";
import { type Clock, PermanentError, TransientError } from "../../protocol/index.ts";
import { DecoderChild } from "./decoder-child.ts";
import { type DecodeOptions, ffmpegArguments, isRtspUrl, isUrl } from "./ffmpeg-arguments.ts";
import { ComplaintTail, diagnose } from "./ffmpeg-failure.ts";
import { FrameAssembler } from "./frame-assembler.ts";
import type { FrameSink, FrameSource } from "./frame-source.ts";
import { parseHeldMs } from "./held-frame.ts";
import { LineReader } from "./line-reader.ts";
import { parseShowinfo, type ShowinfoFrame } from "./showinfo-parser.ts";

export interface FfmpegSourceOptions extends DecodeOptions {
  readonly clock: Clock;
  /** Name or path of FFmpeg 5.1 or newer. */
  readonly binary?: string;
}

/** Decodes one camera or file in a child process of its own; see `ffmpegArguments`. */
export class FfmpegSource implements FrameSource {
  readonly #options: FfmpegSourceOptions;

  constructor(options: FfmpegSourceOptions) {
    this.#options = options;
  }

  async run(sink: FrameSink, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const { source, clock, binary = "ffmpeg" } = this.#options;
    if (!isUrl(source)) {
      await requireFile(source);
    }
    const assembler = new FrameAssembler(sink);
    const tail = new ComplaintTail(source);
    signal.throwIfAborted();
    const child = new DecoderChild(binary, ffmpegArguments(this.#options), clock);
    try {
      const end = await child.runUntil(signal, connect(child, assembler, tail, this.#options));
      throw diagnose(source, end, tail);
    } finally {
      await child[Symbol.asyncDispose]();
      assembler.end();
    }
  }
}

/** Wires both pipes to the assembler; the promise rejects when they contradict each other. */
function connect(
  child: DecoderChild,
  assembler: FrameAssembler,
  tail: ComplaintTail,
  { clock, source }: FfmpegSourceOptions,
): Promise<never> {
  const { stdout, stderr } = child;
  const isRtsp = isRtspUrl(source);
  let expected = 0;
  let heldMs: number | undefined;
  return new Promise((_, reject) => {
    const guarded =
      <T>(work: (value: T) => void) =>
      (value: T): void => {
        try {
          work(value);
        } catch (error) {
          stdout.pause();
          reject(error);
        }
      };
    const lines = new LineReader((line) => {
      const frame = parseShowinfo(line);
      if (frame === undefined) {
        // showinfo prints more than the one line per frame; it says nothing about failures.
        if (!line.startsWith("[Parsed_showinfo")) {
          tail.add(line);
          // The input is described first; the output's line has another codec.
          heldMs ??= isRtsp ? parseHeldMs(line) : undefined;
        }
        return;
      }
      requireSequence(frame, expected);
      expected = frame.n + 1;
      const { width, height, ptsS } = frame;
      const arrivalMs = clock.now() - (heldMs ?? 0);
      if (assembler.header({ width, height, ptsS, arrivalMs }) && stdout.isPaused()) {
        stdout.resume();
      }
    });
    stderr.on(
      "data",
      guarded((chunk: Uint8Array) => lines.write(chunk)),
    );
    stderr.on(
      "end",
      guarded(() => lines.end()),
    );
    stdout.on(
      "data",
      guarded((chunk: Uint8Array) => {
        if (!assembler.write(chunk)) {
          stdout.pause();
        }
      }),
    );
  });
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

async function requireFile(file: string): Promise<void> {
  try {
    await access(file, constants.R_OK);
    const entry = await stat(file);
    if (entry.isFile()) {
      return;
    }
  } catch (error) {
    throw new PermanentError(
      "SOURCE_UNREADABLE",
      "The video file cannot be read",
      { where: file, got: (error as NodeJS.ErrnoException).code ?? "unknown error" },
      error,
    );
  }
  throw new PermanentError("SOURCE_UNREADABLE", "The video source is not a file", { where: file });
}
