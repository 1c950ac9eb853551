/** Wake-ups and derived work, on PostgreSQL or on Redis. */
export type { JobContext, JobCounts, JobData, JobHandler, Jobs, NewJob } from "./jobs.ts";
export { type OpenJobsOptions, openJobs } from "./open-jobs.ts";
