import { describe, expect, it } from "vitest";
import {
  CameraIngest,
  type CameraIngestOptions,
  type FrameSink,
  type FrameSource,
} from "../../../edge/ingest/index.ts";
import { type CameraState, PermanentError, TransientError } from "../../../protocol/index.ts";
import { FakeClock, settle } from "../../support/fake-clock.ts";
import { camera, recordingLog } from "./camera-fixture.ts";

/** A source that does what the test says, and keeps when it was started. */
class ScriptedSource implements FrameSource {
  readonly startedAtMs: number[] = [];
  readonly #clock: FakeClock;
  readonly #failure: () => Error | undefined;
  sink: FrameSink | undefined;
  running = 0;

  /** @param failure to fail with at once, or undefined to stay connected. */
  constructor(clock: FakeClock, failure: () => Error | undefined = () => undefined) {
    this.#clock = clock;
    this.#failure = failure;
  }

  async run(sink: FrameSink, signal: AbortSignal): Promise<void> {
    this.startedAtMs.push(this.#clock.now());
    this.sink = sink;
    const failure = this.#failure();
    if (failure !== undefined) {
      throw failure;
    }
    this.running++;
    await new Promise<void>((_, reject) => {
      signal.addEventListener("abort", () => {
        this.running--;
        reject(signal.reason);
      });
    });
  }

  /** One picture of the given size, filled with 255. */
  frame(width = 4, height = 4, ptsS = this.#clock.now() / 1000): void {
    const pixels = this.sink?.begin({ width, height, ptsS, arrivalMs: this.#clock.now() });
    if (pixels !== undefined) {
      pixels.fill(255);
      this.sink?.commit();
    }
  }
}

interface Harness {
  readonly clock: FakeClock;
  readonly source: ScriptedSource;
  readonly ingest: CameraIngest;
  readonly states: CameraState[];
  readonly entries: ReturnType<typeof recordingLog>["entries"];
}

function start(
  failure?: () => Error | undefined,
  options: Partial<CameraIngestOptions> = {},
): Harness {
  const clock = new FakeClock();
  const source = new ScriptedSource(clock, failure);
  const states: CameraState[] = [];
  const { entries, log } = recordingLog();
  const ingest = new CameraIngest({
    camera: camera(),
    clock,
    source,
    random: () => 0,
    log,
    onFrame: () => undefined,
    onState: ({ state }) => states.push(state),
    ...options,
  });
  ingest.start();
  return { clock, source, ingest, states, entries };
}

const refused = (): TransientError =>
  new TransientError("SOURCE_UNREACHABLE", "The camera cannot be reached");

describe("CameraIngest", () => {
  it("is live with the first frame and numbers frames over reconnects", async () => {
    const { clock, source, ingest, states } = start();
    await settle();
    source.frame();
    await clock.advance(6_000);
    source.frame();
    expect(states).toEqual(["live", "silent", "live"]);
    expect(ingest.ring.peek()?.sequence).toBe(1);
    expect(ingest.report()).toMatchObject({ state: "live", reconnects: 1, captured: 2 });
    await ingest.close();
  });

  it("notices within 5 s that a live camera fell silent, and restarts it", async () => {
    const { clock, source, ingest, states } = start();
    await settle();
    for (let second = 0; second < 20; second++) {
      source.frame();
      await clock.advance(1_000);
    }
    expect(states).toEqual(["live"]);
    source.frame();
    await clock.advance(4_999);
    expect(states).toEqual(["live", "silent"]);
    expect(ingest.report().reason).toContain("No picture for 3.5 s");
    expect(ingest.report().reason).not.toContain("secret");
    expect(source.startedAtMs).toHaveLength(2);
    await ingest.close();
  });

  it("counts a camera as alive whose every frame is dropped as busy", async () => {
    const { clock, source, ingest, states } = start(undefined, { ring: { slots: 3 } });
    await settle();
    const leases = [0, 1, 2].map(() => {
      source.frame();
      return ingest.ring.take();
    });
    for (let second = 0; second < 10; second++) {
      source.frame();
      await clock.advance(1_000);
    }
    expect(leases).toHaveLength(3);
    expect(states).toEqual(["live"]);
    expect(ingest.report().dropped).toEqual({ busy: 10 });
    await ingest.close();
  });

  it("waits longer for a first picture than for the next one, and says so", async () => {
    const { clock, source, ingest, states } = start();
    await clock.advance(14_000);
    expect(states).toEqual(["silent"]);
    expect(source.startedAtMs).toHaveLength(1);
    await clock.advance(2_000);
    expect(source.startedAtMs).toHaveLength(2);
    await ingest.close();
  });

  it("gives a slow camera the time its rate needs", async () => {
    const { clock, source, ingest, states } = start(undefined, {
      camera: camera({ maxFps: 0.1 }),
    });
    await settle();
    source.frame();
    await clock.advance(20_000);
    expect(states).toEqual(["live"]);
    await clock.advance(6_000);
    expect(states).toEqual(["live", "silent"]);
    await ingest.close();
  });

  it("lets a camera of which only key frames are decoded be silent between them", async () => {
    const { clock, source, ingest, states } = start(undefined, {
      camera: camera({ decode: { mode: "keyframes" } }),
    });
    await settle();
    for (let picture = 0; picture < 3; picture++) {
      source.frame();
      await clock.advance(14_000);
    }
    expect(states).toEqual(["live"]);
    await clock.advance(2_000);
    expect(states).toEqual(["live", "silent"]);
    await ingest.close();
  });

  it("backs off from 0.25 s to 8 s, never gives up and logs the outage once", async () => {
    const { clock, source, ingest, states, entries } = start(refused);
    await clock.advance(200_000);
    const gapsMs = source.startedAtMs.slice(1).map((at, i) => at - (source.startedAtMs[i] ?? 0));
    expect(gapsMs.slice(0, 8)).toEqual([250, 500, 1000, 2000, 4000, 8000, 8000, 8000]);
    expect(gapsMs.length).toBeGreaterThan(20);
    expect(states).toEqual(["lost"]);
    expect(entries).toHaveLength(1);
    await ingest.close();
  });

  it("shortens the pauses at random, by half at most", async () => {
    const { clock, source, ingest } = start(refused, { random: () => 0.999 });
    await clock.advance(100_000);
    const [first = 0, second = 0] = source.startedAtMs;
    expect(second - first).toBeGreaterThanOrEqual(125);
    expect(second - first).toBeLessThan(130);
    await ingest.close();
  });

  it("starts small again after a connection that lasted, not after one that flaps", async () => {
    let isDown = true;
    const { clock, source, ingest } = start(() => (isDown ? refused() : undefined));
    await clock.advance(30_000);
    isDown = false;
    await clock.advance(8_000);
    expect(source.running).toBe(1);
    for (let second = 0; second < 12; second++) {
      source.frame();
      await clock.advance(1_000);
    }
    const attempts = source.startedAtMs.length;
    await clock.advance(4_500);
    expect(source.startedAtMs).toHaveLength(attempts + 1);
    await ingest.close();
  });

  it("says a hopeless source at once and retries it slowly", async () => {
    const { clock, source, ingest, states, entries } = start(
      () => new PermanentError("SOURCE_UNREADABLE", "The video file cannot be read"),
    );
    await clock.advance(60_000);
    expect(states).toEqual(["lost"]);
    expect(entries).toMatchObject([{ level: "error", fields: { code: "SOURCE_UNREADABLE" } }]);
    const gapsMs = source.startedAtMs.slice(1).map((at, i) => at - (source.startedAtMs[i] ?? 0));
    expect(gapsMs.every((gap) => gap >= 10_000 && gap <= 30_000)).toBe(true);
    expect(gapsMs.length).toBeGreaterThan(1);
    await ingest.close();
  });

  it("blackens the masks before anyone can see the frame", async () => {
    const left = [
      [0, 0],
      [0.5, 0],
      [0.5, 1],
      [0, 1],
    ];
    const { source, ingest } = start(undefined, { camera: camera({ masks: [left] }) });
    await settle();
    for (const [width, height] of [
      [4, 2],
      [2, 4],
    ] as const) {
      source.frame(width, height);
      const lease = ingest.ring.take();
      const pixels = new Uint8Array(lease?.buffer ?? new SharedArrayBuffer(0), 0, width * height);
      pixels.forEach((value, at) => {
        expect(value).toBe(at % width < width / 2 ? 16 : 255);
      });
    }
    await ingest.close();
  });

  it("ends its source on close, drops what is pending and stays ended", async () => {
    const { clock, source, ingest, states } = start();
    await settle();
    source.frame();
    await ingest.close();
    await ingest.close();
    await clock.advance(60_000);
    expect(source.running).toBe(0);
    expect(source.startedAtMs).toHaveLength(1);
    expect(states).toEqual(["live", "ended"]);
    expect(ingest.report()).toMatchObject({ captured: 1, dropped: { closed: 1 } });
    expect(clock.sleepers).toBe(0);
  });

  it("survives a source that fails in an unforeseen way", async () => {
    const { clock, source, ingest, entries } = start(() => new RangeError("surprise"));
    await clock.advance(5_000);
    expect(source.startedAtMs.length).toBeGreaterThan(3);
    expect(entries[0]?.fields).toMatchObject({ code: "INTERNAL", reason: "surprise" });
    await ingest.close();
  });
});
