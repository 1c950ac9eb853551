/** Turns video files into clips: as they are where possible, through a cached transcode otherwise. */
import { createHash, randomBytes } from "node:crypto";
import { access, mkdir, realpath, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { PermanentError } from "../../protocol/index.ts";
import { buildClip, whyUnservable } from "./clip.ts";
import type { Clip } from "./clip.ts";
import { runFfmpeg } from "./ffmpeg.ts";
import type { FfmpegOutput } from "./ffmpeg.ts";
import { isReordered, parsePacketListing } from "./packet-listing.ts";
import type { PacketListing } from "./packet-listing.ts";

export interface TranscodeProgress {
  readonly path: string;
  /** Why the file is not served as it is. */
  readonly reason: string;
  readonly doneFrames: number;
  readonly totalFrames: number;
}

export interface ClipLibraryOptions {
  readonly ffmpegPath: string;
  /** Where transcoded files are kept; made when it is missing. */
  readonly cacheFolder: string;
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: TranscodeProgress) => void;
}

/** Two hours at 4 Mbit/s are 3.6 GB; a demonstration clip is tens of megabytes. */
const MAX_CLIP_BYTES = 1_024 * 1_024 * 1_024;

/** A client waits this long for its first picture at worst, below the 5 s that mean silence. */
const MAX_KEY_INTERVAL_MS = 4_000;

/** Part of the cache key: change it with ENCODER_ARGS. */
const ENCODER_VERSION = "h264-1";

const ENCODER_ARGS: readonly string[] = [
  ...["-c:v", "libx264", "-preset", "veryfast", "-crf", "18", "-pix_fmt", "yuv420p"],
  // No B-frames, as cameras send; a key frame every 20 frames and at least once a second.
  ...["-bf", "0", "-g", "20", "-force_key_frames", "expr:gte(t,n_forced)"],
  // Chroma at half resolution needs even sides.
  ...["-vf", "scale=trunc(iw/2)*2:trunc(ih/2)*2"],
];

const VIDEO_ONLY: readonly string[] = ["-map", "0:v:0", "-an", "-sn", "-dn"];
const COPY: readonly string[] = [...VIDEO_ONLY, "-c:v", "copy"];
const COPY_ANNEX_B: readonly string[] = [...COPY, "-bsf:v", "h264_mp4toannexb"];

export class ClipLibrary {
  readonly #options: ClipLibraryOptions;
  /** Several mounts of one file share its memory. A failed load is forgotten. */
  readonly #clips = new Map<string, Promise<Clip>>();

  constructor(options: ClipLibraryOptions) {
    this.#options = options;
  }

  /** Throws SOURCE_UNREADABLE for what is no video, DECODER_MISSING without FFmpeg. */
  async load(path: string): Promise<Clip> {
    const key = await fileKey(path);
    const known = this.#clips.get(key);
    if (known !== undefined) {
      return known;
    }
    const loading = this.#read(path, key);
    this.#clips.set(key, loading);
    loading.catch(() => this.#clips.delete(key));
    return loading;
  }

  async #read(path: string, key: string): Promise<Clip> {
    const probe = await this.#run(path, [...COPY, "-f", "framecrc", "pipe:1"]);
    const listing = parsePacketListing(probe.text, path);
    let reason = whyNotCopied(listing);
    if (reason === undefined) {
      const clip = await this.#extract(path);
      reason = whyUnservable(clip, MAX_KEY_INTERVAL_MS);
      if (reason === undefined) {
        return clip;
      }
    }
    const transcoded = await this.#transcode(path, key, reason, listing.packets.length);
    const clip = await this.#extract(transcoded);
    const stillWrong = whyUnservable(clip, MAX_KEY_INTERVAL_MS);
    if (stillWrong !== undefined) {
      throw new PermanentError("SOURCE_UNREADABLE", `The video cannot be looped: ${stillWrong}`, {
        where: path,
      });
    }
    return { ...clip, path };
  }

  /** One FFmpeg writes the pictures and, of the very same packets, the times and sizes. */
  async #extract(path: string): Promise<Clip> {
    const outputs = [...COPY_ANNEX_B, "-f", "h264", "pipe:3"];
    outputs.push(...COPY_ANNEX_B, "-f", "framecrc", "pipe:1");
    const { text, bytes } = await this.#run(path, outputs);
    return buildClip(parsePacketListing(text, path), bytes, path);
  }

  async #transcode(path: string, key: string, reason: string, frames: number): Promise<string> {
    const { cacheFolder, onProgress } = this.#options;
    const target = join(cacheFolder, `${key}.mp4`);
    if (await exists(target)) {
      return target;
    }
    await mkdir(cacheFolder, { recursive: true });
    // Written beside its place and renamed when whole, so that no half file is ever served.
    const partial = join(cacheFolder, `${key}.${randomBytes(6).toString("hex")}.partial`);
    const report = (doneFrames: number): void => {
      onProgress?.({ path, reason, doneFrames, totalFrames: frames });
    };
    try {
      report(0);
      const args = [...VIDEO_ONLY, ...ENCODER_ARGS, "-progress", "pipe:1", "-f", "mp4", partial];
      await this.#run(path, args, (text) => {
        const done = [...text.matchAll(/^frame=\s*(\d+)/gm)].at(-1)?.[1];
        if (done !== undefined) {
          report(Number(done));
        }
      });
      await rename(partial, target);
    } finally {
      await rm(partial, { force: true });
    }
    return target;
  }

  #run(
    path: string,
    outputs: readonly string[],
    onText?: (text: string) => void,
  ): Promise<FfmpegOutput> {
    const { ffmpegPath, signal } = this.#options;
    return runFfmpeg({
      ffmpegPath,
      // The prefix keeps a file named like a protocol or an option a file.
      args: ["-i", `file:${path}`, ...outputs],
      where: path,
      signal,
      maxOutputBytes: MAX_CLIP_BYTES,
      ...(onText === undefined ? {} : { onText }),
    });
  }
}

function whyNotCopied(listing: PacketListing): string | undefined {
  if (listing.codec !== "h264") {
    return `it is ${listing.codec}, not h264`;
  }
  return isReordered(listing) ? "it has B-frames" : undefined;
}

/** Names the file's content without reading it: place, size and time of last change. */
async function fileKey(path: string): Promise<string> {
  try {
    const place = await realpath(path);
    const { size, mtimeMs } = await stat(place);
    const identity = [ENCODER_VERSION, place, size, mtimeMs].join("\n");
    return createHash("sha256").update(identity).digest("hex").slice(0, 32);
  } catch (error) {
    throw new PermanentError(
      "SOURCE_UNREADABLE",
      "The video file cannot be opened",
      { where: path },
      error,
    );
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
