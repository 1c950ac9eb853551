/** Chooses where jobs live: Redis where it is configured, the brain's own database otherwise. */
import type { BrainConfig } from "../../config/index.ts";
import type { Clock } from "../../protocol/index.ts";
import type { Log } from "../store/index.ts";
import { BullJobs } from "./bull-jobs.ts";
import type { Jobs } from "./jobs.ts";
import { openPostgresBackend } from "./postgres-backend.ts";
import { openRedisBackend } from "./redis-backend.ts";

export interface OpenJobsOptions {
  readonly config: BrainConfig["jobs"];
  /** Of the brain's database; used where no Redis is configured. */
  readonly connectionString: string;
  readonly clock: Clock;
  readonly log: Log;
}

export async function openJobs({
  config,
  connectionString,
  clock,
  log,
}: OpenJobsOptions): Promise<Jobs> {
  const backend =
    config.redisUrl === undefined
      ? await openPostgresBackend(connectionString, clock, log)
      : openRedisBackend(config.redisUrl, log);
  return new BullJobs(backend, clock, log);
}
