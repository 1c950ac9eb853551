import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import {
  type JobContext,
  type JobData,
  type JobHandler,
  type Jobs,
  openJobs,
} from "../../../brain/jobs/index.ts";
import { silentLog } from "../../../brain/store/index.ts";
import { systemClock } from "../../../protocol/index.ts";
import { startTestPostgres, type TestPostgres } from "../../support/postgres.ts";
import { redisMissing, startTestRedis, type TestRedis } from "../../support/redis.ts";

interface Place {
  open(): Promise<Jobs>;
  close(): Promise<void>;
}

async function onPostgres(): Promise<Place> {
  const server: TestPostgres = await startTestPostgres();
  const { connectionString } = server;
  return {
    open: () => openJobs({ config: {}, connectionString, clock: systemClock, log: silentLog }),
    close: () => server.close(),
  };
}

async function onRedis(): Promise<Place> {
  const server: TestRedis = await startTestRedis();
  const config = { redisUrl: server.url };
  return {
    open: () => openJobs({ config, connectionString: "", clock: systemClock, log: silentLog }),
    close: () => server.close(),
  };
}

/** Redis connects in the background; adding works from then on. */
async function addSoon(jobs: Jobs, name: string, id: string, data: JobData = {}): Promise<void> {
  await vi.waitFor(() => jobs.add(name, { id, data }), { timeout: 5_000, interval: 5 });
}

/** A handler that is done as soon as it returns. */
function does(work: (data: JobData, context: JobContext) => unknown): JobHandler {
  return (data, context) => {
    work(data, context);
    return Promise.resolve();
  };
}

const WAIT = { timeout: 15_000, interval: 5 } as const;

