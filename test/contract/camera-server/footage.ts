/** Small clips made by FFmpeg in a temporary folder. */
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const exec = promisify(execFile);

export const FRAME_TICKS = 4_500; // 20 frames a second
export const CLIP_FRAMES = 40; // 2 s

export interface ClipOrder {
  readonly name: string;
  readonly size?: string;
  /** Encoder arguments; the default needs no transcoding. */
  readonly encoder?: readonly string[];
}

const LIVE_ENCODER = ["-c:v", "libx264", "-preset", "ultrafast", "-bf", "0", "-g", "20"];

export class Footage implements AsyncDisposable {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async create(): Promise<Footage> {
    return new Footage(await mkdtemp(join(tmpdir(), "camera-server-")));
  }

  get cacheFolder(): string {
    return join(this.folder, "cache");
  }

  /** 2 s of a moving test picture at 20 frames a second; gives the path. */
  async make({ name, size = "320x240", encoder = LIVE_ENCODER }: ClipOrder): Promise<string> {
    const path = join(this.folder, name);
    const source = ["-f", "lavfi", "-i", `testsrc2=size=${size}:rate=20`, "-t", "2"];
    await exec("ffmpeg", ["-v", "error", ...source, "-pix_fmt", "yuv420p", ...encoder, path]);
    return path;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}
