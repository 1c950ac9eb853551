import { describe, expect, it } from "vitest";
import { createGroupWriter } from "../../../brain/store/group-writer.ts";
import { PermanentError, systemClock, TransientError } from "../../../protocol/index.ts";

/** Writes to a list; each call is held until it is let go. */
function ledger() {
  const groups: number[][] = [];
  const open: (() => void)[] = [];
  return {
    groups,
    letGo: (): void => open.splice(0).forEach((go) => go()),
    writeAll: async (items: readonly number[]): Promise<readonly string[]> => {
      groups.push([...items]);
      await new Promise<void>((resolve) => open.push(resolve));
      return items.map(String);
    },
  };
}
const limits = { clock: systemClock, maxGroup: 3, maxWaiting: 10, gapMs: 0 };
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("a group writer", () => {
  it("writes together what came while the group before was under way", async () => {
    const book = ledger();
    const writer = createGroupWriter({ ...limits, writeAll: book.writeAll });
    const first = writer.write(1);
    await turn();
    const rest = Promise.all([2, 3, 4, 5].map((item) => writer.write(item)));
    book.letGo();
    await first;
    await turn();
    book.letGo();
    await turn();
    book.letGo();
    expect(await rest).toEqual(["2", "3", "4", "5"]);
    expect(book.groups).toEqual([[1], [2, 3, 4], [5]]);
  });

  it("writes each alone where one breaks its group, and tells that one alone", async () => {
    const tries: (readonly number[])[] = [];
    const broken = new PermanentError("INTERNAL", "It cannot be written", { where: "3" });
    const writer = createGroupWriter({
      ...limits,
      writeAll: (items: readonly number[]) => {
        tries.push(items);
        return items.includes(3) ? Promise.reject(broken) : Promise.resolve(items.map(String));
      },
    });
    const outcomes = await Promise.allSettled([1, 2, 3].map((item) => writer.write(item)));
    expect(outcomes).toEqual([
      { status: "fulfilled", value: "1" },
      { status: "fulfilled", value: "2" },
      { status: "rejected", reason: broken },
    ]);
    expect(tries.slice(-3)).toEqual([[1], [2], [3]]);
  });

  it("tells all at once where the database is away", async () => {
    const away = new TransientError("DATABASE_UNAVAILABLE", "The database is away", {});
    let calls = 0;
    const writer = createGroupWriter({
      ...limits,
      writeAll: () => {
        calls += 1;
        return Promise.reject(away);
      },
    });
    const outcomes = await Promise.allSettled([1, 2, 3].map((item) => writer.write(item)));
    expect(outcomes.every(({ status }) => status === "rejected")).toBe(true);
    expect(calls).toBeLessThanOrEqual(2);
  });

  it("turns away what is more than may wait, and takes more once there is room", async () => {
    const book = ledger();
    const writer = createGroupWriter({ ...limits, maxWaiting: 2, writeAll: book.writeAll });
    const first = writer.write(1);
    await turn();
    const waiting = [writer.write(2), writer.write(3)];
    await expect(writer.write(4)).rejects.toMatchObject({ code: "OVERLOADED" });
    book.letGo();
    await first;
    await turn();
    const last = writer.write(5);
    book.letGo();
    await turn();
    book.letGo();
    expect(await Promise.all([...waiting, last])).toEqual(["2", "3", "5"]);
  });
});
