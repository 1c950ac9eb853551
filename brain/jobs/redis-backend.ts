/** BullMQ on Redis, for several brains. The brain starts and lives without it; jobs then wait. */
import { Queue, Worker } from "bullmq";
import { Redis } from "ioredis";
import type { Log } from "../store/index.ts";
import type { JobBackend } from "./backend.ts";
import { Outage } from "./outage.ts";

const MAX_RECONNECT_PAUSE_MS = 1_000;
const CONNECT_TIMEOUT_MS = 3_000;
/** A frozen Redis must not hold up the one who adds a job. */
const ADD_TIMEOUT_MS = 2_000;

const COMMON = {
  connectTimeout: CONNECT_TIMEOUT_MS,
  keepAlive: 10_000,
  retryStrategy: (times: number): number =>
    Math.min(50 * 2 ** Math.min(times, 10), MAX_RECONNECT_PAUSE_MS),
};

export function openRedisBackend(redisUrl: string, log: Log): JobBackend {
  const outage = new Outage("The job queue on Redis", log);
  // Adding fails at once while Redis is away; working waits for it to come back.
  const producer = new Redis(redisUrl, {
    ...COMMON,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: ADD_TIMEOUT_MS,
  });
  const consumer = new Redis(redisUrl, { ...COMMON, maxRetriesPerRequest: null });
  const waiting = new Set<() => void>();
  let isReady = false;
  let isClosing = false;
  producer.on("ready", () => {
    isReady = true;
    outage.end();
    for (const start of waiting) {
      start();
    }
    waiting.clear();
  });
  producer.on("close", () => {
    if (!isClosing) {
      outage.begin("the connection ended");
    }
  });
  for (const client of [producer, consumer]) {
    client.on("error", (error: Error) => outage.begin(error.message));
  }
  return {
    outage,
    whenReady: (start) => {
      if (isReady) {
        start();
      } else {
        waiting.add(start);
      }
    },
    createQueue: (name) => new Queue(name, { connection: producer, skipWaitingForReady: true }),
    createWorker: (name, processor, options) =>
      new Worker(name, processor, { ...options, connection: consumer }),
    close: () => {
      isClosing = true;
      waiting.clear();
      producer.disconnect();
      consumer.disconnect();
      return Promise.resolve();
    },
  };
}
