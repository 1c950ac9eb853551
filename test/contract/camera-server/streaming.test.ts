import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startCameraServer } from "../../../demo/camera-server/index.ts";
import type { CameraServer, ClientStarted } from "../../../demo/camera-server/index.ts";
import type { DecodedFrame } from "./ffmpeg-client.ts";
import { FfmpegClient } from "./ffmpeg-client.ts";
import { CLIP_FRAMES, Footage, FRAME_TICKS } from "./footage.ts";

let footage: Footage;
let server: CameraServer;
let gate: string;
let small: string;
/** What a direct decode of the clip gives, frame by frame. */
let original: readonly string[];
const started: ClientStarted[] = [];
const ended = new AbortController();

beforeAll(async () => {
  footage = await Footage.create();
  gate = await footage.make({ name: "gate.mp4" });
  small = await footage.make({ name: "small.mp4", size: "160x120" });
  server = await startCameraServer({
    port: 0,
    mounts: { gate, yard: gate, door: gate },
    signal: ended.signal,
    cacheFolder: footage.cacheFolder,
    onClientStarted: (event) => started.push(event),
  });
  const file = new FfmpegClient(["-i", gate]);
  await file.ended;
  original = file.frames.map(({ checksum }) => checksum);
});

afterAll(async () => {
  ended.abort();
  await server.closed;
  await footage[Symbol.asyncDispose]();
});

/** Every picture is the one that follows in the endless clip, and exactly one frame later. */
function expectLiveLoop(frames: readonly DecodedFrame[]): void {
  const first = original.indexOf(frames[0]?.checksum ?? "");
  expect(first % 20, "the first frame is a key frame").toBe(0);
  const expected = frames.map((_, index) => original[(first + index) % CLIP_FRAMES]);
  expect(frames.map(({ checksum }) => checksum)).toEqual(expected);
  // FFmpeg loses the very first time of any RTSP stream and takes the second for it.
  const times = frames.slice(1).map(({ pts }) => pts);
  const steps = times.slice(1).map((pts, index) => pts - (times[index] ?? NaN));
  expect(steps).toEqual(steps.map(() => FRAME_TICKS));
}

describe("real FFmpeg clients", () => {
  it("has pictures that differ, so that the other tests can fail", () => {
    expect(new Set(original).size).toBe(CLIP_FRAMES);
  });

  it.each(["tcp", "udp"] as const)(
    "decode every frame over %s, bit for bit, across the seam and without complaint",
    async (transport) => {
      await using client = FfmpegClient.play(server.url("gate"), transport, 90);
      expect(await client.ended).toBe(0);
      expect(client.complaints).toBe("");
      expect(client.frames).toHaveLength(90);
      expectLiveLoop(client.frames);
    },
  );

  it("see the same live position, four at once", async () => {
    started.length = 0;
    const clients = (["tcp", "udp", "tcp", "udp"] as const).map((transport) =>
      FfmpegClient.play(server.url("yard"), transport, 50),
    );
    await Promise.all(clients.map((client) => client.ended));
    for (const client of clients) {
      expect(client.complaints).toBe("");
      expectLiveLoop(client.frames);
    }
    expect(started).toHaveLength(4);
    for (const event of started) {
      const scheduledMs = server.wallTimeOf("yard", event.firstRtpTimestamp);
      expect(event.mount).toBe("yard");
      expect(event.userAgent).toMatch(/^Lavf/);
      expect(event.firstCaptureTimeMs - scheduledMs).toBeGreaterThanOrEqual(0);
    }
  });

  it("see the other clip from the next loop on", async () => {
    await using client = FfmpegClient.play(server.url("door"), "tcp");
    await client.untilFrames(1);
    await server.resize("door", small);
    // FFmpeg scales to the first size; what changes is the picture itself.
    await client.until(() => client.frames.some(({ checksum }) => !original.includes(checksum)));
    await using late = FfmpegClient.play(server.url("door"), "tcp", 3);
    expect(await late.ended).toBe(0);
    expect(late.frames[0]?.sizeBytes).toBe((160 * 120 * 3) / 2);
    expect(client.complaints).toBe("");
  });
});

describe("faults", () => {
  it("cut ends the client, and the next connection plays", async () => {
    await using client = FfmpegClient.play(server.url("gate"), "tcp");
    await client.untilFrames(3);
    expect(server.cut("gate")).toBe(1);
    await client.ended;
    expect(server.clients("gate")).toHaveLength(0);
    await using again = FfmpegClient.play(server.url("gate"), "tcp", 5);
    expect(await again.ended).toBe(0);
    expectLiveLoop(again.frames);
  });

  it("cut ends a UDP client as well", async () => {
    await using client = FfmpegClient.play(server.url("gate"), "udp");
    await client.untilFrames(3);
    expect(server.cut("gate")).toBe(1);
    await client.ended;
    expect(server.clients("gate")).toHaveLength(0);
  });

  it("pause keeps the client connected without data until resume", async () => {
    await using client = FfmpegClient.play(server.url("gate"), "tcp");
    await client.untilFrames(3);
    server.pause("gate");
    const [before] = server.clients("gate");
    await using other = FfmpegClient.play(server.url("yard"), "tcp", 25);
    await other.ended;
    expect(server.clients("gate")).toEqual([before]);
    const framesBefore = client.frames.length;
    server.resume("gate");
    await client.untilFrames(framesBefore + 10);
    expect(client.complaints).toBe("");
  });

  it("garble makes the decoder complain, and the stream recovers", async () => {
    await using client = FfmpegClient.play(server.url("gate"), "tcp");
    await client.untilFrames(3);
    server.garble("gate", 20);
    await client.untilFrames(60);
    expect(client.complaints).not.toBe("");
    expect(server.clients("gate")[0]?.garbledPackets).toBe(20);
    expect(original).toContain(client.frames.at(-1)?.checksum);
  }, 60_000);
});

describe("credentials", () => {
  it("let the right password in and no other", async () => {
    const guarded = await startCameraServer({
      port: 0,
      mounts: { gate },
      credentials: { username: "viewer", password: "s3cret" },
      signal: ended.signal,
      cacheFolder: footage.cacheFolder,
    });
    const withUser = (user: string): string =>
      guarded.url("gate").replace("rtsp://", `rtsp://${user}`);
    await using right = FfmpegClient.play(withUser("viewer:s3cret@"), "tcp", 5);
    await using udp = FfmpegClient.play(withUser("viewer:s3cret@"), "udp", 5);
    await using wrong = FfmpegClient.play(withUser("viewer:guess@"), "tcp", 5);
    await using nobody = FfmpegClient.play(withUser(""), "tcp", 5);
    expect([await right.ended, await udp.ended]).toEqual([0, 0]);
    expect(await wrong.ended).not.toBe(0);
    expect(wrong.complaints).toContain("401 Unauthorized");
    expect(await nobody.ended).not.toBe(0);
    await guarded.close();
  });
});
