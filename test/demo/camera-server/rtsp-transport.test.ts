import { expect, it } from "vitest";
import { chooseTransport } from "../../../demo/camera-server/rtsp-transport.ts";

it.each([
  ["RTP/AVP/TCP;unicast;interleaved=4-5", { kind: "tcp", rtpChannel: 4, rtcpChannel: 5 }],
  ["RTP/AVP/TCP", { kind: "tcp", rtpChannel: 0, rtcpChannel: 1 }],
  ["rtp/avp; unicast; client_port=5000-5001", { kind: "udp", rtpPort: 5000, rtcpPort: 5001 }],
  ["RTP/AVP/UDP;unicast;client_port=5000", { kind: "udp", rtpPort: 5000, rtcpPort: 5001 }],
])("understands %s", (header, expected) => {
  expect(chooseTransport(header)).toEqual(expected);
});

it("takes the first offer it can serve", () => {
  const header =
    "RTP/AVP;multicast;client_port=1-2,RTP/SAVP;client_port=3-4,RTP/AVP/TCP;interleaved=0-1";
  expect(chooseTransport(header)?.kind).toBe("tcp");
});

it.each([
  "",
  "RTP/AVP;multicast;client_port=5000-5001",
  "RTP/AVP;unicast",
  "RTP/AVP;client_port=0-1",
  "RTP/AVP;client_port=65535",
  "RTP/AVP;client_port=70000-70001",
  "RTP/AVP;client_port=5000-5000",
  "RAW/RAW/UDP;unicast;client_port=5000-5001",
])("refuses %j", (header) => {
  expect(chooseTransport(header)).toBeUndefined();
});
