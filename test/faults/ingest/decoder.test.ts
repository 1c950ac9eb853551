import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { processesWith, zombies } from "../../contract/ingest/decoder-processes.ts";
import {
  type Harness,
  isIn,
  makeClip,
  until,
  watch,
} from "../../contract/ingest/ingest-harness.ts";
import { fakeDecoder, FAULTS } from "./fake-decoder.ts";

/** A fault is to be told within this time. */
const NOTICE_MS = 5_000;
const H264 = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "10"];

let folder: string;
let other: Harness;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "decoder-faults-"));
  makeClip(path.join(folder, "other.mp4"), "160x120", ...H264);
  other = watch(path.join(folder, "other.mp4"));
  await until(isIn(other, "live"));
});

afterAll(async () => {
  await other.ingest.close();
  rmSync(folder, { recursive: true, force: true });
});

describe("a decoder", () => {
  it.each(Object.entries(FAULTS))("that %s is told and replaced alone", async (_, fault) => {
    const own = mkdtempSync(path.join(folder, "fault-"));
    const ffmpeg = fakeDecoder(own, fault);
    const victim = watch("rtsp://127.0.0.1:1/none", {}, { ffmpeg });
    try {
      await until(() => victim.reports.length >= 3);
      const [first, outage, second] = victim.reports;
      expect([first?.state, second?.state]).toEqual(["live", "live"]);
      expect(["lost", "silent"]).toContain(outage?.state);
      expect(outage?.reason).toBeTruthy();
      const noticedMs = Date.parse(outage?.since ?? "") - Date.parse(first?.since ?? "");
      expect(noticedMs).toBeLessThan(NOTICE_MS);
      const seen = victim.frames.length;
      await until(() => victim.frames.length > seen + 5);
      expect(victim.ingest.report().reconnects).toBe(1);
      expect(victim.frames.every(({ meta }) => meta.width === 64 && meta.height === 48)).toBe(true);
      expect(victim.entries.filter(({ level }) => level !== "info")).toHaveLength(1);
    } finally {
      await victim.ingest.close();
    }
    expect(processesWith(ffmpeg)).toEqual([]);
    expect(zombies()).toBe(0);
  });

  it("in trouble costs the camera beside it no picture", () => {
    expect(other.reports.map(({ state }) => state)).toEqual(["live"]);
    expect(other.frames.length).toBeGreaterThan(100);
    other.frames.forEach(({ meta }, index) => {
      expect(meta.sequence).toBe(index);
      expect(meta.ptsS).toBeCloseTo(index / 10, 3);
    });
    expect(other.ingest.report().dropped).toEqual({});
  });

  it("whose hardware is missing is replaced by one in software", async () => {
    const source = path.join(folder, "other.mp4");
    // No file is a rendering device, on any machine.
    const decode = { hwaccel: "vaapi", device: source };
    const camera = watch(source, { decode });
    try {
      await until(isIn(camera, "lost"));
      expect(camera.ingest.report().reason).toContain("from now on software decodes");
      await until(() => camera.frames.length > 5);
      expect(camera.ingest.report()).toMatchObject({ state: "live", reconnects: 1 });
    } finally {
      await camera.ingest.close();
    }
  });
});
