import { describe, expect, it } from "vitest";
import { ClientStream } from "../../../demo/camera-server/client-stream.ts";
import { Mount } from "../../../demo/camera-server/mount.ts";
import type { ClientStarted } from "../../../demo/camera-server/mount.ts";
import { makeClip } from "./clip-fixture.ts";
import { FastClock } from "./fast-clock.ts";
import { RecordingSink } from "./recording-sink.ts";

const START_MS = 1_700_000_000_000;
const FIRST_TIMESTAMP = 2 ** 32 - 45_000; // wraps after half a second
const FRAME_TICKS = 9_000; // 100 ms
const clip = makeClip({ frames: 6, frameTicks: FRAME_TICKS, keyEvery: 3 });

function scene(endMs: number, startMs = 0) {
  const clock = new FastClock(START_MS, START_MS + endMs);
  const started: ClientStarted[] = [];
  const mount = new Mount({
    name: "gate",
    clip,
    clock,
    firstTimestamp: FIRST_TIMESTAMP,
    startMs,
    onClientStarted: (event) => started.push(event),
  });
  const client = (number: number, firstSequence = 0): [ClientStream, RecordingSink] => {
    const sink = new RecordingSink();
    const identity = { client: number, address: "127.0.0.1:1", userAgent: "test" };
    const options = { identity, sink, ssrc: number, firstSequence, maxQueuedBytes: 100 };
    return [new ClientStream(options), sink];
  };
  return { clock, mount, started, client, run: () => mount.run(clock.signal) };
}

function stepsOf(values: readonly number[], range: number): ReadonlySet<number> {
  const steps = values.slice(1).map((value, index) => value - (values[index] ?? NaN));
  return new Set(steps.map((step) => (step + range) % range));
}

/** Which frame of the clip each access unit is. */
function framesOf(sink: RecordingSink): readonly (number | undefined)[] {
  return sink.units.map((packets) => packets.at(-1)?.payload.at(-1));
}

