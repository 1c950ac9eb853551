import { access, constants, stat } from "node:fs/promises";
import { type Clock, PermanentError, TransientError } from "../../protocol/index.ts";
import { DecoderChild } from "./decoder-child.ts";
import { type DecodeOptions, ffmpegArguments, isRtspUrl, isUrl } from "./ffmpeg-arguments.ts";
import { ComplaintTail, diagnose } from "./ffmpeg-failure.ts";
import { FrameAssembler } from "./frame-assembler.ts";
import type { FrameSink, FrameSource } from "./frame-source.ts";
import { HeaderReader } from "./header-reader.ts";

export interface FfmpegSourceOptions extends DecodeOptions {
  readonly clock: Clock;
  /** Name or path of FFmpeg 5.1 or newer. */
  readonly binary?: string;
}

/** Decodes one camera or file in a child process of its own; see `ffmpegArguments`. */
export class FfmpegSource implements FrameSource {
  readonly #options: FfmpegSourceOptions;
  /** The hardware asked for is not there, so that it is not asked for again. */
  #isHardwareMissing = false;

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
    const child = new DecoderChild(binary, ffmpegArguments(this.#decodeOptions()), clock);
    try {
      const end = await child.runUntil(signal, connect(child, assembler, tail, this.#options));
      this.#requireHardware(tail);
      throw diagnose(source, end, tail);
    } finally {
      await child[Symbol.asyncDispose]();
      assembler.end();
    }
  }

  #decodeOptions(): DecodeOptions {
    const { decode } = this.#options;
    return this.#isHardwareMissing
      ? { ...this.#options, decode: { ...decode, hwaccel: "none" } }
      : this.#options;
  }

  /** FFmpeg falls back to software only for `auto`; for a device by name the next run does. */
  #requireHardware(tail: ComplaintTail): void {
    const { hwaccel } = this.#options.decode;
    if (hwaccel !== "none" && !this.#isHardwareMissing && tail.isHardwareMissing) {
      this.#isHardwareMissing = true;
      throw new TransientError(
        "DECODER_FAILED",
        "The hardware decoder is missing; from now on software decodes",
        { expected: hwaccel, ...(tail.reason === undefined ? {} : { got: tail.reason }) },
      );
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
  const headers = new HeaderReader({
    clock,
    isRtsp: isRtspUrl(source),
    onHeader: (header) => {
      if (assembler.header(header) && stdout.isPaused()) {
        stdout.resume();
      }
    },
    onComplaint: (line) => tail.add(line),
  });
  return new Promise((_, reject) => {
    const guarded =
      <T>(work: (value: T) => void) =>
      (value: T): void => {
        try {
          work(value);
        } catch (error) {
          // A decoder in disorder is not listened to any longer; a full pipe stops it.
          stdout.pause();
          stderr.pause();
          reject(error);
        }
      };
    stderr.on(
      "data",
      guarded((chunk: Uint8Array) => headers.write(chunk)),
    );
    stderr.on(
      "end",
      guarded(() => headers.end()),
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
