/** A real FFmpeg that plays a stream and tells every decoded frame. */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";

export interface DecodedFrame {
  /** In 90 kHz ticks. */
  readonly pts: number;
  readonly sizeBytes: number;
  /** Of the picture's bytes. */
  readonly checksum: string;
}

const FRAME_OUTPUT = [
  ...["-map", "0:v", "-fps_mode", "passthrough", "-enc_time_base", "1/90000"],
  ...["-f", "framecrc", "-flush_packets", "1", "-"],
];

export class FfmpegClient implements AsyncDisposable {
  readonly frames: DecodedFrame[] = [];
  complaints = "";
  readonly ended: Promise<number | null>;
  readonly #child: ChildProcess;
  readonly #waiting = new Set<() => void>();
  #hasEnded = false;

  /** `input` are the arguments up to and with `-i`'s. */
  constructor(input: readonly string[], limits: readonly string[] = []) {
    const args = ["-v", "error", "-nostdin", ...input, ...limits, ...FRAME_OUTPUT];
    this.#child = spawn("ffmpeg", args, { stdio: ["ignore", "pipe", "pipe"] });
    this.ended = once(this.#child, "close").then(([code]) => {
      this.#hasEnded = true;
      this.#wake();
      return code as number | null;
    });
    this.#child.stderr?.on("data", (chunk: Buffer) => {
      this.complaints += chunk.toString();
    });
    createInterface({ input: this.#child.stdout as Readable }).on("line", (line) => {
      const [stream, , pts, , size, checksum] = line.split(",").map((field) => field.trim());
      if (stream === "0") {
        const frame = { pts: Number(pts), sizeBytes: Number(size), checksum: checksum ?? "" };
        this.frames.push(frame);
        this.#wake();
      }
    });
  }

  static play(url: string, transport: "tcp" | "udp", frames?: number): FfmpegClient {
    const limits = frames === undefined ? [] : ["-frames:v", String(frames)];
    return new FfmpegClient(["-rtsp_transport", transport, "-i", url], limits);
  }

  /** Throws when the stream ends before. */
  async untilFrames(count: number): Promise<void> {
    await this.until(() => this.frames.length >= count);
  }

  /** Looks at every frame; throws when the stream ends before. */
  async until(isReached: () => boolean): Promise<void> {
    while (!isReached()) {
      if (this.#hasEnded) {
        throw new Error(
          `FFmpeg ended after ${String(this.frames.length)} frames: ${this.complaints}`,
        );
      }
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.ended;
  }

  #wake(): void {
    for (const resume of this.#waiting) {
      resume();
    }
    this.#waiting.clear();
  }
}
