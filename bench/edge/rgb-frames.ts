/** A file's pictures as packed RGB bytes through a pipe, as fast as they are taken. */
import { spawn } from "node:child_process";

/** The bytes are reused for the next picture. */
export async function* rgbFrames(
  file: string,
  { width, height }: { readonly width: number; readonly height: number },
): AsyncGenerator<Uint8Array> {
  const args = ["-v", "fatal", "-stream_loop", "-1", "-threads", "1", "-i", file];
  args.push("-f", "rawvideo", "-pix_fmt", "rgb24", "-fps_mode", "passthrough", "pipe:1");
  const child = spawn("ffmpeg", args, { stdio: ["ignore", "pipe", "ignore"] });
  const frame = new Uint8Array(width * height * 3);
  let filled = 0;
  try {
    for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
      for (let from = 0; from < chunk.length; ) {
        const taken = Math.min(chunk.length - from, frame.length - filled);
        frame.set(chunk.subarray(from, from + taken), filled);
        filled = (filled + taken) % frame.length;
        from += taken;
        if (filled === 0) {
          yield frame;
        }
      }
    }
    throw new Error(`FFmpeg gave no more pictures of ${file}`);
  } finally {
    child.kill("SIGKILL");
  }
}
