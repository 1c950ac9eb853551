/** What the jobs need of BullMQ, the same over PostgreSQL and over Redis. */
import type { JobsOptions, WorkerOptions } from "bullmq";
import type { Outage } from "./outage.ts";

export interface BullJob {
  readonly id?: string | undefined;
  readonly data: unknown;
  readonly attemptsStarted: number;
}

export type BullProcessor = (job: BullJob) => Promise<void>;

export interface BullQueue {
  add(name: string, data: unknown, options: JobsOptions): Promise<unknown>;
  getJobCounts(...types: ("waiting" | "active" | "delayed")[]): Promise<Record<string, number>>;
  on(event: "error", listener: (error: Error) => void): unknown;
  close(): Promise<void>;
}

export interface BullWorker {
  on(event: "error", listener: (error: Error) => void): unknown;
  on(event: "completed" | "failed", listener: (job: BullJob | undefined) => void): unknown;
  close(): Promise<void>;
}

export interface JobBackend {
  /** Runs `start` when the queue can be used for the first time; at once if that is now. */
  whenReady(start: () => void): void;
  createQueue(name: string): BullQueue;
  createWorker(name: string, processor: BullProcessor, options: SharedWorkerOptions): BullWorker;
  /** Ends connections, whatever state they are in. */
  close(): Promise<void>;
  readonly outage: Outage;
}

export type SharedWorkerOptions = Omit<WorkerOptions, "connection">;

/**
 * BullMQ's own values suit a night of batch work, not a clock of five minutes: with them a killed
 * worker's job is picked up after 60 s, and a second kill drops it.
 */
export const WORKER_OPTIONS: SharedWorkerOptions = {
  // A job whose process died is run again within lockDuration + stalledInterval.
  lockDuration: 10_000,
  stalledInterval: 5_000,
  maxStalledCount: 20,
  // A finished job must leave no trace, else its id could not be added again.
  removeOnComplete: { count: 0 },
  removeOnFail: { count: 0 },
  // Ceiling of the wait for news, in seconds, should a notification be lost.
  drainDelay: 5,
  // Pause after a connection error; the original 15 s would outlast the outage.
  runRetryDelay: 500,
};