for (const [where, start] of [
  ["PostgreSQL", onPostgres],
  ["Redis", onRedis],
] as const) {
  const missing = where === "Redis" ? redisMissing : undefined;
  describe.skipIf(missing !== undefined)(`jobs on ${where}${missing ?? ""}`, () => {
    let place: Place;
    beforeAll(async () => {
      place = await start();
    });
    afterAll(async () => {
      await place.close();
    });

    it("runs a job once, with its data", async () => {
      const jobs = await place.open();
      const seen: [JobData, JobContext][] = [];
      jobs.define(
        "once",
        does((data, context) => seen.push([data, context])),
        {
          concurrency: 1,
        },
      );
      await addSoon(jobs, "once", "a:1", { row: 7, urgent: true });
      await vi.waitFor(() => expect(seen).toHaveLength(1), WAIT);
      expect(seen[0]?.[0]).toEqual({ row: 7, urgent: true });
      expect(seen[0]?.[1]).toMatchObject({ id: "a:1", attempt: 1 });
      await jobs.close();
    });

    it("ignores a second job of an id that waits, and takes it again once it ran", async () => {
      const jobs = await place.open();
      const seen: JobData[] = [];
      jobs.define(
        "again",
        does((data) => seen.push(data)),
        { concurrency: 1 },
      );
      const soon = systemClock.now() + 300;
      await addSoon(jobs, "again", "warm-up", { n: 0 });
      await jobs.add("again", { id: "17", data: { n: 1 }, runAt: soon });
      await jobs.add("again", { id: "17", data: { n: 2 }, runAt: soon });
      await vi.waitFor(() => expect(seen).toEqual([{ n: 0 }, { n: 1 }]), WAIT);
      await vi.waitFor(async () => {
        await jobs.add("again", { id: "17", data: { n: 3 } });
        expect(seen).toContainEqual({ n: 3 });
      }, WAIT);
      await jobs.close();
    });

    it("runs once more when a job of the same id came while it ran", async () => {
      const jobs = await place.open();
      let letGo = (): void => undefined;
      const held = new Promise<void>((resolve) => {
        letGo = resolve;
      });
      const seen: JobData[] = [];
      jobs.define(
        "wake",
        async (data) => {
          seen.push(data);
          await held;
        },
        { concurrency: 2 },
      );
      await addSoon(jobs, "wake", "inbox", { n: 1 });
      await vi.waitFor(() => expect(seen).toHaveLength(1), WAIT);
      await jobs.add("wake", { id: "inbox", data: { n: 2 } });
      await jobs.add("wake", { id: "inbox", data: { n: 3 } });
      letGo();
      await vi.waitFor(() => expect(seen).toEqual([{ n: 1 }, { n: 2 }]), WAIT);
      await vi.waitFor(async () => {
        const counts = (await jobs.counts()).get("wake");
        expect(counts).toMatchObject({ waiting: 0, active: 0, completed: 2 });
      }, WAIT);
      await jobs.close();
    });

    it("keeps a job until its time, and not much longer", async () => {
      const jobs = await place.open();
      const ran: number[] = [];
      jobs.define(
        "later",
        does(() => ran.push(systemClock.now())),
        { concurrency: 1 },
      );
      await addSoon(jobs, "later", "warm-up");
      await vi.waitFor(() => expect(ran).toHaveLength(1), WAIT);
      const runAt = systemClock.now() + 700;
      await jobs.add("later", { id: "x", data: {}, runAt });
      await vi.waitFor(async () => {
        expect((await jobs.counts()).get("later")?.delayed).toBe(1);
      }, WAIT);
      await vi.waitFor(() => expect(ran).toHaveLength(2), WAIT);
      expect(ran[1]).toBeGreaterThanOrEqual(runAt - 5);
      expect(ran[1]).toBeLessThan(runAt + 2_000);
      await jobs.close();
    });

    it("counts a throw, does not try again by itself, and takes the id again", async () => {
      const jobs = await place.open();
      let runs = 0;
      jobs.define(
        "bad",
        () => {
          runs += 1;
          return Promise.reject(new Error("no luck"));
        },
        { concurrency: 1 },
      );
      await addSoon(jobs, "bad", "x");
      await vi.waitFor(async () => {
        const counts = (await jobs.counts()).get("bad");
        expect(counts).toMatchObject({ failed: 1, completed: 0, waiting: 0, active: 0 });
      }, WAIT);
      expect(runs).toBe(1);
      await jobs.add("bad", { id: "x", data: {} });
      await vi.waitFor(() => expect(runs).toBe(2), WAIT);
      await jobs.close();
    });

    it("never runs more than its concurrency at a time, and all of them", async () => {
      const jobs = await place.open();
      let now = 0;
      let most = 0;
      let done = 0;
      jobs.define(
        "many",
        async () => {
          now += 1;
          most = Math.max(most, now);
          await new Promise(setImmediate);
          now -= 1;
          done += 1;
        },
        { concurrency: 3 },
      );
      await addSoon(jobs, "many", "first");
      await Promise.all(
        Array.from({ length: 40 }, (_, n) => jobs.add("many", { id: `m${String(n)}`, data: {} })),
      );
      await vi.waitFor(() => expect(done).toBe(41), WAIT);
      expect(most).toBeLessThanOrEqual(3);
      await jobs.close();
    });

    it("aborts the signal on close and waits for the handler", async () => {
      const jobs = await place.open();
      const steps: string[] = [];
      jobs.define(
        "slow",
        async (_data, { signal }) => {
          steps.push("begins");
          await new Promise<void>((resolve) => {
            signal.addEventListener("abort", () => resolve(), { once: true });
          });
          steps.push("ends");
        },
        { concurrency: 1 },
      );
      await addSoon(jobs, "slow", "x");
      await vi.waitFor(() => expect(steps).toEqual(["begins"]), WAIT);
      await jobs.close();
      expect(steps).toEqual(["begins", "ends"]);
      await expect(jobs.add("slow", { id: "y", data: {} })).rejects.toMatchObject({
        name: "TransientError",
      });
    });

    it("lets two brains share the work without running a job twice", async () => {
      const [one, two] = [await place.open(), await place.open()];
      const seen: string[] = [];
      for (const jobs of [one, two]) {
        jobs.define(
          "shared",
          does((_data, { id }) => seen.push(id)),
          { concurrency: 2 },
        );
      }
      await addSoon(one, "shared", "s0");
      await addSoon(two, "shared", "s1");
      const ids = Array.from({ length: 30 }, (_, n) => `s${String(n + 2)}`);
      await Promise.all(ids.map((id) => one.add("shared", { id, data: {} })));
      await vi.waitFor(() => expect(seen).toHaveLength(32), WAIT);
      expect(new Set(seen).size).toBe(32);
      await Promise.all([one.close(), two.close()]);
    });
  });
}
