import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeRtpPacket, packetise } from "../../../demo/camera-server/rtp-packetiser.ts";
import type { RtpPayload } from "../../../demo/camera-server/rtp-packetiser.ts";

/** An independent receiver after RFC 6184 §5.8, which throws on a broken sequence of fragments. */
function reassemble(payloads: readonly RtpPayload[]): readonly Buffer[] {
  const nalUnits: Buffer[] = [];
  let open: Buffer[] | undefined;
  for (const { prefix, body } of payloads) {
    const bytes = Buffer.concat([prefix, body]);
    const indicator = bytes.readUInt8(0);
    if ((indicator & 0x1f) !== 28) {
      expect(open).toBeUndefined();
      nalUnits.push(bytes);
      continue;
    }
    const header = bytes.readUInt8(1);
    const isStart = (header & 0x80) !== 0;
    expect(isStart).toBe(open === undefined);
    open ??= [Buffer.from([(indicator & 0xe0) | (header & 0x1f)])];
    open.push(bytes.subarray(2));
    if ((header & 0x40) !== 0) {
      expect(isStart).toBe(false);
      nalUnits.push(Buffer.concat(open));
      open = undefined;
    }
  }
  expect(open).toBeUndefined();
  return nalUnits;
}

const nalUnit = fc
  .tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 1, max: 23 }))
  .chain(([importance, type]) =>
    fc
      .uint8Array({ minLength: 0, maxLength: 400 })
      .map((body) => Buffer.concat([Buffer.from([(importance << 5) | type]), body])),
  );

describe("packetise", () => {
  it("cuts so that a receiver gets exactly the same NAL units, within the bound", () => {
    fc.assert(
      fc.property(
        fc.array(nalUnit, { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 4, max: 64 }),
        (nalUnits, maxBytes) => {
          const payloads = packetise(nalUnits, maxBytes);
          expect(reassemble(payloads)).toEqual(nalUnits);
          for (const { prefix, body } of payloads) {
            expect(prefix.length + body.length).toBeLessThanOrEqual(maxBytes);
          }
        },
      ),
      { seed: 3, numRuns: 300 },
    );
  });

  it("marks only the last packet of the access unit", () => {
    const payloads = packetise([Buffer.alloc(50, 0x67), Buffer.alloc(250, 0x65)], 100);
    expect(payloads.map(({ isLast }) => isLast)).toEqual([false, false, false, true]);
  });

  it("sends a NAL unit of exactly the bound whole, and one byte more as two fragments", () => {
    expect(packetise([Buffer.alloc(100, 0x65)], 100)).toHaveLength(1);
    expect(packetise([Buffer.alloc(101, 0x65)], 100)).toHaveLength(2);
  });
});

describe("encodeRtpPacket", () => {
  it("writes the header of RFC 3550", () => {
    const payload = { prefix: Buffer.from([1]), body: Buffer.from([2, 3]), isLast: true };
    const fields = { payload, sequence: 0xabcd, timestamp: 0xfedcba98, ssrc: 0x01020304 };
    expect(encodeRtpPacket(fields).toString("hex")).toBe("80e0abcdfedcba9801020304010203");
  });
});
