import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CameraServer, startCameraServer } from "../../../demo/camera-server/index.ts";
import { FfmpegSource } from "../../../edge/ingest/index.ts";
import { systemClock } from "../../../protocol/index.ts";
import { RecordingSink } from "../../edge/ingest/recording-sink.ts";
import { openFiles, processesWith, zombies } from "./decoder-processes.ts";
import { isIn, makeClip, until, watch } from "./ingest-harness.ts";

const H264 = ["-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-g", "5"];

let folder: string;
const stop = new AbortController();
let cameras: CameraServer;
let guarded: CameraServer;
/** Accepts connections and never says a word. */
let mute: Server;
const muted = new Set<Socket>();

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "ingest-rtsp-"));
  const clip = path.join(folder, "clip.mp4");
  makeClip(clip, "160x120", ...H264, "-pix_fmt", "yuv420p");
  const options = { port: 0, cacheFolder: path.join(folder, "cache"), signal: stop.signal };
  cameras = await startCameraServer({
    ...options,
    mounts: { gate: clip, yard: clip, street: clip },
  });
  guarded = await startCameraServer({
    ...options,
    mounts: { gate: clip },
    credentials: { username: "admin", password: "s3cret" },
  });
  mute = createServer((socket) => {
    muted.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => muted.delete(socket));
  }).listen(0, "127.0.0.1");
  await once(mute, "listening");
});

afterAll(async () => {
  stop.abort();
  muted.forEach((socket) => socket.destroy());
  mute.close();
  await Promise.allSettled([cameras.closed, guarded.closed]);
  rmSync(folder, { recursive: true, force: true });
});

function muteUrl(name: string): string {
  return `rtsp://127.0.0.1:${String((mute.address() as AddressInfo).port)}/${name}`;
}

describe("an RTSP camera", () => {
  it.each(["tcp", "udp"])("is decoded over %s with ascending capture times", async (transport) => {
    const harness = watch(cameras.url("gate"), { transport });
    await until(() => harness.frames.length >= 20);
    await harness.ingest.close();
    const times = harness.frames.map(({ meta }) => meta.captureTime);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(harness.frames.every(({ meta }) => meta.captureClock === "stream")).toBe(true);
    expect(harness.frames[0]?.meta).toMatchObject({ width: 160, height: 120 });
    expect(harness.ingest.report().captured).toBe(harness.frames.length);
  });

  it("that hangs is noticed and comes back; the one beside it loses nothing", async () => {
    const gate = watch(cameras.url("gate"));
    const yard = watch(cameras.url("yard"));
    await until(() => isIn(gate, "live")() && isIn(yard, "live")());
    cameras.pause("gate");
    await until(isIn(gate, "silent"));
    cameras.resume("gate");
    await until(isIn(gate, "live"));
    expect(gate.ingest.report().reconnects).toBe(1);
    expect(yard.reports.map(({ state }) => state)).toEqual(["live"]);
    yard.frames.slice(2).forEach(({ meta }, index) => {
      expect(meta.ptsS - (yard.frames[index + 1]?.meta.ptsS ?? 0)).toBeCloseTo(0.1, 2);
    });
    await Promise.all([gate.ingest.close(), yard.ingest.close()]);
  });

  it("that changes its picture's size is followed without a restart", async () => {
    const large = path.join(folder, "large.mp4");
    makeClip(large, "320x240", ...H264, "-pix_fmt", "yuv420p");
    const harness = watch(cameras.url("street"));
    await until(isIn(harness, "live"));
    await cameras.resize("street", large);
    await until(() => harness.frames.some(({ meta }) => meta.width === 320));
    expect(harness.reports.map(({ state }) => state)).toEqual(["live"]);
    await harness.ingest.close();
  });

  it("that is cut off and garbled comes back each time", async () => {
    const harness = watch(cameras.url("gate"));
    await until(isIn(harness, "live"));
    cameras.garble("gate", 20);
    const before = harness.frames.length;
    await until(() => harness.frames.length > before + 5);
    cameras.cut("gate");
    await until(isIn(harness, "lost"));
    await until(isIn(harness, "live"));
    await harness.ingest.close();
  });

  it("that cannot be reached is lost, said once and without its password", async () => {
    const closed = createServer().listen(0, "127.0.0.1");
    await once(closed, "listening");
    const { port } = closed.address() as AddressInfo;
    closed.close();
    const harness = watch(`rtsp://admin:s3cret@127.0.0.1:${String(port)}/gate`);
    await until(isIn(harness, "lost"));
    await systemClock.wait(600);
    await harness.ingest.close();
    const outages = harness.entries.filter(({ level }) => level !== "info");
    expect(outages).toMatchObject([{ level: "warn", fields: { code: "SOURCE_UNREACHABLE" } }]);
    expect(JSON.stringify([harness.entries, harness.reports])).not.toContain("s3cret");
  });

  it("that asks for a password is opened with it and not hammered without it", async () => {
    const url = guarded.url("gate");
    const right = watch(url.replace("rtsp://", "rtsp://admin:s3cret@"));
    const wrong = watch(url.replace("rtsp://", "rtsp://admin:wr0ng@"));
    await until(() => isIn(right, "live")() && isIn(wrong, "lost")());
    expect(wrong.entries).toMatchObject([{ level: "error" }]);
    expect(wrong.ingest.report().reason).toContain("refuses our credentials");
    expect(JSON.stringify(wrong.entries)).not.toContain("wr0ng");
    await Promise.all([right.ingest.close(), wrong.ingest.close()]);
  });

  it("that accepts and says nothing is given up and its decoder reaped", async () => {
    const harness = watch(muteUrl("silent"));
    await until(isIn(harness, "lost"));
    expect(harness.ingest.report().reason).toContain("cannot be reached");
    await until(() => processesWith(muteUrl("silent")).length === 1);
    await harness.ingest.close();
    expect(processesWith(muteUrl("silent"))).toEqual([]);
  });
});

describe("decoder processes", () => {
  it("leave no process, zombie or open file after 30 connections", async () => {
    const source = new FfmpegSource({
      source: cameras.url("yard"),
      transport: "tcp",
      maxFps: 10,
      maxWidth: 768,
      decode: { mode: "full", hwaccel: "none" },
      clock: systemClock,
    });
    const connect = async (): Promise<void> => {
      const life = new AbortController();
      const sink = new RecordingSink();
      const running = source.run(sink, life.signal).catch((error: unknown) => error);
      await until(() => sink.frames.length > 0);
      life.abort(new Error("enough"));
      expect(await running).toMatchObject({ message: "enough" });
    };
    await connect();
    await until(() => cameras.clients("yard").length === 0);
    const filesBefore = openFiles();
    for (let round = 0; round < 10; round++) {
      await Promise.all([connect(), connect(), connect()]);
    }
    await until(() => cameras.clients("yard").length === 0);
    await until(() => openFiles() <= filesBefore);
    expect(zombies()).toBe(0);
    expect(processesWith(cameras.url("yard"))).toEqual([]);
  });

  it("die with a parent that is killed, hung ones and busy ones alike", async () => {
    const sources = [muteUrl("orphan"), path.join(folder, "clip.mp4")];
    const program = path.join(import.meta.dirname, "orphan-program.ts");
    const parent = spawn(process.execPath, ["--import", "tsx", program, ...sources], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const decoders = (): number[] =>
      sources.flatMap((source) => processesWith(source)).filter((pid) => pid !== parent.pid);
    await until(() => decoders().length === 2);
    parent.kill("SIGKILL");
    await once(parent, "exit");
    await until(() => decoders().length === 0);
  });
});
