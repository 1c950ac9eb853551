/**
 * Work to do soon or at a time. Jobs are hints: the brain's tables say what is due, a job only
 * wakes the one who looks. A job may come twice, late, or (when Redis is flushed) never; the
 * reconciler of each stage adds again what its tables say is due.
 */
import type { EpochMs } from "../../protocol/index.ts";

/** Small and flat: ids of rows, no payloads. */
export type JobData = Readonly<Record<string, string | number | boolean | null>>;

export interface JobContext {
  readonly id: string;
  /** Counts from 1; more means that an earlier run died with its process. */
  readonly attempt: number;
  /** Aborted when the brain stops: finish what is in hand, begin nothing new. */
  readonly signal: AbortSignal;
}

/** A throw is logged and counted and ends the job: whether to try again is for the tables to say. */
export type JobHandler = (data: JobData, context: JobContext) => Promise<void>;

export interface NewJob {
  /**
   * While a job of this id waits, another one is ignored, its data and time included: what can be
   * moved to another time carries its generation in the id. While the job runs, one more run is
   * noted and follows, so that nothing which came in meanwhile is overlooked.
   */
  readonly id: string;
  readonly data: JobData;
  /** Not before this time; at once where absent. */
  readonly runAt?: EpochMs;
}

export interface JobCounts {
  readonly waiting: number;
  readonly active: number;
  readonly delayed: number;
  /** Throws of the handler in this process. */
  readonly failed: number;
  /** Jobs that this process finished without a throw. */
  readonly completed: number;
}

export interface Jobs {
  /** Once per name, before its first `add`. */
  define(name: string, handler: JobHandler, options: { readonly concurrency: number }): void;
  /** @throws TransientError UNAVAILABLE, quickly, while the queue cannot be reached. */
  add(name: string, job: NewJob): Promise<void>;
  /** By name of job. @throws TransientError UNAVAILABLE as `add` does. */
  counts(): Promise<ReadonlyMap<string, JobCounts>>;
  /** Lets running handlers finish (their signal is aborted), for a bounded time. */
  close(): Promise<void>;
}
