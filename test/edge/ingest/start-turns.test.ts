import { describe, expect, it } from "vitest";
import { StartTurns } from "../../../edge/ingest/index.ts";
import { FakeClock } from "../../support/fake-clock.ts";

const NEVER = new AbortController().signal;

function setUp(limit: number): { clock: FakeClock; turns: StartTurns; granted: number[] } {
  const clock = new FakeClock();
  return { clock, turns: new StartTurns({ clock, limit, holdMs: 1000 }), granted: [] };
}

async function settle(): Promise<void> {
  for (let i = 0; i < 10; i++) {
    await Promise.resolve();
  }
}

describe("turns to start", () => {
  it("go to so many at a time, first come first served", async () => {
    const { turns, granted } = setUp(2);
    const ends: (() => void)[] = [];
    for (let i = 0; i < 4; i++) {
      void turns.take(NEVER).then((end) => {
        granted.push(i);
        ends.push(end);
      });
    }
    await settle();
    expect(granted).toEqual([0, 1]);
    ends[1]?.();
    await settle();
    expect(granted).toEqual([0, 1, 2]);
    ends[1]?.();
    await settle();
    expect(granted).toEqual([0, 1, 2]);
  });

  it("end by themselves, so a dead camera keeps nobody waiting", async () => {
    const { clock, turns, granted } = setUp(1);
    await turns.take(NEVER);
    void turns.take(NEVER).then(() => granted.push(1));
    await settle();
    expect(granted).toEqual([]);
    await clock.advance(1000);
    await settle();
    expect(granted).toEqual([1]);
  });

  it("are not lost with one who gives up waiting", async () => {
    const { turns, granted } = setUp(1);
    const end = await turns.take(NEVER);
    const leaving = new AbortController();
    const left = turns.take(leaving.signal).catch((error: unknown) => error);
    void turns.take(NEVER).then(() => granted.push(2));
    leaving.abort(new Error("closed"));
    expect(await left).toMatchObject({ message: "closed" });
    end();
    await settle();
    expect(granted).toEqual([2]);
  });
});
