/** Frames of a video file as a decoder gives them: planes Y, U and V at the file's own size. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { PermanentError } from "../../protocol/index.ts";

export interface FrameFormat {
  readonly width: number;
  readonly height: number;
}

/** The bytes are reused for the next frame: whoever needs them longer copies them. */
export async function* framesOf(
  path: string,
  { width, height }: FrameFormat,
): AsyncGenerator<Uint8Array> {
  const args = ["-v", "error", "-threads", "1", "-i", path];
  args.push("-f", "rawvideo", "-pix_fmt", "yuv420p", "-fps_mode", "passthrough", "pipe:1");
  const child = spawn("ffmpeg", args, { stdio: ["ignore", "pipe", "inherit"] });
  const closed = once(child, "close");
  const frame = new Uint8Array((width * height * 3) / 2);
  let filled = 0;
  try {
    for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
      for (let from = 0; from < chunk.length; ) {
        const taken = Math.min(chunk.length - from, frame.length - filled);
        frame.set(chunk.subarray(from, from + taken), filled);
        filled += taken;
        from += taken;
        if (filled === frame.length) {
          filled = 0;
          yield frame;
        }
      }
    }
    const [code] = (await closed) as [number | null];
    if (code !== 0 || filled !== 0) {
      const got = `exit status ${String(code)}, ${String(filled)} bytes left over`;
      throw new PermanentError("SOURCE_UNREADABLE", "FFmpeg could not decode the file", {
        where: path,
        expected: "whole frames",
        got,
      });
    }
  } finally {
    child.kill("SIGKILL");
  }
}
