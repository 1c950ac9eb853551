import { expect, it } from "vitest";
import { encodeSenderReport } from "../../../demo/camera-server/rtcp.ts";

it("ties wall time to the RTP timestamp in a sender report, followed by the source's name", () => {
  const packet = encodeSenderReport({
    ssrc: 0x11223344,
    atMs: 1_700_000_000_500,
    rtpTimestamp: 0xdeadbeef,
    packetCount: 7,
    octetCount: 900,
    cname: "cam",
  });
  expect(packet.readUInt32BE(0)).toBe(0x80c80006);
  expect(packet.readUInt32BE(4)).toBe(0x11223344);
  expect(packet.readUInt32BE(8) - 2_208_988_800).toBe(1_700_000_000);
  expect(packet.readUInt32BE(12) / 2 ** 32).toBeCloseTo(0.5, 6);
  expect(packet.readUInt32BE(16)).toBe(0xdeadbeef);
  expect([packet.readUInt32BE(20), packet.readUInt32BE(24)]).toEqual([7, 900]);
  const source = packet.subarray(28);
  expect(source.readUInt16BE(0)).toBe(0x81ca);
  expect((source.readUInt16BE(2) + 1) * 4).toBe(source.length);
  expect(source.toString("latin1", 10, 13)).toBe("cam");
  expect(source[13]).toBe(0);
});

it.each([0, 1, 2, 3, 4, 5])("fills the last word after a name of %i bytes", (length) => {
  const cname = "n".repeat(length);
  const fields = { ssrc: 1, atMs: 0, rtpTimestamp: 0, packetCount: 0, octetCount: 0, cname };
  const packet = encodeSenderReport(fields);
  expect(packet.length % 4).toBe(0);
  expect(packet.at(-1)).toBe(0);
});
