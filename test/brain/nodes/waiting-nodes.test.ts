import { describe, expect, it } from "vitest";
import { createNodeWakeups } from "../../../brain/nodes/index.ts";
import { createWaitingNodes, type WaitingNodes } from "../../../brain/nodes/waiting-nodes.ts";
import { FakeClock, settle } from "../../support/fake-clock.ts";

function scene(max = 2) {
  const clock = new FakeClock();
  const wakeups = createNodeWakeups();
  const closing = new AbortController();
  const state = { waiting: 0, news: undefined as string | undefined, looks: 0 };
  const nodes: WaitingNodes = createWaitingNodes({
    ...{ clock, wakeups, max, closing: closing.signal },
    onWaiting: (change) => {
      state.waiting += change;
    },
  });
  const ask = (nodeId: string, gone = new AbortController().signal, againInMs?: number) =>
    nodes.ask({
      ...{ nodeId, waitMs: 20_000, gone },
      look: () => {
        state.looks += 1;
        const { news } = state;
        return Promise.resolve(
          news === undefined ? (againInMs === undefined ? {} : { againInMs }) : { news },
        );
      },
    });
  return { clock, wakeups, closing, state, ask };
}

describe("a waiting node", () => {
  it("gets its news when it is woken, and nothing when time is up", async () => {
    const { clock, wakeups, state, ask } = scene();
    const first = ask("a");
    await settle();
    state.news = "plan";
    wakeups.notify("node:b");
    await settle();
    expect(state.looks).toBe(1);
    wakeups.notify("node:a");
    expect(await first).toBe("plan");
    state.news = undefined;
    const second = ask("a");
    await clock.advance(20_000);
    expect(await second).toBeUndefined();
    expect([state.waiting, clock.sleepers]).toEqual([0, 0]);
  });

  it("looks again when notifications may have been missed, and when it was told to", async () => {
    const { clock, wakeups, state, ask } = scene();
    const first = ask("a", undefined, 5_000);
    await settle();
    wakeups.notify(undefined);
    await settle();
    expect(state.looks).toBe(2);
    state.news = "plan";
    await clock.advance(5_000);
    expect(await first).toBe("plan");
  });

  it("gives its place up when it hangs up, asks anew, or the brain stops", async () => {
    const { clock, closing, state, ask } = scene();
    const gone = new AbortController();
    const hungUp = ask("a", gone.signal);
    await settle();
    gone.abort();
    expect(await hungUp).toBeUndefined();
    const older = ask("a");
    await settle();
    const newer = ask("a");
    expect(await older).toBeUndefined();
    expect(state.waiting).toBe(1);
    closing.abort();
    expect(await newer).toBeUndefined();
    expect([state.waiting, clock.sleepers]).toEqual([0, 0]);
  });

  it("is sent away when too many wait, but not without its news", async () => {
    const { state, ask, closing } = scene(1);
    const first = ask("a");
    await settle();
    await expect(ask("b")).rejects.toMatchObject({ code: "OVERLOADED", httpStatus: 429 });
    state.news = "stop";
    expect(await ask("b")).toBe("stop");
    closing.abort();
    await first;
  });
});
