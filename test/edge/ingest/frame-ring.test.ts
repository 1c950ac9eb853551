import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type FrameLease,
  type FrameMeta,
  FrameRing,
  type FrameRingOptions,
} from "../../../edge/ingest/index.ts";

function meta(sequence: number, width = 2, height = 2): FrameMeta {
  return { sequence, captureTime: 0, captureClock: "stream", ptsS: 0, width, height };
}

function fill(ring: FrameRing, sequence: number, width = 2, height = 2): boolean {
  const pixels = ring.begin(width, height);
  pixels?.fill(sequence);
  if (pixels !== undefined) {
    ring.publish(meta(sequence, width, height));
  }
  return pixels !== undefined;
}

function take(ring: FrameRing): FrameLease {
  const lease = ring.take();
  if (lease === undefined) {
    throw new Error("expected a pending frame");
  }
  return lease;
}

function view({ buffer, byteOffset, byteLength }: FrameLease): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

describe("FrameRing", () => {
  it("gives the newest frame and counts the one it replaced", () => {
    const ring = new FrameRing();
    fill(ring, 1);
    fill(ring, 2);
    expect(take(ring).meta.sequence).toBe(2);
    expect(ring.take()).toBeUndefined();
    expect(ring.counters()).toEqual({
      captured: 2,
      analysed: 0,
      dropped: { superseded: 1 },
      pending: 0,
      inFlight: 1,
    });
  });

  it("never writes into a frame that is held or pending", () => {
    const ring = new FrameRing({ slots: 3 });
    fill(ring, 1);
    const held = take(ring);
    for (let sequence = 2; sequence < 20; sequence++) {
      fill(ring, sequence);
    }
    ring.begin(2, 2)?.fill(99);
    expect([...view(held)]).toEqual(Array<number>(6).fill(1));
    expect([...view(take(ring))]).toEqual(Array<number>(6).fill(19));
  });

  it("drops the new frame as busy when every slot is taken", () => {
    const ring = new FrameRing({ slots: 3 });
    const leases = [1, 2, 3].map((sequence) => {
      fill(ring, sequence);
      return take(ring);
    });
    expect(fill(ring, 4)).toBe(false);
    expect(ring.counters().dropped).toEqual({ busy: 1 });
    leases.forEach((lease) => ring.release(lease));
    expect(fill(ring, 5)).toBe(true);
  });

  it("grows with the picture and leaves held frames as they are", () => {
    const ring = new FrameRing({ slots: 3 });
    fill(ring, 1);
    const small = take(ring);
    fill(ring, 2, 40, 30);
    const large = take(ring);
    expect(large).toMatchObject({ width: 40, height: 30, byteLength: 1800 });
    expect([...view(small)]).toEqual(Array<number>(6).fill(1));
    expect(view(large).every((value) => value === 2)).toBe(true);
  });

  it("refuses a picture beyond its bound, one without pixels and one with odd sides", () => {
    const ring = new FrameRing({ maxFrameBytes: 12 });
    expect(() => ring.begin(6, 2)).toThrow("even sides and 1 to 12 bytes; got 6x2");
    expect(() => ring.begin(3, 2)).toThrow("got 3x2");
    expect(() => ring.begin(0, 2)).toThrow("got 0x2");
    expect(ring.counters().captured).toBe(0);
  });

  it("refuses a second release of one frame", () => {
    const ring = new FrameRing();
    fill(ring, 1);
    const lease = take(ring);
    ring.release(lease);
    expect(() => ring.release(lease)).toThrow("not held");
    fill(ring, 2);
    take(ring);
    expect(() => ring.release(lease)).toThrow("not held");
  });

  it("counts a picture that broke off as not captured", () => {
    const ring = new FrameRing();
    ring.begin(2, 2);
    ring.abandon();
    expect(ring.counters().captured).toBe(0);
    expect(() => ring.publish(meta(1))).toThrow("needs a begun picture");
  });

  it("accounts for every frame in any order of calls", () => {
    const call = fc.constantFrom("begin", "publish", "abandon", "take", "release", "stale", "drop");
    const slots = fc.integer({ min: 3, max: 5 });
    fc.assert(
      fc.property(fc.array(call, { maxLength: 200 }), slots, (calls, count) => {
        const options: FrameRingOptions = { slots: count };
        const ring = new FrameRing(options);
        const leases: FrameLease[] = [];
        let isBegun = false;
        let expected = 0;
        calls.forEach((name, sequence) => {
          if (name === "begin") {
            isBegun = ring.begin(2, 2) !== undefined;
            expected += isBegun ? 0 : 1;
          } else if (name === "publish" && isBegun) {
            ring.publish(meta(sequence));
            isBegun = false;
            expected++;
          } else if (name === "abandon") {
            ring.abandon();
            isBegun = false;
          } else if (name === "take") {
            leases.push(...[ring.take()].filter((lease) => lease !== undefined));
          } else if (name === "release" || name === "stale") {
            const lease = leases.shift();
            if (lease !== undefined) {
              ring.release(lease, name === "stale" ? "stale" : undefined);
            }
          } else if (name === "drop") {
            ring.dropPending("closed");
          }
          const { captured, analysed, dropped, pending, inFlight } = ring.counters();
          const lost = Object.values(dropped).reduce((sum, value) => sum + value, 0);
          expect(captured).toBe(expected);
          expect(captured).toBe(analysed + lost + pending + inFlight);
          expect(inFlight).toBe(leases.length);
        });
      }),
      { seed: 7, numRuns: 300 },
    );
  });
});
