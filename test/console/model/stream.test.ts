import { describe, expect, it } from "vitest";
import {
  ApiError,
  runStream,
  SILENT_AFTER_MS,
  type Connection,
  type StreamSink,
} from "../../../console/model/index.ts";
import { FakeClock } from "../../support/fake-clock.ts";

/** One opened connection of the page, written to by the test. */
class Wire {
  readonly after: string;
  readonly body: ReadableStream<Uint8Array>;
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;

  constructor(after: string, signal: AbortSignal) {
    this.after = after;
    this.body = new ReadableStream({
      start: (controller) => {
        this.#controller = controller;
      },
    });
    signal.addEventListener("abort", () => this.end());
  }

  say(text: string): void {
    this.#controller?.enqueue(new TextEncoder().encode(text));
  }

  end(): void {
    try {
      this.#controller?.close();
    } catch {
      return; // It had ended before.
    }
  }
}

interface Scene {
  readonly clock: FakeClock;
  readonly wires: Wire[];
  readonly states: Connection[];
  readonly cases: string[];
  readonly abort: AbortController;
  readonly done: Promise<void>;
}

const TICK = 'event: tick\ndata: {"at":"2026-01-01T00:00:00.000Z","position":"5"}\n\n';
const CASE = 'id: 6\nevent: case\ndata: {"id":"c6"}\n\n';

function play(answer?: (opened: number) => Error | undefined): Scene {
  const clock = new FakeClock();
  const wires: Wire[] = [];
  const states: Connection[] = [];
  const cases: string[] = [];
  const abort = new AbortController();
  let opened = 0;
  const sink: StreamSink = {
    connection: (state) => states.push(state),
    heard: () => undefined,
    case: (summary) => cases.push(summary.id),
    health: () => undefined,
    tick: () => undefined,
  };
  const api = {
    stream: (after: string, signal: AbortSignal) => {
      const error = answer?.(opened++);
      if (error !== undefined) {
        return Promise.reject(error);
      }
      const wire = new Wire(after, signal);
      wires.push(wire);
      return Promise.resolve(wire.body);
    },
  };
  const options = { api, clock, random: () => 1, sink, after: "4" };
  const done = runStream(options, abort.signal);
  return { clock, wires, states, cases, abort, done };
}

describe("the page's event stream", () => {
  it("goes on after the last position it heard of, after a break", async () => {
    const scene = play();
    await scene.clock.advance(0);
    scene.wires[0]?.say(TICK + CASE);
    await scene.clock.advance(0);
    scene.wires[0]?.end();
    await scene.clock.advance(500);
    expect(scene.wires.map((wire) => wire.after)).toEqual(["4", "6"]);
    expect(scene.cases).toEqual(["c6"]);
    expect(scene.states).toEqual(["connecting", "live", "reconnecting"]);
    scene.abort.abort();
    await scene.done;
  });

  it("says so when the ticks stop, and takes it back when they return", async () => {
    const scene = play();
    await scene.clock.advance(0);
    scene.wires[0]?.say(TICK);
    await scene.clock.advance(SILENT_AFTER_MS - 300);
    expect(scene.states.at(-1)).toBe("live");
    await scene.clock.advance(500);
    expect(scene.states.at(-1)).toBe("silent");
    scene.wires[0]?.say(TICK);
    await scene.clock.advance(0);
    expect(scene.states.at(-1)).toBe("live");
    expect(scene.wires).toHaveLength(1);
    scene.abort.abort();
    await scene.done;
  });

  it("gives up a connection that stays silent and opens another", async () => {
    const scene = play();
    await scene.clock.advance(0);
    scene.wires[0]?.say(TICK);
    await scene.clock.advance(9_000);
    expect(scene.wires.length).toBeGreaterThan(1);
    expect(scene.wires[1]?.after).toBe("5");
    scene.abort.abort();
    await scene.done;
  });

  it("waits longer after each failure, but never more than ten seconds", async () => {
    let tries = 0;
    const scene = play(() => {
      tries += 1;
      return new ApiError("unreachable", null, null);
    });
    const seen: number[] = [];
    for (let second = 0; second < 60; second++) {
      await scene.clock.advance(1000);
      seen.push(tries);
    }
    // 0, 0.5, 1.5, 3.5, 7.5, 15.5, then every 10 s.
    expect([seen[0], seen[3], seen[7], seen[15], seen[59]]).toEqual([2, 4, 5, 6, 10]);
    scene.abort.abort();
    await scene.done;
  });

  it("retries an overloaded brain", async () => {
    const scene = play((opened) => (opened === 0 ? new ApiError("refused", 429, null) : undefined));
    await scene.clock.advance(600);
    expect(scene.wires).toHaveLength(1);
    scene.abort.abort();
    await scene.done;
  });

  it("stops with the reason when the brain asks to sign in", async () => {
    const refusal = new ApiError("signed-out", 401, null);
    await expect(play(() => refusal).done).rejects.toBe(refusal);
  });
});
