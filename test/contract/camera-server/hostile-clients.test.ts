import { randomBytes } from "node:crypto";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { startCameraServer } from "../../../demo/camera-server/index.ts";
import type { CameraServer } from "../../../demo/camera-server/index.ts";
import { FfmpegClient } from "./ffmpeg-client.ts";
import { Footage } from "./footage.ts";
import { RtspClient } from "./rtsp-client.ts";

let footage: Footage;
let gate: string;
let server: CameraServer;
const ended = new AbortController();

function start(options: Partial<Parameters<typeof startCameraServer>[0]> = {}) {
  return startCameraServer({
    port: 0,
    mounts: { gate },
    signal: ended.signal,
    cacheFolder: footage.cacheFolder,
    ...options,
  });
}

beforeAll(async () => {
  footage = await Footage.create();
  gate = await footage.make({ name: "gate.mp4", size: "1280x720" });
  server = await start({ limits: { maxQueuedBytes: 65_536, maxUnsentBytes: 131_072 } });
});

afterAll(async () => {
  ended.abort();
  await server.closed;
  await footage[Symbol.asyncDispose]();
});

describe("malformed requests", () => {
  afterEach(async () => {
    using client = new RtspClient(server.port);
    expect(await client.ask("DESCRIBE", server.url("gate"))).toContain("200 OK");
  });

  it.each([
    ["garbage", Buffer.from([0, 255, 1, 2, 3])],
    ["endless headers", Buffer.from(`PLAY * RTSP/1.0\r\n${"X: y\r\n".repeat(20_000)}`)],
    ["one endless line", Buffer.alloc(200_000, "A")],
    ["a giant body", Buffer.from("PLAY * RTSP/1.0\r\nCSeq: 1\r\nContent-Length: 99999999\r\n\r\n")],
  ])("are refused and the connection closed: %s", async (_name, bytes) => {
    using client = new RtspClient(server.port);
    client.send(bytes);
    expect(await client.untilMatch(/^RTSP\/1\.0 4\d\d .*\r\n/)).toMatch(/ (400|413) /);
    await client.closed;
  });

  it("may come in halves, be cut off or reset", async () => {
    using half = new RtspClient(server.port);
    half.send("OPTIONS * RTSP/1.0\r\nCS");
    using reset = new RtspClient(server.port);
    const session = await reset.setUp(server.url("gate"));
    await reset.ask("PLAY", server.url("gate"), [`Session: ${session}`]);
    reset.socket.resetAndDestroy();
    await reset.closed;
    half.send("eq: 9\r\n\r\n");
    expect(await half.untilMatch(/CSeq: 9/)).toBe("CSeq: 9");
    half.socket.end();
    await half.closed;
  });

  it("may be any bytes, also after a session is playing", async () => {
    for (let round = 0; round < 20; round += 1) {
      using client = new RtspClient(server.port);
      const session = await client.setUp(server.url("gate"));
      await client.ask("PLAY", server.url("gate"), [`Session: ${session}`]);
      client.send(Buffer.concat([Buffer.from("!"), randomBytes(500)]));
      await client.closed;
    }
    expect(server.clients("gate")).toEqual([]);
  });
});

describe("slow clients", () => {
  it("lose whole frames, counted, while others lose none", async () => {
    using slow = new RtspClient(server.port);
    const session = await slow.setUp(server.url("gate"));
    await slow.ask("PLAY", server.url("gate"), [`Session: ${session}`]);
    slow.socket.pause();
    await using good = FfmpegClient.play(server.url("gate"), "tcp");
    const dropped = (): number | undefined =>
      server.clients("gate").find(({ userAgent }) => userAgent === "")?.droppedUnits;
    await good.until(() => (dropped() ?? 0) > 0 && good.frames.length > 20);
    expect(good.complaints).toBe("");
    const other = server.clients("gate").find(({ userAgent }) => userAgent !== "");
    expect(other?.droppedUnits).toBe(0);
  });

  it("are cut when they ask without ever reading", async () => {
    using client = new RtspClient(server.port);
    await client.ask("OPTIONS", "*");
    client.socket.pause();
    const requests = "OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n".repeat(1_000);
    const flood = (): void => {
      while (!client.socket.destroyed && client.socket.write(requests)) {
        // Until the kernel takes no more.
      }
    };
    client.socket.on("drain", flood);
    flood();
    await client.closed;
  });

  it("are forgotten when they give no sign of life", async () => {
    const hasty = await start({ limits: { sessionTimeoutMs: 100 } });
    using client = new RtspClient(hasty.port);
    await client.closed;
    await hasty.close();
  });
});

describe("the server's own life", () => {
  it("says which port is in use", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => other.once("listening", resolve));
    const { port } = other.address() as AddressInfo;
    await expect(start({ port })).rejects.toMatchObject({
      code: "PORT_IN_USE",
      message: expect.stringContaining(String(port)) as string,
    });
    other.close();
  });

  it("closes every client on close and frees its port", async () => {
    const first = await start();
    await using tcp = FfmpegClient.play(first.url("gate"), "tcp");
    await using udp = FfmpegClient.play(first.url("gate"), "udp");
    await Promise.all([tcp.untilFrames(1), udp.untilFrames(1)]);
    await first.close();
    await Promise.all([tcp.ended, udp.ended]);
    expect(first.clients("gate")).toEqual([]);
    const second = await start({ port: first.port });
    await second.close();
  });

  it("refuses to start without a video, saying which", async () => {
    await expect(start({ mounts: { gate: "/nowhere.mp4" } })).rejects.toMatchObject({
      code: "SOURCE_UNREADABLE",
      message: expect.stringContaining("/nowhere.mp4") as string,
    });
  });
});
