import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { acquireOwnerLock } from "../../../brain/store/owner-lock.ts";
import type { Clock } from "../../../protocol/index.ts";

/** Each wait lets the event loop turn, and is counted. */
function countingClock(): Clock & { waits: number } {
  const clock = {
    waits: 0,
    now: () => 0,
    wait: () => {
      clock.waits += 1;
      return new Promise<void>((resolve) => setImmediate(resolve));
    },
  };
  return clock;
}

describe("acquireOwnerLock", () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(path.join(os.tmpdir(), "sharp-eyes-lock-"));
  });
  afterEach(() => rm(dir, { recursive: true, force: true }));

  it("names the holder to the one who comes second, after a bounded wait", async () => {
    const clock = countingClock();
    await using first = await acquireOwnerLock(dir, { clock, pid: 4711 });
    expect(first).toBeDefined();
    const second = acquireOwnerLock(dir, { clock, pid: 4712, waitMs: 250 });
    await expect(second).rejects.toThrow(/in use by another brain.*process 4711 holds it/);
    expect(clock.waits).toBe(9);
  });

  it("waits for a holder that is about to let go", async () => {
    const clock = countingClock();
    const first = await acquireOwnerLock(dir, { clock, pid: 1 });
    const second = acquireOwnerLock(dir, { clock, pid: 2, waitMs: 1_000_000 });
    await first[Symbol.asyncDispose]();
    await using held = await second;
    expect(held).toBeDefined();
  });

  it("does not keep one folder because of another", async () => {
    const clock = countingClock();
    await using one = await acquireOwnerLock(path.join(dir, "a"), { clock, pid: 1 });
    await using two = await acquireOwnerLock(path.join(dir, "b"), { clock, pid: 2 });
    expect([one, two]).toHaveLength(2);
  });
});