describe("Mount", () => {
  it("goes on over the seam and the wraps without a jump in timestamps and sequence", async () => {
    const { mount, client, run } = scene(2_050);
    const [stream, sink] = client(1, 65_530);
    mount.join(stream);
    await run();
    expect(sink.units.length).toBe(21);
    expect(stepsOf(sink.timestamps, 2 ** 32)).toEqual(new Set([FRAME_TICKS]));
    expect(
      stepsOf(
        sink.packets.map(({ sequence }) => sequence),
        2 ** 16,
      ),
    ).toEqual(new Set([1]));
    expect(framesOf(sink).slice(4, 8)).toEqual([4, 5, 0, 1]);
    expect(sink.units[6]?.map(({ payload }) => payload.readUInt8(0) & 0x1f)).toEqual([7, 8, 5]);
  });

  it("begins where it is told to, at once and with the next key frame", async () => {
    const { mount, client, started, run } = scene(550, 250);
    const [stream, sink] = client(1);
    mount.join(stream);
    await run();
    expect(framesOf(sink)).toEqual([3, 4, 5, 0, 1]);
    expect(started[0]?.firstCaptureTimeMs).toBe(START_MS + 50);
    expect(mount.skips).toBe(0);
  });

  it("shows all clients the same moment, each from its next key frame on", async () => {
    const { clock, mount, client, started, run } = scene(1_050);
    const [early, earlySink] = client(1);
    const [late, lateSink] = client(2);
    mount.join(early);
    let announced = NaN;
    clock.at(START_MS + 400, () => {
      announced = mount.nextKeyTimestamp;
      mount.join(late);
    });
    await run();
    expect(framesOf(lateSink)[0]).toBe(0);
    expect(lateSink.timestamps).toEqual(earlySink.timestamps.slice(6));
    expect(lateSink.timestamps[0]).toBe(announced);
    expect(started.map((event) => [event.client, event.firstCaptureTimeMs])).toEqual([
      [1, START_MS],
      [2, START_MS + 600],
    ]);
    expect(started[1]?.firstRtpTimestamp).toBe(announced);
    expect(mount.wallTimeOf(announced)).toBe(START_MS + 600);
  });

  it("reports its wall time at once and then every two seconds", async () => {
    const { clock, mount, client, run } = scene(4_500);
    const [stream, sink] = client(1);
    clock.at(START_MS + 200, () => {
      mount.join(stream);
    });
    await run();
    expect(sink.reports).toHaveLength(3);
    for (const report of sink.reports) {
      const seconds = report.readUInt32BE(8) - 2_208_988_800 + report.readUInt32BE(12) / 2 ** 32;
      expect(mount.wallTimeOf(report.readUInt32BE(16))).toBeCloseTo(seconds * 1000, 0);
    }
  });

  it("drops whole units for a slow client up to a key frame, and counts them", async () => {
    const { clock, mount, client, run } = scene(950);
    const [stream, sink] = client(1);
    const [other, otherSink] = client(2);
    mount.join(stream);
    mount.join(other);
    clock.at(START_MS + 100, () => {
      sink.queuedBytes = 101;
    });
    clock.at(START_MS + 400, () => {
      sink.queuedBytes = 0;
    });
    await run();
    expect(framesOf(sink)).toEqual([0, 0, 1, 2, 3]);
    expect(
      stepsOf(
        sink.packets.map(({ sequence }) => sequence),
        2 ** 16,
      ),
    ).toEqual(new Set([1]));
    expect(mount.clients[0]).toMatchObject({ sentUnits: 5, droppedUnits: 5 });
    expect(otherSink.units).toHaveLength(10);
  });

  it("falls silent while it hangs, and its time goes on", async () => {
    const { clock, mount, client, run } = scene(3_000);
    const [stream, sink] = client(1);
    mount.join(stream);
    clock.at(START_MS + 100, () => {
      mount.pause();
    });
    clock.at(START_MS + 2_500, () => {
      mount.resume();
    });
    await run();
    expect(sink.timestamps[1]).toBe((FIRST_TIMESTAMP + 27 * FRAME_TICKS) % 2 ** 32);
    expect(framesOf(sink)[1]).toBe(3);
  });

  it("damages the payload of as many packets as it is asked to", async () => {
    const { mount, client, run } = scene(500);
    const [stream, sink] = client(1);
    mount.join(stream);
    mount.garble(4);
    await run();
    const sent = sink.packets.map(({ payload }) => payload);
    const sound = clip.units.flatMap(({ nalUnits }) => nalUnits);
    expect(
      sent.slice(0, 6).map((payload, index) => payload.equals(sound[index] ?? payload)),
    ).toEqual([false, false, false, false, true, true]);
    expect(sent.map((payload) => payload[0]).slice(0, 4)).toEqual([0x67, 0x68, 0x65, 0x41]);
    expect(mount.clients[0]?.garbledPackets).toBe(4);
  });

  it("loses frames instead of sending a burst after it stood still", async () => {
    const { clock, mount, client, run } = scene(10_650);
    const [stream, sink] = client(1);
    mount.join(stream);
    clock.at(START_MS + 100, () => {
      clock.nowMs += 10_000;
    });
    await run();
    expect(mount.skips).toBe(1);
    expect(sink.units.length).toBe(1 + 5);
    expect(mount.wallTimeOf(sink.timestamps[1] ?? 0)).toBe(START_MS + 10_200);
  });

  it("goes on at its pace when the wall clock is set back", async () => {
    const { clock, mount, client, run } = scene(500);
    const [stream, sink] = client(1);
    mount.join(stream);
    clock.at(START_MS + 200, () => {
      clock.nowMs -= 3_600_000;
      clock.at(clock.nowMs + 1_000, () => {
        clock.nowMs = START_MS + 500;
      });
    });
    await run();
    expect(mount.skips).toBe(1);
    expect(stepsOf(sink.timestamps, 2 ** 32)).toEqual(new Set([FRAME_TICKS]));
    expect(sink.units.length).toBeGreaterThan(5);
  });
});
