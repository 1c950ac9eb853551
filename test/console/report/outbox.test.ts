import { describe, expect, it } from "vitest";
import { memoryStore } from "../../../console/report/memory-store.ts";
import { createOutbox, OUTBOX_LIMIT } from "../../../console/report/outbox.ts";
import { type Draft, RefusedError } from "../../../console/report/report-api.ts";

const draft = (id: string): Draft => ({ id, report: {} as Draft["report"], photos: [] });

function setUp(send: (draft: Draft) => Promise<string>) {
  const store = memoryStore();
  const sent: string[] = [];
  const refused: string[] = [];
  const waiting: number[] = [];
  const outbox = createOutbox({
    store,
    send,
    onSent: ({ id }, receipt) => sent.push(`${id}:${receipt}`),
    onRefused: ({ id }, { code }) => refused.push(`${id}:${code}`),
    onChange: (drafts) => waiting.push(drafts.length),
  });
  return { outbox, store, sent, refused, waiting };
}

describe("the reporters' outbox", () => {
  it("keeps a report while the brain is out of reach, and sends all in order after", async () => {
    let isOnline = false;
    const { outbox, store, sent } = setUp(() =>
      isOnline ? Promise.resolve("code") : Promise.reject(new TypeError("offline")),
    );
    await outbox.add(draft("a"));
    await outbox.add(draft("b"));
    expect((await store.all()).map(({ id }) => id)).toEqual(["a", "b"]);
    isOnline = true;
    await outbox.flush();
    expect(sent).toEqual(["a:code", "b:code"]);
    expect(await store.all()).toEqual([]);
  });

  it("sends one report once, however many flushes overlap", async () => {
    const tries: string[] = [];
    let isOnline = false;
    const { outbox } = setUp(async ({ id }) => {
      tries.push(id);
      await Promise.resolve();
      if (!isOnline) {
        throw new TypeError("offline");
      }
      return "code";
    });
    await outbox.add(draft("a"));
    isOnline = true;
    await Promise.all([outbox.flush(), outbox.flush(), outbox.flush()]);
    expect(tries).toEqual(["a", "a"]);
  });

  it("shows what is refused for good, lets others pass, and tries a busy brain again", async () => {
    const answers: Record<string, RefusedError[]> = {
      wrong: [new RefusedError(422, { code: "EVENT_INVALID" })],
      busy: [new RefusedError(429, { code: "OVERLOADED" })],
    };
    const { outbox, store, sent, refused } = setUp(({ id }) => {
      const error = answers[id]?.shift();
      return error === undefined ? Promise.resolve("code") : Promise.reject(error);
    });
    await outbox.add(draft("wrong"));
    await outbox.add(draft("busy"));
    expect([refused, sent]).toEqual([["wrong:EVENT_INVALID"], []]);
    await outbox.flush();
    expect(sent).toEqual(["busy:code"]);
    expect((await store.all()).map(({ id }) => id)).toEqual(["wrong"]);
    await outbox.remove("wrong");
    expect(await store.all()).toEqual([]);
  });

  it("says when it is full instead of forgetting anything", async () => {
    const { outbox, store } = setUp(() => Promise.reject(new TypeError("offline")));
    for (let i = 0; i < OUTBOX_LIMIT; i += 1) {
      await outbox.add(draft(String(i)));
    }
    await expect(outbox.add(draft("more"))).rejects.toThrow(RefusedError);
    expect((await store.all()).length).toBe(OUTBOX_LIMIT);
  });
});
