import { expect, it } from "vitest";
import { describeClip } from "../../../demo/camera-server/sdp.ts";
import { makeClip } from "./clip-fixture.ts";

const clip = makeClip({ frames: 50, frameTicks: 4_500, keyEvery: 20 });

it("describes one H.264 track with its parameter sets and its control name", () => {
  const lines = describeClip("gate", clip, "127.0.0.1").split("\r\n");
  expect(lines[0]).toBe("v=0");
  expect(lines).toContain("m=video 0 RTP/AVP 96");
  expect(lines).toContain("a=rtpmap:96 H264/90000");
  expect(lines).toContain(
    "a=fmtp:96 packetization-mode=1;profile-level-id=42C01E;" +
      "sprop-parameter-sets=Z0LAHqs=,aM48gA==",
  );
  expect(lines).toContain("a=framerate:20.000");
  expect(lines.indexOf("a=control:trackID=0")).toBeGreaterThan(
    lines.indexOf("m=video 0 RTP/AVP 96"),
  );
  expect(lines.at(-1)).toBe("");
});

it("names the address family of an IPv6 client", () => {
  const sdp = describeClip("gate", clip, "::1");
  expect(sdp).toContain("o=- 1 1 IN IP6 ::1");
  expect(sdp).toContain("c=IN IP6 ::");
});
