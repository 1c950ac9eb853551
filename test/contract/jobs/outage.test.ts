import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { describe, expect, it, vi } from "vitest";
import { type Jobs, openJobs } from "../../../brain/jobs/index.ts";
import { type Log, silentLog } from "../../../brain/store/index.ts";
import { systemClock } from "../../../protocol/index.ts";
import { startTestPostgres } from "../../support/postgres.ts";
import { redisMissing, startTestRedis } from "../../support/redis.ts";

const WAIT = { timeout: 20_000, interval: 10 } as const;
const HOLDER = fileURLToPath(new URL("./job-holder.ts", import.meta.url));
const TSX = fileURLToPath(import.meta.resolve("tsx"));

function recordingLog(): { log: Log; messages: string[] } {
  const messages: string[] = [];
  const push = (_fields: object, message: string): void => void messages.push(message);
  return { log: { info: push, warn: push, error: push }, messages };
}

function openOn(
  redisUrl: string | undefined,
  connectionString = "",
  log = silentLog,
): Promise<Jobs> {
  const config = redisUrl === undefined ? {} : { redisUrl };
  return openJobs({ config, connectionString, clock: systemClock, log });
}

/** Whether work comes through now; each try has an id of its own. */
async function comesThrough(jobs: Jobs, name: string, ran: readonly string[]): Promise<void> {
  const before = ran.length; // A job may run before its `add` has come back.
  let n = 0;
  await vi.waitFor(async () => {
    n += 1;
    await jobs.add(name, { id: `probe-${String(n)}-${String(ran.length)}`, data: {} });
  }, WAIT);
  await vi.waitFor(() => expect(ran.length).toBeGreaterThan(before), WAIT);
}

describe.skipIf(redisMissing !== undefined)(
  `jobs while Redis is away ${redisMissing ?? ""}`,
  () => {
    it("refuses a job at once, says so once, and works on by itself afterwards", async () => {
      await using redis = await startTestRedis();
      const { log, messages } = recordingLog();
      const jobs = await openOn(redis.url, "", log);
      const ran: string[] = [];
      jobs.define("work", (_data, { id }) => Promise.resolve(void ran.push(id)), {
        concurrency: 2,
      });
      await comesThrough(jobs, "work", ran);
      await redis.kill();
      for (let n = 0; n < 20; n += 1) {
        const startedAtMs = performance.now();
        const adding = jobs.add("work", { id: `down-${String(n)}`, data: {} });
        await expect(adding).rejects.toMatchObject({ name: "TransientError", code: "UNAVAILABLE" });
        expect(performance.now() - startedAtMs).toBeLessThan(2_000);
      }
      await redis.start();
      await comesThrough(jobs, "work", ran);
      expect(messages).toEqual([
        "The job queue on Redis cannot be reached",
        "The job queue on Redis can be reached again",
      ]);
      await jobs.close();
    });

    it("starts without Redis and works as soon as it comes", async () => {
      await using redis = await startTestRedis();
      await redis.kill();
      const jobs = await openOn(redis.url);
      const ran: string[] = [];
      jobs.define("work", (_data, { id }) => Promise.resolve(void ran.push(id)), {
        concurrency: 1,
      });
      await expect(jobs.add("work", { id: "x", data: {} })).rejects.toMatchObject({
        name: "TransientError",
      });
      await redis.start();
      await comesThrough(jobs, "work", ran);
      await jobs.close();
    });

    it("closes while Redis is away", async () => {
      await using redis = await startTestRedis();
      const jobs = await openOn(redis.url);
      const ran: string[] = [];
      jobs.define("work", (_data, { id }) => Promise.resolve(void ran.push(id)), {
        concurrency: 1,
      });
      await comesThrough(jobs, "work", ran);
      await redis.kill();
      await jobs.close();
    });

    it("takes jobs again after FLUSHALL, those it forgot included", async () => {
      await using redis = await startTestRedis();
      const jobs = await openOn(redis.url);
      const ran: string[] = [];
      jobs.define("work", (_data, { id }) => Promise.resolve(void ran.push(id)), {
        concurrency: 1,
      });
      await comesThrough(jobs, "work", ran);
      await jobs.add("work", { id: "late", data: {}, runAt: systemClock.now() + 60_000 });
      await redis.flushAll();
      await jobs.add("work", { id: "late", data: {} });
      await vi.waitFor(() => expect(ran).toContain("late"), WAIT);
      await jobs.close();
    });
  },
);

describe("jobs on PostgreSQL whose sessions are cut", () => {
  it("work on by themselves", async () => {
    await using postgres = await startTestPostgres();
    const { connectionString } = postgres;
    const jobs = await openOn(undefined, connectionString);
    const ran: string[] = [];
    jobs.define("work", (_data, { id }) => Promise.resolve(void ran.push(id)), { concurrency: 2 });
    await comesThrough(jobs, "work", ran);
    const client = new pg.Client({ connectionString });
    await client.connect();
    for (let round = 0; round < 3; round += 1) {
      await client.query(
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()",
      );
      await comesThrough(jobs, "work", ran);
    }
    await client.end();
    await jobs.close();
  });
});

describe.each(["PostgreSQL", "Redis"])("a job on %s whose process was killed", (where) => {
  it.skipIf(where === "Redis" && redisMissing !== undefined)(
    "is run again, and counts its attempts",
    async () => {
      await using redis = where === "Redis" ? await startTestRedis() : undefined;
      await using postgres = where === "Redis" ? undefined : await startTestPostgres();
      const connectionString = postgres?.connectionString ?? "";
      const redisUrl = redis?.url ?? "";
      const holder = spawn(
        process.execPath,
        ["--import", TSX, HOLDER, connectionString, redisUrl],
        { cwd: path.dirname(HOLDER), stdio: ["ignore", "pipe", "inherit"] },
      );
      await once(holder.stdout, "data"); // It holds the job.
      holder.kill("SIGKILL");
      await once(holder, "exit");

      const jobs = await openOn(redis?.url, connectionString);
      const attempts: number[] = [];
      jobs.define("held", (_data, { attempt }) => Promise.resolve(void attempts.push(attempt)), {
        concurrency: 1,
      });
      await vi.waitFor(() => expect(attempts).toEqual([2]), { timeout: 40_000, interval: 50 });
      await jobs.close();
    },
  );
});
