import { describe, expect, it } from "vitest";
import type { BullJob, BullProcessor, BullQueue, JobBackend } from "../../../brain/jobs/backend.ts";
import { BullJobs } from "../../../brain/jobs/bull-jobs.ts";
import { Outage } from "../../../brain/jobs/outage.ts";
import { silentLog } from "../../../brain/store/index.ts";

const NOW = 1_790_000_000_000;
const clock = {
  now: () => NOW,
  wait: (_delayMs: number, signal?: AbortSignal) =>
    new Promise<void>((_resolve, reject) => {
      signal?.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
    }),
};

interface Added {
  readonly name: string;
  readonly options: Parameters<BullQueue["add"]>[2];
}

/** A queue that records, and a worker that the test feeds. */
class FakeBackend implements JobBackend {
  readonly outage = new Outage("The queue", silentLog);
  readonly added: Added[] = [];
  start: () => void = () => undefined;
  isBroken = false;
  #processor: BullProcessor = () => Promise.resolve();
  #onEnd: (job: BullJob | undefined) => void = () => undefined;

  whenReady(start: () => void): void {
    this.start = start;
  }

  createQueue(): BullQueue {
    return {
      add: (name, _data, options) => {
        if (this.isBroken) {
          return Promise.reject(new Error("refused"));
        }
        this.added.push({ name, options });
        return Promise.resolve();
      },
      getJobCounts: () => Promise.resolve({ waiting: this.added.length }),
      on: () => undefined,
      close: () => Promise.resolve(),
    };
  }

  createWorker(_name: string, processor: BullProcessor): ReturnType<JobBackend["createWorker"]> {
    this.#processor = processor;
    return {
      on: (event: string, listener: never) => {
        this.#onEnd = event === "error" ? this.#onEnd : listener;
      },
      close: () => Promise.resolve(),
    };
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  async run(id: string): Promise<void> {
    const job = { id, data: {}, attemptsStarted: 1 };
    await this.#processor(job).catch(() => undefined);
    this.#onEnd(job);
  }
}

describe("BullJobs", () => {
  const open = (): { backend: FakeBackend; jobs: BullJobs } => {
    const backend = new FakeBackend();
    return { backend, jobs: new BullJobs(backend, clock, silentLog) };
  };

  it("refuses a job while there is no connection, and takes it from then on", async () => {
    const { backend, jobs } = open();
    jobs.define("work", () => Promise.resolve(), { concurrency: 1 });
    const job = { id: "case:17", data: {}, runAt: NOW + 250 };
    await expect(jobs.add("work", job)).rejects.toMatchObject({
      name: "TransientError",
      code: "UNAVAILABLE",
    });
    backend.start();
    await jobs.add("work", job);
    expect(backend.added).toEqual([
      { name: "work", options: { jobId: "j-case%3A17", delay: 250, attempts: 1 } },
    ]);
  });

  it("does not wait for a time that has passed", async () => {
    const { backend, jobs } = open();
    jobs.define("work", () => Promise.resolve(), { concurrency: 1 });
    backend.start();
    await jobs.add("work", { id: "1", data: {}, runAt: NOW - 5_000 });
    expect(backend.added[0]?.options).toMatchObject({ jobId: "j-1", delay: 0 });
  });

  it("turns a queue's error into a transient one", async () => {
    const { backend, jobs } = open();
    jobs.define("work", () => Promise.resolve(), { concurrency: 1 });
    backend.start();
    backend.isBroken = true;
    await expect(jobs.add("work", { id: "1", data: {} })).rejects.toThrow(
      "The job queue cannot be reached; at work; expected a queue that takes jobs; got refused",
    );
    expect(backend.outage.isOn).toBe(true);
  });

  it("notes one more run for a job that runs, the earliest of those asked for", async () => {
    const { backend, jobs } = open();
    jobs.define(
      "work",
      async () => {
        await jobs.add("work", { id: "inbox", data: {}, runAt: NOW + 9_000 });
        await jobs.add("work", { id: "inbox", data: {}, runAt: NOW + 2_000 });
        await jobs.add("work", { id: "inbox", data: {}, runAt: NOW + 5_000 });
        expect(backend.added).toEqual([]);
      },
      { concurrency: 1 },
    );
    backend.start();
    await backend.run("j-inbox");
    expect(backend.added.map(({ options }) => options.delay)).toEqual([2_000]);
    await expect(jobs.counts()).resolves.toEqual(
      new Map([["work", { waiting: 1, active: 0, delayed: 0, failed: 0, completed: 1 }]]),
    );
  });

  it("counts a throw", async () => {
    const { backend, jobs } = open();
    jobs.define("work", () => Promise.reject(new Error("no")), { concurrency: 1 });
    backend.start();
    await backend.run("j-a");
    expect((await jobs.counts()).get("work")).toMatchObject({ failed: 1, completed: 0 });
  });

  it("refuses a name twice, an unknown name and a name that is none", async () => {
    const { jobs } = open();
    const define = (name: string): void =>
      jobs.define(name, () => Promise.resolve(), { concurrency: 1 });
    define("work");
    expect(() => define("work")).toThrow(/must be new/);
    expect(() => define("A b")).toThrow(/must be new and match/);
    await expect(jobs.add("other", { id: "1", data: {} })).rejects.toThrow(/No job is defined/);
  });
});
