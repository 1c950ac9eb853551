/** BullMQ on PostgreSQL: in the brain's own database, in a schema of its own. */
import { createPostgresBackend, runMigrations, withBackend } from "bullmq";
import pg from "pg";
import type { Clock } from "../../protocol/index.ts";
import type { Log } from "../store/index.ts";
import type { JobBackend } from "./backend.ts";
import { Outage } from "./outage.ts";

const SCHEMA = "bullmq";
/** Each worker holds one session to listen; the rest is shared by all queues. */
const POOL_SIZE = 20;
const CONNECT_TIMEOUT_MS = 3_000;
const QUERY_TIMEOUT_MS = 10_000;
const CLOSE_TIMEOUT_MS = 5_000;
/** BullMQ would sleep up to an hour when the next delayed job is that far away. */
const MAX_BLOCK_S = 5;

type Connection = Parameters<typeof createPostgresBackend>[1]["connection"];

const { Queue, Worker } = withBackend<ReturnType<typeof createPostgresBackend>, Connection>(
  (name, options, factoryOptions) => {
    const backend = createPostgresBackend(name, options, factoryOptions);
    return Object.defineProperty(backend, "maximumBlockTimeout", { value: MAX_BLOCK_S });
  },
);

export async function openPostgresBackend(
  connectionString: string,
  clock: Clock,
  log: Log,
): Promise<JobBackend> {
  const outage = new Outage("The job queue on PostgreSQL", log);
  const pool = new pg.Pool({
    connectionString,
    application_name: "sharp-eyes jobs",
    max: POOL_SIZE,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: QUERY_TIMEOUT_MS,
    keepAlive: true,
    // Jobs are hints: a lost one is added again, so none of them waits for the disk.
    options: `-c search_path=${SCHEMA} -c synchronous_commit=off`,
  });
  pool.on("error", (error) => outage.begin(error.message));
  // A connection that breaks at work is not listened to by the pool: unheard, it ends the brain.
  pool.on("connect", (client) => {
    client.on("error", () => undefined);
  });
  const client = await pool.connect();
  try {
    await runMigrations(client, SCHEMA);
  } finally {
    client.release();
  }
  // BullMQ describes the pool it takes more loosely than pg's own types can be matched with.
  const connection = pool as unknown as Connection;
  return {
    outage,
    whenReady: (start) => start(),
    createQueue: (name) => new Queue(name, { connection }),
    createWorker: (name, processor, options) =>
      new Worker(name, processor, { ...options, connection }),
    close: async () => {
      const done = new AbortController();
      const late = clock.wait(CLOSE_TIMEOUT_MS, done.signal).catch(() => undefined);
      await Promise.race([pool.end(), late]);
      done.abort();
    },
  };
}
