import { describe, expect, it } from "vitest";
import { Mount } from "../../../demo/camera-server/mount.ts";
import { RtspDialogue } from "../../../demo/camera-server/rtsp-dialogue.ts";
import type { RtspAnswer } from "../../../demo/camera-server/rtsp-dialogue.ts";
import type { RtspRequest } from "../../../demo/camera-server/rtsp-request.ts";
import { makeClip } from "./clip-fixture.ts";
import { FastClock } from "./fast-clock.ts";
import { RecordingSink } from "./recording-sink.ts";

const TCP = { transport: "RTP/AVP/TCP;unicast;interleaved=0-1" };

class Client {
  readonly sinks: RecordingSink[] = [];
  readonly mount: Mount;
  readonly dialogue: RtspDialogue;

  constructor(isProtected = false) {
    const clock = new FastClock(0, 1_000);
    const clip = makeClip({ frames: 4, frameTicks: 100, keyEvery: 2 });
    this.mount = new Mount({ name: "gate", clip, clock, firstTimestamp: 500 });
    const other = new Mount({ name: "yard", clip, clock, firstTimestamp: 0 });
    this.dialogue = new RtspDialogue({
      mounts: new Map([this.mount, other].map((mount) => [mount.name, mount])),
      credentials: isProtected ? { username: "viewer", password: "secret" } : undefined,
      sessionTimeoutMs: 60_000,
      maxQueuedBytes: 1_000,
      client: 1,
      clientAddress: "127.0.0.1:4000",
      localAddress: "127.0.0.1",
      openSink: () => {
        const sink = new RecordingSink();
        this.sinks.push(sink);
        return Promise.resolve(sink);
      },
    });
  }

  async ask(
    method: string,
    headers: Readonly<Record<string, string>> = {},
    uri = "rtsp://h/gate",
    version = "RTSP/1.0",
  ): Promise<RtspAnswer> {
    const request: RtspRequest = {
      kind: "request",
      method,
      uri,
      version,
      headers: new Map(Object.entries({ cseq: "1", ...headers })),
      body: Buffer.alloc(0),
    };
    const answer = await this.dialogue.answer(request);
    answer.afterwards?.();
    return answer;
  }

  /** The session's id. */
  async setUp(): Promise<string> {
    const answer = await this.ask("SETUP", TCP, "rtsp://h/gate/trackID=0");
    expect(answer.status).toBe(200);
    return answer.headers?.["Session"]?.split(";")[0] ?? "";
  }
}

describe("RtspDialogue", () => {
  it("leads a client from OPTIONS to TEARDOWN", async () => {
    const client = new Client();
    expect((await client.ask("OPTIONS", {}, "*")).headers?.["Public"]).toContain("GET_PARAMETER");
    const described = await client.ask("DESCRIBE", {}, "rtsp://h/gate/?profile=1");
    expect(described.headers?.["Content-Base"]).toBe("rtsp://h/gate/");
    expect(described.body).toContain("a=control:trackID=0");
    const session = await client.setUp();
    expect(client.mount.clients).toHaveLength(0);
    const played = await client.ask("PLAY", { session }, "rtsp://h/gate/");
    expect(played.headers?.["RTP-Info"]).toMatch(
      /^url=rtsp:\/\/h\/gate\/trackID=0;seq=\d+;rtptime=500$/,
    );
    expect(client.mount.clients).toHaveLength(1);
    expect(client.sinks[0]?.reports).toHaveLength(1);
    expect((await client.ask("GET_PARAMETER", { session })).status).toBe(200);
    expect((await client.ask("PAUSE", { session })).status).toBe(200);
    expect(client.mount.clients).toHaveLength(0);
    expect((await client.ask("PLAY", { session })).status).toBe(200);
    expect((await client.ask("TEARDOWN", { session })).status).toBe(200);
    expect(client.mount.clients).toHaveLength(0);
    expect(client.sinks[0]?.isClosed).toBe(true);
    expect((await client.ask("PLAY", { session })).status).toBe(454);
  });

  it.each([
    [400, "an unreadable CSeq", "OPTIONS", { cseq: "x" }, "*"],
    [400, "a URI that is no RTSP URL", "DESCRIBE", {}, "/gate"],
    [400, "SETUP without a transport", "SETUP", {}, "rtsp://h/gate"],
    [404, "an unknown camera", "DESCRIBE", {}, "rtsp://h/nowhere"],
    [404, "an unknown track", "SETUP", TCP, "rtsp://h/gate/trackID=7"],
    [405, "recording", "RECORD", {}, "rtsp://h/gate"],
    [454, "a session that never was", "PLAY", { session: "1" }, "rtsp://h/gate"],
    [454, "a keep-alive of such a session", "GET_PARAMETER", { session: "1" }, "rtsp://h/gate"],
    [455, "PLAY before SETUP", "PLAY", {}, "rtsp://h/gate"],
    [461, "multicast", "SETUP", { transport: "RTP/AVP;multicast" }, "rtsp://h/gate"],
    [501, "an unknown method", "DANCE", {}, "rtsp://h/gate"],
    [551, "a feature it must have", "OPTIONS", { require: "x" }, "*"],
  ])("answers %i to %s", async (status, _name, method, headers, uri) => {
    expect((await new Client().ask(method, headers, uri)).status).toBe(status);
  });

  it("answers 505 to another version", async () => {
    expect((await new Client().ask("OPTIONS", {}, "*", "RTSP/2.0")).status).toBe(505);
  });

  it("answers 454 to PLAY without the session it has, and 455 for another camera", async () => {
    const client = new Client();
    const session = await client.setUp();
    expect((await client.ask("PLAY")).status).toBe(454);
    expect((await client.ask("PLAY", { session }, "rtsp://h/yard")).status).toBe(455);
  });

  it("refuses SETUP while playing and takes it before, closing the first way", async () => {
    const client = new Client();
    const session = await client.setUp();
    expect((await client.ask("SETUP", { ...TCP, session })).status).toBe(200);
    expect(client.sinks.map(({ isClosed }) => isClosed)).toEqual([true, false]);
    await client.ask("PLAY", { session });
    expect((await client.ask("SETUP", { ...TCP, session })).status).toBe(455);
  });

  it("challenges without telling which cameras there are, but answers OPTIONS", async () => {
    const client = new Client(true);
    expect((await client.ask("OPTIONS")).status).toBe(200);
    for (const uri of ["rtsp://h/gate", "rtsp://h/nowhere"]) {
      const answer = await client.ask("DESCRIBE", {}, uri);
      expect(answer.status).toBe(401);
      expect(answer.headers?.["WWW-Authenticate"]).toMatch(/^Digest realm="camera", nonce="\w+"/);
    }
  });

  it("leaves nothing behind when the connection closes", async () => {
    const client = new Client();
    await client.ask("PLAY", { session: await client.setUp() });
    client.dialogue.close();
    expect(client.mount.clients).toHaveLength(0);
    expect(client.sinks[0]?.isClosed).toBe(true);
  });
});
