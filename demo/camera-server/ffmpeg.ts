/** Runs FFmpeg to its end; what it writes is bounded, and the process ends with its owner. */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import type { Readable } from "node:stream";
import { PermanentError } from "../../protocol/index.ts";

export interface FfmpegRun {
  readonly ffmpegPath: string;
  readonly args: readonly string[];
  /** The file being read, for messages. */
  readonly where: string;
  readonly signal: AbortSignal;
  /** Most bytes accepted on each output. */
  readonly maxOutputBytes: number;
  /** Called for each piece of `pipe:1` as it comes. */
  readonly onText?: (text: string) => void;
}

export interface FfmpegOutput {
  /** What came on `pipe:1`. */
  readonly text: string;
  /** What came on `pipe:3`. */
  readonly bytes: Buffer;
}

const MAX_COMPLAINT_BYTES = 2_000;

/**
 * Throws DECODER_MISSING without FFmpeg, SOURCE_UNREADABLE when FFmpeg gives up on the file or
 * writes more than the bound, and the signal's reason when aborted.
 */
export async function runFfmpeg(run: FfmpegRun): Promise<FfmpegOutput> {
  run.signal.throwIfAborted();
  const child = spawn(run.ffmpegPath, ["-v", "error", "-nostdin", ...run.args], {
    stdio: ["ignore", "pipe", "pipe", "pipe"],
    signal: run.signal,
    killSignal: "SIGKILL",
  });
  const ended = exitOf(child);
  const text = new BoundedOutput(child.stdio[1], run.maxOutputBytes);
  const complaint = new BoundedOutput(child.stdio[2], MAX_COMPLAINT_BYTES);
  const bytes = new BoundedOutput(child.stdio[3] as Readable | null, run.maxOutputBytes);
  const { onText } = run;
  if (onText !== undefined) {
    child.stdio[1]?.on("data", (chunk: Buffer) => {
      onText(chunk.toString("utf8"));
    });
  }
  for (const output of [text, bytes]) {
    output.onOverflow = (): void => {
      child.kill("SIGKILL");
    };
  }
  const exitCode = await ended.catch((error: unknown) => {
    run.signal.throwIfAborted();
    throw new PermanentError(
      "DECODER_MISSING",
      "FFmpeg cannot be started: install it (Debian: apt-get install ffmpeg)",
      { where: run.ffmpegPath },
      error,
    );
  });
  run.signal.throwIfAborted();
  if (text.hasOverflowed || bytes.hasOverflowed) {
    throw tooLarge(run);
  }
  if (exitCode !== 0) {
    throw new PermanentError("SOURCE_UNREADABLE", "FFmpeg cannot read the file", {
      where: run.where,
      got: complaint.read().toString("utf8").trim().split("\n").at(-1) ?? "no reason",
    });
  }
  return { text: text.read().toString("utf8"), bytes: bytes.read() };
}

/** The exit code, null after a signal; rejects when the process could not start or was aborted. */
function exitOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
}

function tooLarge(run: FfmpegRun): PermanentError {
  return new PermanentError("SOURCE_UNREADABLE", "The video is too large to be held in memory", {
    where: run.where,
    expected: `at most ${String(run.maxOutputBytes)} bytes`,
  });
}

/** Keeps the first `maxBytes` of an output and lets the rest pass unread. */
class BoundedOutput {
  hasOverflowed = false;
  onOverflow: () => void = () => undefined;
  readonly #chunks: Buffer[] = [];
  #sizeBytes = 0;

  constructor(stream: Readable | null | undefined, maxBytes: number) {
    stream?.on("data", (chunk: Buffer) => {
      if (this.#sizeBytes + chunk.length > maxBytes) {
        this.hasOverflowed = true;
        this.onOverflow();
        return;
      }
      this.#sizeBytes += chunk.length;
      this.#chunks.push(chunk);
    });
    // A killed process may reset its pipes; its exit says what happened.
    stream?.on("error", () => undefined);
  }

  read(): Buffer {
    return Buffer.concat(this.#chunks);
  }
}
