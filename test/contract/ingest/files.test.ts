import {
  appendFileSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ffmpeg, type Harness, isIn, makeClip, until, watch } from "./ingest-harness.ts";
import { processesWith } from "./decoder-processes.ts";

const H264 = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "10"];

let folder: string;
const open: Harness[] = [];
const at = (name: string): string => path.join(folder, name);

function track(harness: Harness): Harness {
  open.push(harness);
  return harness;
}

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "ingest-"));
  makeClip(at("clip.mp4"), "160x120", ...H264);
  makeClip(at("bframes.mp4"), "160x120", "-c:v", "libx264", "-bf", "3", "-pix_fmt", "yuv420p");
});

afterAll(async () => {
  await Promise.all(open.map((harness) => harness.ingest.close()));
  rmSync(folder, { recursive: true, force: true });
});

describe("a video file as a camera", () => {
  it.each(["clip.mp4", "bframes.mp4"])("loops %s for ever, picture by picture", async (name) => {
    const scaled = "scale=w=160:h=-2:flags=bilinear,format=yuv420p";
    const reference = ffmpeg("-i", at(name), "-vf", scaled, "-f", "rawvideo", "pipe:1");
    const bytes = (160 * 120 * 3) / 2;
    expect(reference).toHaveLength(10 * bytes);
    const harness = watch(at(name));
    await until(() => harness.frames.length >= 25);
    await harness.ingest.close();
    harness.frames.forEach(({ meta, pixels }, index) => {
      const start = (index % 10) * bytes;
      expect(pixels.equals(reference.subarray(start, start + bytes))).toBe(true);
      expect(meta).toMatchObject({ sequence: index, captureClock: "stream", width: 160 });
      expect(meta.ptsS).toBeCloseTo(index / 10, 3);
    });
    expect(harness.ingest.report()).toMatchObject({ state: "ended", dropped: {} });
    expect(processesWith(at(name))).toEqual([]);
  });

  it("scales down to the width asked for and keeps the rate asked for", async () => {
    const harness = watch(at("clip.mp4"), { maxWidth: 101, maxFps: 4 });
    await until(() => harness.frames.length >= 9);
    await harness.ingest.close();
    const [first, , , , last] = harness.frames;
    expect(first?.meta).toMatchObject({ width: 100, height: 76 });
    expect((last?.meta.ptsS ?? 0) - (first?.meta.ptsS ?? 0)).toBeCloseTo(1, 1);
  });

  it("delivers only key frames where only these are asked for", async () => {
    const size = "testsrc=size=160x120:rate=10:duration=4";
    ffmpeg("-f", "lavfi", "-i", size, ...H264, "-g", "20", "-sc_threshold", "0", at("keys.mp4"));
    const harness = track(watch(at("keys.mp4"), { decode: { mode: "keyframes" } }));
    await until(() => harness.frames.length >= 4);
    await harness.ingest.close();
    const times = harness.frames.map(({ meta }) => Math.round(meta.ptsS * 10) / 10);
    expect(times.slice(0, 4)).toEqual([0, 2, 4, 6]);
  });

  it("delivers limited range in BT.601, whatever the source has", async () => {
    const white = "color=white:size=64x48:rate=10:duration=1";
    const red = "color=red:size=64x48:rate=10:duration=1";
    const full = ["-vf", "scale=out_range=pc", "-c:v", "libx264", "-pix_fmt", "yuvj420p"];
    const hd = ["-vf", "scale=out_color_matrix=bt709", ...H264, "-colorspace", "bt709"];
    ffmpeg("-f", "lavfi", "-i", white, ...full, "-color_range", "pc", at("full.mp4"));
    ffmpeg("-f", "lavfi", "-i", red, ...hd, at("hd.mp4"));
    for (const [name, y, u, v] of [
      ["full.mp4", 235, 128, 128],
      ["hd.mp4", 81, 90, 240],
    ] as const) {
      const harness = track(watch(at(name)));
      await until(() => harness.frames.length > 0);
      await harness.ingest.close();
      const pixels = harness.frames[0]?.pixels ?? Buffer.alloc(0);
      const luma = 64 * 48;
      const got = [pixels[luma / 2], pixels[luma + 9], pixels[luma * 1.25 + 9]];
      [y, u, v].forEach((value, plane) => {
        expect(Math.abs((got[plane] ?? 0) - value)).toBeLessThanOrEqual(3);
      });
    }
  });

  it("follows a picture that changes its size, without a restart", async () => {
    makeClip(at("small.ts"), "96x64", ...H264);
    makeClip(at("large.ts"), "320x240", ...H264);
    writeFileSync(at("sizes.ts"), readFileSync(at("small.ts")));
    appendFileSync(at("sizes.ts"), readFileSync(at("large.ts")));
    const harness = track(watch(at("sizes.ts")));
    const seen = (width: number): boolean =>
      harness.frames.some(({ meta }) => meta.width === width);
    await until(() => seen(96) && seen(320));
    const bytes = (320 * 240 * 3) / 2;
    const large = harness.frames.filter(({ meta }) => meta.width === 320);
    const filter = "scale=w=320:h=-2:flags=bilinear,format=yuv420p";
    const reference = ffmpeg("-i", at("large.ts"), "-vf", filter, "-f", "rawvideo", "pipe:1");
    const [first] = large;
    expect(first?.pixels).toHaveLength(bytes);
    expect(reference.includes(first?.pixels ?? "none")).toBe(true);
    expect(harness.reports.map(({ state }) => state)).toEqual(["live"]);
    await harness.ingest.close();
  });

  it("says at once that a file is missing or no video", async () => {
    writeFileSync(at("text.mp4"), "this is not a video\n".repeat(1000));
    const cases = [
      [at("missing.mp4"), "ENOENT"],
      [folder, "not a file"],
      [at("text.mp4"), "not a video"],
    ] as const;
    for (const [source, words] of cases) {
      const harness = watch(source);
      await until(isIn(harness, "lost"));
      expect(harness.ingest.report().reason).toContain(words);
      expect(harness.entries).toMatchObject([
        { level: "error", fields: { code: "SOURCE_UNREADABLE", camera: "cam-1" } },
      ]);
      await harness.ingest.close();
    }
  });

  it("keeps going through damage in the middle of a file", async () => {
    const bytes = readFileSync(at("large.ts"));
    for (let position = 20_000; position < 40_000; position += 7) {
      bytes[position] = (bytes[position] ?? 0) ^ 0x5a;
    }
    writeFileSync(at("damaged.ts"), bytes);
    const harness = track(watch(at("damaged.ts")));
    await until(() => harness.frames.length >= 15);
    expect(isIn(harness, "live")()).toBe(true);
    await harness.ingest.close();
  });

  it("says that FFmpeg is missing", async () => {
    const harness = watch(at("clip.mp4"), {}, { ffmpeg: at("no-such-ffmpeg") });
    await until(isIn(harness, "lost"));
    expect(harness.entries).toMatchObject([
      { level: "error", fields: { code: "DECODER_MISSING" } },
    ]);
    await harness.ingest.close();
  });

  it("recovers from a killed decoder alone; the camera beside it loses nothing", async () => {
    renameSync(at("bframes.mp4"), at("victim.mp4"));
    const victim = track(watch(at("victim.mp4")));
    const other = track(watch(at("clip.mp4")));
    await until(() => isIn(victim, "live")() && isIn(other, "live")());
    const [pid] = processesWith(at("victim.mp4"));
    process.kill(pid as number, "SIGKILL");
    await until(isIn(victim, "lost"));
    expect(victim.ingest.report().reason).toContain("SIGKILL");
    await until(isIn(victim, "live"));
    await until(() => other.frames.length >= 20);
    expect(other.reports.map(({ state }) => state)).toEqual(["live"]);
    other.frames.forEach(({ meta }, index) => {
      expect(meta.ptsS).toBeCloseTo(index / 10, 3);
    });
    expect(victim.ingest.report().reconnects).toBe(1);
    await Promise.all([victim.ingest.close(), other.ingest.close()]);
  });

  it("replaces a decoder that hangs, even one that ignores SIGTERM", async () => {
    const harness = track(watch(at("clip.mp4")));
    await until(isIn(harness, "live"));
    const [pid] = processesWith(at("clip.mp4"));
    process.kill(pid as number, "SIGSTOP");
    await until(isIn(harness, "silent"));
    await until(isIn(harness, "live"));
    expect(processesWith(at("clip.mp4"))).not.toContain(pid);
    await harness.ingest.close();
  });
});
