/** The jobs over BullMQ: one queue and one worker per name. */
import { type Clock, type EpochMs, TransientError } from "../../protocol/index.ts";
import type { Log } from "../store/index.ts";
import {
  type BullJob,
  type BullQueue,
  type BullWorker,
  type JobBackend,
  WORKER_OPTIONS,
} from "./backend.ts";
import type { JobCounts, JobData, JobHandler, Jobs, NewJob } from "./jobs.ts";

/** A handler that ignores its signal is left behind after this long. */
const CLOSE_TIMEOUT_MS = 10_000;
const NAME = /^[a-z][a-z0-9-]*$/;

interface Lane {
  readonly name: string;
  readonly handler: JobHandler;
  readonly concurrency: number;
  /** Absent until the backend is ready for the first time. */
  queue?: BullQueue;
  worker?: BullWorker;
  /** Jobs that run here, each with the one to follow it. At most `concurrency` entries. */
  readonly running: Map<string, NewJob | undefined>;
  failed: number;
  completed: number;
}

export class BullJobs implements Jobs {
  readonly #backend: JobBackend;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #lanes = new Map<string, Lane>();
  readonly #closing = new AbortController();
  #closed: Promise<void> | undefined;

  constructor(backend: JobBackend, clock: Clock, log: Log) {
    this.#backend = backend;
    this.#clock = clock;
    this.#log = log;
  }

  define(name: string, handler: JobHandler, { concurrency }: { concurrency: number }): void {
    if (!NAME.test(name) || this.#lanes.has(name)) {
      throw new Error(`A job name must be new and match ${String(NAME)}; got ${name}`);
    }
    const running = new Map<string, NewJob | undefined>();
    const lane: Lane = { name, handler, concurrency, running, failed: 0, completed: 0 };
    this.#lanes.set(name, lane);
    this.#backend.whenReady(() => this.#start(lane));
  }

  async add(name: string, job: NewJob): Promise<void> {
    const lane = this.#lanes.get(name);
    if (lane === undefined) {
      throw new Error(`No job is defined under the name ${name}`);
    }
    if (lane.running.has(job.id)) {
      lane.running.set(job.id, earlier(lane.running.get(job.id), job));
      return;
    }
    const delay = Math.max(0, (job.runAt ?? 0) - this.#clock.now());
    await this.#reach(lane, (queue) =>
      queue.add(name, job.data, { jobId: encodeId(job.id), delay, attempts: 1 }),
    );
  }

  async counts(): Promise<ReadonlyMap<string, JobCounts>> {
    const entries = [...this.#lanes.values()].map(async (lane) => {
      const counts = await this.#reach(lane, (queue) =>
        queue.getJobCounts("waiting", "active", "delayed"),
      );
      const { waiting = 0, active = 0, delayed = 0 } = counts;
      const { failed, completed } = lane;
      return [lane.name, { waiting, active, delayed, failed, completed }] as const;
    });
    return new Map(await Promise.all(entries));
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#closing.abort(new Error("The brain stops"));
    const done = new AbortController();
    const late = this.#clock.wait(CLOSE_TIMEOUT_MS, done.signal).then(
      () => this.#log.warn({}, "Jobs are still running; they are left behind"),
      () => undefined,
    );
    const lanes = [...this.#lanes.values()];
    // Closing a worker waits for the connection to come back, which may be never.
    const idle = this.#backend.outage.isOn && lanes.every(({ running }) => running.size === 0);
    const closing = Promise.allSettled(
      lanes.flatMap(({ worker, queue }) => [worker, queue].map(async (part) => part?.close())),
    );
    await (idle ? Promise.resolve() : Promise.race([closing, late]));
    done.abort();
    await this.#backend.close();
  }

  #start(lane: Lane): void {
    if (this.#closing.signal.aborted) {
      return;
    }
    const onError = (error: Error): void => {
      if (!this.#closing.signal.aborted) {
        this.#backend.outage.begin(error.message);
      }
    };
    lane.queue = this.#backend.createQueue(lane.name);
    lane.queue.on("error", onError);
    lane.worker = this.#backend.createWorker(lane.name, (job) => this.#run(lane, job), {
      ...WORKER_OPTIONS,
      concurrency: lane.concurrency,
    });
    lane.worker.on("error", onError);
    lane.worker.on("completed", (job) => this.#follow(lane, job));
    lane.worker.on("failed", (job) => this.#follow(lane, job));
  }

  async #run(lane: Lane, job: BullJob): Promise<void> {
    const id = decodeId(job.id ?? "");
    lane.running.set(id, lane.running.get(id));
    this.#backend.outage.end();
    try {
      await lane.handler(job.data as JobData, {
        id,
        attempt: job.attemptsStarted,
        signal: this.#closing.signal,
      });
      lane.completed += 1;
    } catch (error) {
      lane.failed += 1;
      if (!this.#closing.signal.aborted) {
        const reason = error instanceof Error ? error.message : String(error);
        this.#log.warn({ job: lane.name, id, reason }, "A job failed");
      }
      throw error;
    }
  }

  /** The job has left the queue: its id is free again for the one noted meanwhile. */
  #follow(lane: Lane, job: BullJob | undefined): void {
    const id = decodeId(job?.id ?? "");
    const next = lane.running.get(id);
    lane.running.delete(id);
    if (next !== undefined && !this.#closing.signal.aborted) {
      this.add(lane.name, next).catch(() => undefined); // The outage is noted; the table knows.
    }
  }

  async #reach<Result>(lane: Lane, work: (queue: BullQueue) => Promise<Result>): Promise<Result> {
    const { outage } = this.#backend;
    if (lane.queue === undefined || this.#closing.signal.aborted) {
      throw unreachable(lane.name, "no connection yet");
    }
    try {
      const result = await work(lane.queue);
      outage.end();
      return result;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      outage.begin(reason);
      throw unreachable(lane.name, reason, error);
    }
  }
}

function unreachable(name: string, reason: string, cause?: unknown): TransientError {
  return new TransientError(
    "UNAVAILABLE",
    "The job queue cannot be reached",
    { where: name, expected: "a queue that takes jobs", got: reason },
    cause,
  );
}

/** Of two that are to follow a running job the earlier one counts. */
function earlier(noted: NewJob | undefined, job: NewJob): NewJob {
  const at = (candidate: NewJob): EpochMs => candidate.runAt ?? 0;
  return noted !== undefined && at(noted) <= at(job) ? noted : job;
}

/** BullMQ's ids must not be integers and must not hold a colon. */
function encodeId(id: string): string {
  return `j-${encodeURIComponent(id)}`;
}

function decodeId(id: string): string {
  return decodeURIComponent(id.slice(2));
}
