import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ClipLibrary } from "../../../demo/camera-server/clip-library.ts";
import type { TranscodeProgress } from "../../../demo/camera-server/clip-library.ts";
import { CLIP_FRAMES, Footage, FRAME_TICKS } from "./footage.ts";

let footage: Footage;

beforeAll(async () => {
  footage = await Footage.create();
});

afterAll(async () => {
  await footage[Symbol.asyncDispose]();
});

function library(progress: TranscodeProgress[] = [], ffmpegPath = "ffmpeg"): ClipLibrary {
  return new ClipLibrary({
    ffmpegPath,
    cacheFolder: footage.cacheFolder,
    signal: new AbortController().signal,
    onProgress: (step) => progress.push(step),
  });
}

it("takes H.264 without B-frames as it is", async () => {
  const progress: TranscodeProgress[] = [];
  const path = await footage.make({ name: "live.mp4" });
  const clip = await library(progress).load(path);
  expect(progress).toEqual([]);
  expect(clip).toMatchObject({ widthPx: 320, heightPx: 240 });
  expect(clip.units).toHaveLength(CLIP_FRAMES);
  expect(clip.durationTicks).toBe(CLIP_FRAMES * FRAME_TICKS);
});

it.each([
  ["B-frames", "b.mp4", ["-c:v", "libx264", "-preset", "ultrafast", "-bf", "2"], /B-frames/],
  ["another codec", "m.avi", ["-c:v", "mpeg4"], /mpeg4/],
])("transcodes %s once, into the cache", async (_name, name, encoder, reason) => {
  const path = await footage.make({ name, encoder, size: "322x242" });
  const progress: TranscodeProgress[] = [];
  const clip = await library(progress).load(path);
  expect(clip.units).toHaveLength(CLIP_FRAMES);
  expect(clip.units.filter(({ isKey }) => isKey).length).toBeGreaterThanOrEqual(2);
  expect(clip.durationTicks).toBe(CLIP_FRAMES * FRAME_TICKS);
  expect(progress.at(-1)).toMatchObject({
    path,
    doneFrames: CLIP_FRAMES,
    totalFrames: CLIP_FRAMES,
  });
  expect(progress[0]?.reason).toMatch(reason);
  const second: TranscodeProgress[] = [];
  expect((await library(second).load(path)).units).toHaveLength(CLIP_FRAMES);
  expect(second).toEqual([]);
  expect((await readdir(footage.cacheFolder)).filter((file) => !file.endsWith(".mp4"))).toEqual([]);
});

it("shares one clip among all mounts of a file", async () => {
  const path = await footage.make({ name: "shared.mp4" });
  const clips = library();
  const [first, second] = await Promise.all([clips.load(path), clips.load(path)]);
  expect(first).toBe(second);
});

it("refuses a file that is no video, and names it", async () => {
  const path = join(footage.folder, "text.mp4");
  await writeFile(path, "no video at all");
  await expect(library().load(path)).rejects.toMatchObject({
    code: "SOURCE_UNREADABLE",
    message: expect.stringContaining("text.mp4") as string,
  });
});

it("says that FFmpeg is missing", async () => {
  const path = await footage.make({ name: "lonely.mp4" });
  await expect(library([], "no-such-ffmpeg").load(path)).rejects.toMatchObject({
    code: "DECODER_MISSING",
  });
});
