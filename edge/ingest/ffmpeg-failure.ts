import {
  type AppError,
  type ErrorCode,
  PermanentError,
  redactUrl,
  TransientError,
} from "../../protocol/index.ts";
import { isUrl } from "./ffmpeg-arguments.ts";

/** Lines of stderr kept for the reason. */
const TAIL_LINES = 20;
const MAX_REASON_CHARS = 200;

/** The last complaints of a decoder, in bounded memory and without credentials. */
export class ComplaintTail {
  readonly #source: string;
  readonly #lines: string[] = [];

  constructor(source: string) {
    this.#source = source;
  }

  add(line: string): void {
    this.#lines.push(redactLine(line, this.#source));
    if (this.#lines.length > TAIL_LINES) {
      this.#lines.shift();
    }
  }

  get lines(): readonly string[] {
    return this.#lines;
  }

  /** Whether FFmpeg ended because there is no such hardware decoder here. */
  get isHardwareMissing(): boolean {
    return this.#lines.some((line) =>
      /Device setup failed|No device available|Unrecognized hwaccel/i.test(line),
    );
  }

  /** The last error: FFmpeg ends with that of the input it could not open. */
  get reason(): string | undefined {
    const errors = this.#lines.filter((line) => /\[(error|fatal|panic)\]/.test(line));
    return errors
      .at(-1)
      ?.replace(/^(\[[^\]]*\]\s*)+/, "")
      .slice(0, MAX_REASON_CHARS);
  }
}

/** A line may repeat the URL as configured, or any other URL with a user in it. */
function redactLine(line: string, source: string): string {
  return line
    .replaceAll(source, redactUrl(source))
    .replace(/[a-z][a-z0-9+.-]*:\/\/[^\s'"]+/gi, redactUrl);
}

export interface ChildEnd {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
}

interface Diagnosis {
  readonly pattern: RegExp;
  readonly code: ErrorCode;
  readonly message: string;
  readonly isPermanent: boolean;
}

/** Waiting a little does not give a camera another password, or a file a picture. */
const LIVE: readonly Diagnosis[] = [
  {
    pattern: /\b40[13] (Unauthorized|Forbidden)|authorization failed/i,
    code: "SOURCE_UNREACHABLE",
    message: "The camera refuses our credentials",
    isPermanent: true,
  },
  {
    pattern: /Protocol not found/i,
    code: "SOURCE_UNREADABLE",
    message: "The source's protocol is unknown",
    isPermanent: true,
  },
  {
    pattern: /matches no streams|does not contain any stream/i,
    code: "SOURCE_UNREADABLE",
    message: "The source has no video",
    isPermanent: true,
  },
  {
    pattern:
      /refused|timed out|unreachable|no route|not known|name resolution|404 |45\d |50\d |5XX|4XX|reset by peer|Input\/output error|Invalid data found/i,
    code: "SOURCE_UNREACHABLE",
    message: "The camera cannot be reached",
    isPermanent: false,
  },
];

const FILE: readonly Diagnosis[] = [
  {
    pattern: /No such file|Permission denied|Is a directory/i,
    code: "SOURCE_UNREADABLE",
    message: "The video file cannot be opened",
    isPermanent: true,
  },
  {
    pattern:
      /Invalid data|moov atom|matches no streams|does not contain any stream|Invalid argument/i,
    code: "SOURCE_UNREADABLE",
    message: "The file is not a video that can be decoded",
    isPermanent: true,
  },
];

/** Says why a decoder ended by itself. */
export function diagnose(source: string, end: ChildEnd, tail: ComplaintTail): AppError {
  const where = redactUrl(source);
  const got = tail.reason ?? describeEnd(end);
  const text = tail.lines.join("\n");
  const found = (isUrl(source) ? LIVE : FILE).find(({ pattern }) => pattern.test(text));
  if (end.exitCode === 0 && isUrl(source)) {
    return new TransientError("SOURCE_UNREACHABLE", "The camera ended the stream", { where });
  }
  if (end.signal !== null || found === undefined) {
    return new TransientError("DECODER_FAILED", "The decoder ended", {
      where,
      got: `${describeEnd(end)}${tail.reason === undefined ? "" : `: ${tail.reason}`}`,
    });
  }
  const Kind = found.isPermanent ? PermanentError : TransientError;
  return new Kind(found.code, found.message, { where, got });
}

/** Why a child could not be started. */
export function startFailure(binary: string, cause: NodeJS.ErrnoException): AppError {
  if (cause.code === "ENOENT" || cause.code === "EACCES") {
    return decoderMissing(binary, cause);
  }
  const got = cause.code ?? cause.message;
  return new TransientError("DECODER_FAILED", "The decoder cannot be started", { got }, cause);
}

export function decoderMissing(binary: string, cause?: unknown): PermanentError {
  return new PermanentError(
    "DECODER_MISSING",
    "FFmpeg cannot be started; install it (Debian: apt-get install ffmpeg)",
    { expected: `an executable ${binary}` },
    cause,
  );
}

function describeEnd({ exitCode, signal }: ChildEnd): string {
  return signal === null ? `exit code ${String(exitCode)}` : `signal ${signal}`;
}
